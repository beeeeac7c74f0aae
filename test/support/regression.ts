import type { FitStatus } from '../../src/numerics/objectives/fit-result.ts';
import type { Certificate } from '../../src/numerics/objectives/regression-objectives.ts';
import { Regressions as Fits, type RegressionFit, type RegressionRequest } from '../../src/numerics/regressions.ts';
import { buildGram, type Gram } from '../../src/numerics/rows/gram.ts';
import { type ModelRows, modelRows } from '../../src/numerics/rows/model-rows.ts';
import type { Workspace } from '../../src/numerics/workspace.ts';
import { groupedRows, type PlainGroup } from './grouped-rows.ts';
import { testWorkspace } from './shared-matrix.ts';

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
  readonly undetermined: number;
  readonly iterations: number;
  readonly certificate: Certificate;
};

/**
 * Fits regressions on one set of rows in the way the experiment does: along common stops, each answer certified on the data.
 * The stops live as long as the object, so what was fitted before could matter if it were to leave anything behind.
 */
export class Regressions {
  readonly workspace: Workspace;
  readonly model: ModelRows;
  readonly gram: Gram;
  readonly #fits: Fits;

  /**
   * @param nState how many of the features, the last ones, are told by row; the others are a group's. Rows in a row that
   *   share those and their target are a group.
   */
  constructor(data: PlainData, nState = Math.floor((data.rows[0]?.length ?? 0) / 2)) {
    const nCoef = 1 + (data.rows[0]?.length ?? 0);
    this.workspace = testWorkspace(4 + Math.ceil((data.rows.length * 200 + 80 * 8 * (nCoef + 8) ** 2) / 2 ** 20));
    const { arena } = this.workspace;
    const grouped = groupedRows(this.workspace, groupsOf(data, nState));
    this.model = modelRows(grouped, nState > 0);
    this.gram = buildGram(this.workspace, arena, this.model);
    this.#fits = new Fits(this.workspace, arena, {
      fit: { model: this.model, nDays: 1 },
      gram: this.gram,
      evaluation: [],
    });
  }

  huber({ alpha, epsilon, clipBps = 0, maxIterations = 1000 }: HuberRequest): CertifiedFit {
    return this.fit([{ regressor: { kind: 'huber', alpha, epsilon, maxIter: maxIterations }, clipBps }])[0]!;
  }

  ridge(alpha: number, clipBps = 0): CertifiedFit {
    return this.fit([{ regressor: { kind: 'ridge', alpha }, clipBps }])[0]!;
  }

  /** Any number of fits together. */
  fit(requests: readonly RegressionRequest[]): CertifiedFit[] {
    return this.#fits.fit(requests).map(certified);
  }
}

function certified({ status, coef, iterations, certificate, scale, scaleAtBound, undetermined }: RegressionFit) {
  return { status, coef, scale: scale ?? 1, scaleAtBound, undetermined, iterations, certificate };
}

/** Rows as groups: those in a row that agree in all but their last `nState` features, and in their target. */
export function groupsOf({ rows, y }: PlainData, nState: number): PlainGroup[] {
  const groups: { market: readonly number[]; states: (readonly number[])[]; target: number }[] = [];
  rows.forEach((row, i) => {
    const market = row.slice(0, row.length - nState);
    const last = groups.at(-1);
    const isSame = last?.target === y[i] && last?.market.every((value, j) => value === market[j]);
    if (last !== undefined && isSame) last.states.push(row.slice(market.length));
    else groups.push({ market, states: [row.slice(market.length)], target: y[i]! });
  });
  return groups;
}
