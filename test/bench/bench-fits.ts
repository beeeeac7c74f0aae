import { partMatrix } from '../../src/dataset/dataset.ts';
import { type Configuration, DEFAULTS } from '../../src/experiment/configuration.ts';
import { CONFIGURATIONS_PER_PASS, ConfigurationJudge } from '../../src/experiment/judge.ts';
import { MODEL_KEYS } from '../../src/experiment/results.ts';
import { columnsOf, edgesOf } from '../../src/experiment/side-context.ts';
import { certify } from '../../src/numerics/certify.ts';
import { HuberPath } from '../../src/numerics/huber/path.ts';
import { clipBound, type RegressionData, targetSums } from '../../src/numerics/regression-data.ts';
import type { Workbench } from './workbench.ts';

export type PartRow = { part: string; ms: number; note: string };

const ALPHAS = Array.from({ length: 16 }, (_, i) => 10 ** (-4 + (4 * i) / 15));
const EPSILONS = [1.2, 1.4, 1.6, 1.8];

/** Where the time of a Huber configuration goes: solving, certifying, and the rest (evaluation and bookkeeping). */
export function benchFits(bench: Workbench): PartRow[] {
  const { workspace, dataset, contexts, featureOrder } = bench;
  const configurations = EPSILONS.flatMap((epsilon) => ALPHAS.map((alpha) => configurationOf(alpha, epsilon)));
  const count = configurations.length;
  let solveMs = 0;
  let certifyMs = 0;
  let steps = 0;
  for (const context of contexts) {
    for (const featureSet of ['market_only', 'market_plus_state'] as const) {
      workspace.temporary((arena) => {
        const { values, jitter } = context.leverages[featureSet];
        const data: RegressionData = {
          matrix: partMatrix(dataset, dataset.parts[context.side]![0]!),
          columns: columnsOf(dataset, featureSet),
          gram: context.gram,
          y: edgesOf(dataset, context.side, 0),
          leverage: values,
          leverageJitter: jitter,
        };
        const started = performance.now();
        const path = new HuberPath(workspace, arena, data);
        const targets = targetSums(workspace, data, clipBound(0));
        const fits = configurations.map(({ regressor }) => {
          const epsilon = regressor.kind === 'huber' ? regressor.epsilon : 0;
          const solution = path.solve(targets, regressor.alpha, epsilon, regressor.maxIter);
          steps += solution.iterations;
          return {
            kind: 'huber' as const,
            epsilon,
            alpha: regressor.alpha,
            clip: Infinity,
            yy: targets.yy,
            scaleAtBound: false,
            ...solution,
          };
        });
        solveMs += performance.now() - started;
        const solved = performance.now();
        for (let i = 0; i < count; i += CONFIGURATIONS_PER_PASS) {
          certify(workspace, data, fits.slice(i, i + CONFIGURATIONS_PER_PASS));
        }
        certifyMs += performance.now() - solved;
      });
    }
  }
  const judge = new ConfigurationJudge(workspace, workspace.arena, dataset, contexts, featureOrder);
  const started = performance.now();
  for (let i = 0; i < count; i += CONFIGURATIONS_PER_PASS)
    judge.judge(configurations.slice(i, i + CONFIGURATIONS_PER_PASS));
  const allMs = performance.now() - started;
  const fitsPerConfiguration = MODEL_KEYS.length;
  return [
    {
      part: 'solving (with its share of waypoints and stations)',
      ms: solveMs / count,
      note: `${(steps / count / fitsPerConfiguration).toFixed(1)} Newton steps along a fit's whole path`,
    },
    { part: 'certificates and fit losses', ms: certifyMs / count, note: `${CONFIGURATIONS_PER_PASS} fits a pass` },
    {
      part: 'evaluation on three splits and the rest',
      ms: Math.max(0, (allMs - solveMs - certifyMs) / count),
      note: 'the whole less the two',
    },
    { part: 'the whole configuration', ms: allMs / count, note: `${count} configurations` },
  ];
}

function configurationOf(alpha: number, epsilon: number): Configuration {
  return {
    agesMinutes: DEFAULTS.agesMinutes,
    regressor: { kind: 'huber', alpha, epsilon, maxIter: DEFAULTS.huberMaxIter },
    regressionTargetClipBps: 0,
    maxRowsPerSplit: 0,
  };
}
