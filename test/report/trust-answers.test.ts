import assert from 'node:assert/strict';
import { test } from 'node:test';
import { moreDaysText } from '../../src/report/trust-answers.ts';

test('how many times the days a pass needs is said of both sides', () => {
  assert.equal(moreDaysText(['15', '180']), 'that needs about 15 and 180 times the days');
});

test('a side without anything to spare is named: no number of days is asked for it', () => {
  assert.equal(
    moreDaysText([null, '12']),
    'that needs about 12 times the days (short); long has nothing to spare, which no number of days would settle',
  );
  assert.equal(
    moreDaysText(['3', null]),
    'that needs about 3 times the days (long); short has nothing to spare, which no number of days would settle',
  );
  assert.equal(moreDaysText([null, null]), 'nothing to spare on either side, which no number of days would settle');
});
