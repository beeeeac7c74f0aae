import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { storedFeatureOrder } from '../../src/execution/reproduce.ts';
import type { StoredRun } from '../../src/store/records.ts';
import { UserError } from '../../src/user-error.ts';
import { SYNTHETIC_RUN } from '../store/synthetic.ts';

function outcomeWith(featureOrder: string | null) {
  const { replaces: _, configurations: _none, ...begun } = SYNTHETIC_RUN;
  const run: StoredRun = {
    ...begun,
    runId: '01234567-89ab-4cde-8f01-23456789abcd',
    configurationCount: 1,
    outcome: 'finished',
    reason: null,
    finishedAt: null,
    options: { featureOrder },
  };
  return { configurationId: 'abc', run };
}

test('a feature order that a store names is read only below the data root', () => {
  const below = join('data', 'orders', 'mine.json');
  assert.equal(storedFeatureOrder(outcomeWith(below), 'data'), below);
  assert.equal(storedFeatureOrder(outcomeWith(null), 'data'), undefined);
  for (const elsewhere of [
    join('data', '..', 'secret.json'),
    join('/', 'etc', 'passwd'),
    'data-of-others/order.json',
  ]) {
    assert.throws(
      () => storedFeatureOrder(outcomeWith(elsewhere), 'data'),
      (error) =>
        error instanceof UserError &&
        /does not lie below data\. Name the file with --feature-order/.test(error.message),
    );
  }
});
