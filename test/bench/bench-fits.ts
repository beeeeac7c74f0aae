import { join } from 'node:path';
import { SIDES } from '../../src/baseline/splits.ts';
import { type Configuration, DEFAULTS } from '../../src/experiment/configuration.ts';
import { ConfigurationJudge, type Judgement } from '../../src/experiment/judge.ts';
import { FEATURE_SETS, MODEL_KEYS } from '../../src/experiment/results.ts';
import type { Kernels } from '../../src/numerics/kernels/load.ts';
import { MoveDesk } from '../../src/numerics/solvers/huber/lockstep.ts';
import { openVerdictStore } from '../../src/store/open-verdict-store.ts';
import { canonicalConfiguration, configurationId } from '../../src/sweep/configuration-id.ts';
import { SYNTHETIC_RUN } from '../store/synthetic.ts';
import type { Workbench } from './workbench.ts';

export type PartRow = { part: string; msPerConfiguration: number; msPerFit: number; note: string };

const ALPHAS = Array.from({ length: 20 }, (_, i) => 10 ** (-4 + (4 * i) / 19));
const EPSILONS = Array.from({ length: 10 }, (_, i) => 1.1 + 0.1 * i);

/** Kernels by what they do for a fit. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  'moves: where rows stand, and the sums of those that change': ['moveGroups'],
  'sums under another clip': ['changeClip'],
  'cold starts': ['groupDots', 'groupTransposedVector', 'groupGram'],
  solves: ['choleskyFactor', 'choleskySolve', 'symmetricProduct'],
  'certificates and losses on the fit split': ['certifyGroups'],
  'losses on the other splits': ['evaluateGroups'],
};

/**
 * Where the time of a Huber configuration goes, on one thread: a grid of 200 configurations of one clip, every kernel
 * under a stopwatch, and their verdicts stored.
 */
export async function benchFits(bench: Workbench, folder: string): Promise<PartRow[]> {
  const { workspace, dataset, contexts, featureOrder } = bench;
  const configurations = [...EPSILONS.filter((epsilon) => epsilon >= 1.3), 1.2, 1.1].flatMap((epsilon) =>
    ALPHAS.map((alpha) => configurationOf(alpha, epsilon)),
  );
  const moves = countMoves();
  const spent = stopwatch(workspace.kernels);
  const started = performance.now();
  const judge = new ConfigurationJudge(workspace, workspace.arena, dataset, contexts, featureOrder);
  const judgements = judge.judge(configurations);
  const allMs = performance.now() - started;
  const { rows, changed } = moves.end();
  const kernelMs = spent.end();
  const storeMs = await storing(configurations, judgements, join(folder, 'parts.db'));

  const fits = configurations.length * MODEL_KEYS.length;
  const row = (part: string, ms: number, note: string): PartRow => ({
    part,
    msPerConfiguration: ms / configurations.length,
    msPerFit: ms / fits,
    note,
  });
  const parts = Object.entries(PARTS).map(([part, names]) => {
    const ms = names.reduce((sum, name) => sum + (kernelMs.get(name) ?? 0), 0);
    return row(part, ms, part.startsWith('moves') ? `${Math.round(changed / fits)} rows changed their sign a fit` : '');
  });
  const inParts = parts.reduce((sum, { msPerConfiguration }) => sum + msPerConfiguration, 0) * configurations.length;
  const note = `${(rows / fits).toFixed(1)} Newton steps a fit, stops on the way included`;
  return [
    ...parts,
    row('everything else', allMs - inParts, note),
    row('the whole', allMs, `${configurations.length} configurations of ${SIDES.length * FEATURE_SETS.length} fits`),
    row('storing the verdict (on the main thread)', storeMs, ''),
  ];
}

/** Puts a stopwatch around every kernel until `end`. */
function stopwatch(kernels: Kernels): { end(): Map<string, number> } {
  const spent = new Map<string, number>();
  const { run } = kernels;
  const timed = Object.fromEntries(
    Object.entries(run).map(([name, kernel]) => [
      name,
      (...args: number[]) => {
        const started = performance.now();
        const result = Reflect.apply(kernel, run, args);
        spent.set(name, (spent.get(name) ?? 0) + performance.now() - started);
        return result;
      },
    ]),
  );
  Object.assign(kernels, { run: timed });
  return {
    end: () => {
      Object.assign(kernels, { run });
      return spent;
    },
  };
}

/** Counts moves of partitions, and rows that change their sign in them, until `end`. */
function countMoves(): { end(): { rows: number; changed: number } } {
  const { serve } = MoveDesk.prototype;
  let rows = 0;
  let changed = 0;
  MoveDesk.prototype.serve = function counted(moves) {
    serve.call(this, moves);
    rows += moves.length;
    for (const move of moves) changed += move.changed;
  };
  return {
    end: () => {
      MoveDesk.prototype.serve = serve;
      return { rows, changed };
    },
  };
}

/** Milliseconds to store these verdicts in a store of their own. */
async function storing(
  configurations: readonly Configuration[],
  judgements: readonly Judgement[],
  path: string,
): Promise<number> {
  await using store = await openVerdictStore(path, { mode: 'write' });
  const datasetHash = '0'.repeat(64);
  const records = configurations.map((configuration) => ({
    id: configurationId(configuration),
    configuration,
    canonical: canonicalConfiguration(configuration),
  }));
  const runId = await store.beginRun({ ...SYNTHETIC_RUN, configurations: records });
  const selection = { agesMinutes: DEFAULTS.agesMinutes, maxRowsPerSplit: 0 };
  await store.datasetBuilt(runId, selection, { contentHash: datasetHash, rowCount: 1 });
  const started = performance.now();
  await store.record(
    runId,
    judgements.map(({ result, verdict, dailyLosses }, i) => ({
      kind: 'completed',
      configurationId: records[i]!.id,
      datasetHash,
      durationMs: 1,
      result,
      verdict,
      dailyLosses,
    })),
  );
  return performance.now() - started;
}

function configurationOf(alpha: number, epsilon: number): Configuration {
  return {
    agesMinutes: DEFAULTS.agesMinutes,
    regressor: { kind: 'huber', alpha, epsilon, maxIter: DEFAULTS.huberMaxIter },
    regressionTargetClipBps: 0,
    maxRowsPerSplit: 0,
  };
}
