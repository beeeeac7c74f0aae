import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { CollectedModels, type SentJudgement } from '../../src/execution/collected-models.ts';
import type { Judgement } from '../../src/experiment/judge.ts';
import { MODELS } from '../../src/experiment/model-judge.ts';
import { tinyJudgements } from '../support/tiny-judgements.ts';

const KEYS = MODELS.map(({ key }) => key);

let whole: Judgement;

before(async () => {
  const { judgements } = await tinyJudgements();
  whole = judgements[0]!;
});

function modelOf(key: (typeof KEYS)[number]): SentJudgement {
  return { result: whole.result[key], dailyLosses: whole.dailyLosses.filter(({ modelKey }) => modelKey === key) };
}

describe("a configuration's outcome", () => {
  for (const order of [KEYS, [...KEYS].reverse()]) {
    test(`is there with the last of its models, in whatever order they come (${order[0]} first)`, () => {
      const collected = new CollectedModels('a-hash');
      order.forEach((key, i) => {
        assert.equal(collected.has('one', key), false);
        const outcome = collected.add('one', key, modelOf(key), 2);
        if (i < 3) assert.equal(outcome, null);
        else {
          const { result, verdict, dailyLosses } = whole;
          const judged = { result, verdict, dailyLosses };
          assert.deepEqual(outcome, {
            kind: 'completed',
            configurationId: 'one',
            datasetHash: 'a-hash',
            durationMs: 8,
            ...judged,
          });
        }
        assert.equal(collected.has('one', key), true);
      });
    });
  }

  test('is the failure of the first of its models that fails; what comes after that is nothing', () => {
    const collected = new CollectedModels('a-hash');
    const error = { name: 'BatchLost', message: 'worker lost' };
    assert.equal(collected.add('one', KEYS[0]!, modelOf(KEYS[0]!), 1), null);
    assert.deepEqual(collected.fail('one', error, 2, 0), {
      kind: 'failed',
      configurationId: 'one',
      datasetHash: 'a-hash',
      durationMs: 0,
      attempts: 2,
      error,
    });
    assert.equal(collected.has('one', KEYS[3]!), true);
    assert.equal(collected.fail('one', { ...error, message: 'another' }, 2, 0), null);
    for (const key of KEYS) assert.equal(collected.add('one', key, modelOf(key), 1), null);
  });

  test('does not count a model twice', () => {
    const collected = new CollectedModels('a-hash');
    for (let i = 0; i < 4; i += 1) assert.equal(collected.add('one', KEYS[0]!, modelOf(KEYS[0]!), 1), null);
  });
});
