import type { Certificate } from '../../src/numerics/certify.ts';
import { modelColumns } from '../../src/numerics/design-matrix.ts';
import type { FitStatus } from '../../src/numerics/fit-result.ts';
import { buildGram, measureLeverages } from '../../src/numerics/gram.ts';
import { PredictionSpan } from '../../src/numerics/prediction-span.ts';
import { clipBound, type RegressionData, targetSums } from '../../src/numerics/regression-data.ts';
import { RegressionFitter, type RegressionRequest } from '../../src/numerics/regression-fitter.ts';
import type { Workspace } from '../../src/numerics/workspace.ts';
import { designMatrix, float32In, testWorkspace } from './shared-matrix.ts';

/** So large that no prediction is known before it is read. Finite, since 0·∞ is not a number. */
const UNKNOWN_LEVERAGE = 1e30;

/** Plain rows of features, without the leading 1, and their targets; all float32 values. */
export type PlainData = { readonly rows: readonly (readonly number[])[]; readonly y: readonly number[] };

export type HuberRequest = {
  readonly alpha: number;
  readonly epsilon: number;
  /** 0: no clip */
  readonly clipBps?: number;
  readonly maxIterations?: number;
};

export type CertifiedFit = {
  readonly status: FitStatus;
  /** (nCoef) intercept first */
  readonly coef: Float64Array;
  /** Huber's sigma; 1 for ridge */
  readonly scale: number;
  readonly scaleAtBound: boolean;
  readonly iterations: number;
  readonly certificate: Certificate;
};

/**
 * Fits regressions on one set of rows in the way the experiment does: Huber along one path, each answer certified on the
 * data. The path lives as long as the object, so what was fitted before could matter if it were to leave anything behind.
 */
export class Regressions {
  readonly workspace: Workspace;
  readonly data: RegressionData;
  readonly #fitter: RegressionFitter;

  constructor({ rows, y }: PlainData, leverages: 'measured' | 'unknown' = 'unknown') {
    const nFeatures = rows[0]?.length ?? 0;
    const columns = modelColumns(nFeatures);
    const perRow = 64 * columns.dims + 400;
    this.workspace = testWorkspace(2 + Math.ceil((rows.length * perRow + 200 * columns.dims ** 2) / 2 ** 20));
    const { arena } = this.workspace;
    const matrix = designMatrix(this.workspace, rows);
    const gram = buildGram(this.workspace, arena, matrix, columns.dims);
    const leverage = arena.float32(rows.length + 4);
    let leverageJitter = 0;
    if (leverages === 'unknown') leverage.fill(UNKNOWN_LEVERAGE);
    else leverageJitter = measureLeverages(this.workspace, matrix, gram, columns.nCoef, leverage);
    const rowsSpanned = { matrix, columns, gram, leverage, leverageJitter };
    const span = new PredictionSpan(this.workspace, arena, rowsSpanned);
    this.data = { matrix, columns, gram, y: float32In(this.workspace, y), span };
    this.#fitter = new RegressionFitter(this.workspace, arena, this.data);
  }

  huber({ alpha, epsilon, clipBps = 0, maxIterations = 1000 }: HuberRequest): CertifiedFit {
    return this.#fit({ kind: 'huber', alpha, epsilon, maxIter: maxIterations }, clipBps);
  }

  ridge(alpha: number, clipBps = 0): CertifiedFit {
    return this.#fit({ kind: 'ridge', alpha }, clipBps);
  }

  #fit(regressor: RegressionRequest['regressor'], clipBps: number): CertifiedFit {
    const [fit] = this.#fitter.fit([{ regressor, clipBps }]);
    if (fit === undefined) throw new Error('one fit was asked for and none made');
    const targets = targetSums(this.workspace, this.data, clipBound(clipBps));
    const floor = Math.max(1e-6 * Math.sqrt(targets.yy / this.data.matrix.nSamples), 1e-12);
    const scale = fit.scale ?? 1;
    const scaleAtBound = fit.scale !== null && fit.scale <= floor;
    const { status, coef, iterations, certificate } = fit;
    return { status, coef, scale, scaleAtBound, iterations, certificate };
  }
}
