import { type Dataset, partMatrix } from '../dataset/dataset.ts';
import { type Candidate, type Certificate, certify, FITS_PER_PASS, statusOf } from '../numerics/certify.ts';
import type { FitStatus } from '../numerics/fit-result.ts';
import { HuberPath } from '../numerics/huber/path.ts';
import type { SharedArena } from '../numerics/memory.ts';
import { clipBound, type RegressionData, type TargetSums, targetSums } from '../numerics/regression-data.ts';
import { solveRidge } from '../numerics/ridge.ts';
import type { Workspace } from '../numerics/workspace.ts';
import type { RegressorSettings } from './configuration.ts';
import type { FeatureSet } from './results.ts';
import { columnsOf, edgesOf, type SideContext } from './side-context.ts';

/** What a regressor's fit depends on. */
export type RegressorRequest = { readonly regressor: RegressorSettings; readonly clipBps: number };

/** A certified regressor. */
export type RegressorFit = {
  readonly status: FitStatus;
  readonly coef: Float64Array;
  readonly clip: number;
  readonly iterations: number;
  readonly certificate: Certificate;
  /** Huber's sigma, bps; null for ridge */
  readonly scale: number | null;
};

type Draft = { candidate: Candidate; ended: FitStatus; iterations: number };

/** Fits the regressors of one side and feature set, one after the other, and certifies them together. */
export class RegressorFitter {
  readonly data: RegressionData;
  readonly #workspace: Workspace;
  readonly #path: HuberPath;
  readonly #targets = new Map<number, TargetSums>();

  /** @param arena where the fitter keeps its state for as long as it lives */
  constructor(
    workspace: Workspace,
    arena: SharedArena,
    dataset: Dataset,
    context: SideContext,
    featureSet: FeatureSet,
  ) {
    const { values, jitter } = context.leverages[featureSet];
    this.#workspace = workspace;
    this.data = {
      matrix: partMatrix(dataset, dataset.parts[context.side]![0]!),
      columns: columnsOf(dataset, featureSet),
      gram: context.gram,
      y: edgesOf(dataset, context.side, 0),
      leverage: values,
      leverageJitter: jitter,
    };
    this.#path = new HuberPath(workspace, arena, this.data);
  }

  /** Up to FITS_PER_PASS fits; each one's numbers depend on its own request alone. */
  fit(requests: readonly RegressorRequest[]): RegressorFit[] {
    if (requests.length > FITS_PER_PASS) throw new RangeError(`at most ${FITS_PER_PASS} fits at a time`);
    const drafts = requests.map((request) => this.#draft(request));
    const certificates = certify(
      this.#workspace,
      this.data,
      drafts.map((draft) => draft.candidate),
    );
    return drafts.map((draft, i) => ({
      status: statusOf(certificates[i]!, draft.ended),
      coef: draft.candidate.coef,
      clip: draft.candidate.clip,
      iterations: draft.iterations,
      certificate: certificates[i]!,
      scale: draft.candidate.kind === 'huber' ? draft.candidate.scale : null,
    }));
  }

  #draft({ regressor, clipBps }: RegressorRequest): Draft {
    const clip = clipBound(clipBps);
    const targets = this.#targetsFor(clip);
    const shared = { clip, yy: targets.yy, alpha: regressor.alpha };
    if (regressor.kind === 'ridge') {
      const coef = solveRidge(this.#workspace, this.data, targets, regressor.alpha);
      coef[0]! += targets.shift;
      return { candidate: { kind: 'ridge', coef, targets, ...shared }, ended: 'converged', iterations: 0 };
    }
    const { epsilon, alpha, maxIter } = regressor;
    const solution = this.#path.solve(targets, alpha, epsilon, maxIter);
    const scaleAtBound = solution.scale <= this.#path.scaleFloor(targets);
    const { scale, iterations, ended } = solution;
    const coef = Float64Array.from(solution.coef);
    coef[0]! += targets.shift;
    return { candidate: { kind: 'huber', coef, scale, epsilon, scaleAtBound, ...shared }, ended, iterations };
  }

  #targetsFor(clip: number): TargetSums {
    let targets = this.#targets.get(clip);
    if (targets === undefined) {
      targets = targetSums(this.#workspace, this.data, clip);
      this.#targets.set(clip, targets);
    }
    return targets;
  }
}
