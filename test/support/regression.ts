import { type Candidate, type Certificate, certify, statusOf } from '../../src/numerics/certify.ts';
import { modelColumns } from '../../src/numerics/design-matrix.ts';
import type { FitStatus } from '../../src/numerics/fit-result.ts';
import { buildGram, leaveLeveragesUnknown, measureLeverages } from '../../src/numerics/gram.ts';
import { HuberPath } from '../../src/numerics/huber/path.ts';
import { clipBound, type RegressionData, targetSums } from '../../src/numerics/regression-data.ts';
import { solveRidge } from '../../src/numerics/ridge.ts';
import type { Workspace } from '../../src/numerics/workspace.ts';
import { designMatrix, float32In, testWorkspace } from './shared-matrix.ts';

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
  readonly #path: HuberPath;

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
    if (leverages === 'unknown') leaveLeveragesUnknown(leverage);
    else leverageJitter = measureLeverages(this.workspace, matrix, gram, columns.nCoef, leverage);
    this.data = { matrix, columns, gram, y: float32In(this.workspace, y), leverage, leverageJitter };
    this.#path = new HuberPath(this.workspace, arena, this.data);
  }

  huber({ alpha, epsilon, clipBps = 0, maxIterations = 1000 }: HuberRequest): CertifiedFit {
    const clip = clipBound(clipBps);
    const targets = targetSums(this.workspace, this.data, clip);
    const { scale, iterations, ended, ...solution } = this.#path.solve(targets, alpha, epsilon, maxIterations);
    const coef = shifted(solution.coef, targets.shift);
    const scaleAtBound = scale <= this.#path.scaleFloor(targets);
    const shared = { kind: 'huber', clip, yy: targets.yy } as const;
    const certificate = this.#certify({ ...shared, coef, alpha, epsilon, scale, scaleAtBound });
    return { status: statusOf(certificate, ended), coef, scale, scaleAtBound, iterations, certificate };
  }

  ridge(alpha: number, clipBps = 0): CertifiedFit {
    const clip = clipBound(clipBps);
    const targets = targetSums(this.workspace, this.data, clip);
    const coef = shifted(solveRidge(this.workspace, this.data, targets, alpha), targets.shift);
    const certificate = this.#certify({ kind: 'ridge', coef, clip, yy: targets.yy, alpha, targets });
    const status = statusOf(certificate, 'converged');
    return { status, coef, scale: 1, scaleAtBound: false, iterations: 0, certificate };
  }

  #certify(candidate: Candidate): Certificate {
    const [certificate] = certify(this.workspace, this.data, [candidate]);
    if (certificate === undefined) throw new Error('one candidate was given and none certified');
    return certificate;
  }
}

/** Solvers work on targets less their mean, which is added to the intercept at the end. */
function shifted(coef: Float64Array, shift: number): Float64Array {
  return coef.map((value, j) => (j === 0 ? value + shift : value));
}
