import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judgePass, type PassJudges } from '../../src/execution/worker-tasks.ts';
import type { ModelJudgement } from '../../src/experiment/model-judge.ts';
import type { PlannedConfiguration } from '../../src/sweep/plan.ts';

const PASS = [0.1, 1, 10].map(
  (alpha): PlannedConfiguration => ({
    id: `ridge-${alpha}`,
    configuration: {
      agesMinutes: [3],
      regressor: { kind: 'ridge', alpha, maxIter: 1000 },
      regressionTargetClipBps: 0,
      maxRowsPerSplit: 0,
    },
  }),
);

/** Each judge says which one it is, in the place of a result; `fails` says what it cannot judge. */
function numberedJudges(fails: (judge: number, pass: readonly PlannedConfiguration[]) => boolean): PassJudges {
  let judge = 1;
  return {
    judge: (pass) => {
      if (fails(judge, pass)) throw new Error(`judge ${judge}`);
      return pass.map(() => ({ result: judge, dailyLosses: null }) as unknown as ModelJudgement);
    },
    forget: () => {
      judge += 1;
    },
  };
}

function said(judges: PassJudges): unknown[] {
  return judgePass(judges, PASS, 7).map((reply) =>
    reply.kind === 'judged' ? reply.judgement.result : reply.error.message,
  );
}

describe('a pass of several configurations', () => {
  test('is judged by one judge where nothing fails', () => {
    assert.deepEqual(said(numberedJudges(() => false)), [1, 1, 1]);
  });

  test('whose judge was left broken is judged again, each configuration alone, by a judge that has nothing of it', () => {
    assert.deepEqual(said(numberedJudges((judge) => judge === 1)), [2, 2, 2]);
  });

  test('loses the configuration alone that fails by itself, and those after it have a judge of their own', () => {
    const second = numberedJudges((_judge, pass) => pass.some(({ id }) => id === 'ridge-1'));
    assert.deepEqual(said(second), [2, 'judge 2', 3]);
  });
});
