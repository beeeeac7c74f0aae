import { type Candidate, type Certificate, certify, FITS_PER_PASS, statusOf } from './certify.ts';
import type { FitStatus } from './fit-result.ts';
import { metricLength } from './gram.ts';
import { HuberPath } from './huber/path.ts';
import type { Reference } from './loss-evaluator.ts';
import type { SharedArena } from './memory.ts';
import { clipBound, type RegressionData, type TargetSums, targetSums } from './regression-data.ts';
import { solveRidge } from './ridge.ts';
import type { Workspace } from './workspace.ts';

/** What a regressor's fit depends on, beside the data. */
export type RegressionRequest = {
  readonly regressor:
    | { readonly kind: 'huber'; readonly alpha: number; readonly epsilon: number; readonly maxIter: number }
    | { readonly kind: 'ridge'; readonly alpha: number };
  /** clip of targets and predictions; 0: none */
  readonly clipBps: number;
};

/** A certified regression. */
export type RegressionFit = {
  readonly status: FitStatus;
  readonly coef: Float64Array;
  readonly clip: number;
  readonly iterations: number;
  readonly certificate: Certificate;
  /** Huber's sigma, bps; null for ridge */
  readonly scale: number | null;
  /** a model from which its losses are best taken, null where there is none near enough */
  readonly reference: Reference | null;
};

/** Newton corrections on the rows, where the solver's sums were not exact enough. */
const CORRECTIONS = 10;
/** A residual above this share of its tolerance is worth a correction. */
const CLEAR_SHARE = 0.02;

/** Ridge fits with smaller penalties lie close together, around this one. */
const SMALLEST_REFERENCE_ALPHA = 1;
const REFERENCES_PER_DECADE = 2;
/**
 * A fit is near where the typical bound on a row's move, distance·√(nCoef/n), is below this share of the targets' size. Then
 * about one row in twelve has to be read, at which a pass over all rows, shared by sixteen fits, would cost the same.
 */
const NEAR = 1 / 10;

type Draft = { candidate: Candidate; ended: FitStatus; iterations: number };

/** Fits regressions on one matrix, one after the other, and certifies them together. */
export class RegressionFitter {
  readonly data: RegressionData;
  readonly #workspace: Workspace;
  readonly #path: HuberPath;
  readonly #targets = new Map<number, TargetSums>();
  readonly #ridgeReferences = new Map<string, Float64Array>();

  /** @param arena where the fitter keeps its state for as long as it lives */
  constructor(workspace: Workspace, arena: SharedArena, data: RegressionData) {
    this.#workspace = workspace;
    this.data = data;
    this.#path = new HuberPath(workspace, arena, data);
  }

  /** Up to FITS_PER_PASS fits; each one's numbers depend on its own request alone. */
  fit(requests: readonly RegressionRequest[]): RegressionFit[] {
    if (requests.length > FITS_PER_PASS) throw new RangeError(`at most ${FITS_PER_PASS} fits at a time`);
    const drafts = requests.map((request) => this.#draft(request));
    const certificates = certify(
      this.#workspace,
      this.data,
      drafts.map((draft) => draft.candidate),
    );
    return drafts.map((draft, i) => this.#finish(draft, certificates[i]!));
  }

  /** A fit whose residual is not clear of its tolerance is corrected on the rows and certified again, by itself. */
  #finish(draft: Draft, certificate: Certificate): RegressionFit {
    let best = { candidate: draft.candidate, certificate };
    for (let round = 0; round < CORRECTIONS && draft.ended === 'converged' && !isClear(best.certificate); round += 1) {
      const { candidate } = best;
      if (candidate.kind !== 'huber') break;
      const targets = this.#targetsFor(candidate.clip);
      const shifted = Float64Array.from(candidate.coef);
      shifted[0]! -= targets.shift;
      const { gradient, scaleGradient } = best.certificate;
      const { scale, coef } = this.#path.correct(
        targets,
        { coef: shifted, scale: candidate.scale },
        candidate,
        gradient,
        candidate.scaleAtBound ? 0 : scaleGradient,
      );
      coef[0]! += targets.shift;
      const corrected = { ...candidate, coef, scale };
      const [again] = certify(this.#workspace, this.data, [corrected]);
      if (again === undefined || !(again.kktResidual < best.certificate.kktResidual)) break;
      best = { candidate: corrected, certificate: again };
    }
    const { candidate } = best;
    return {
      status: statusOf(best.certificate, draft.ended),
      coef: candidate.coef,
      clip: candidate.clip,
      iterations: draft.iterations,
      certificate: best.certificate,
      scale: candidate.kind === 'huber' ? candidate.scale : null,
      reference: candidate.kind === 'ridge' ? this.#ridgeReference(candidate) : null,
    };
  }

  #draft({ regressor, clipBps }: RegressionRequest): Draft {
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

  /** The ridge fit at the nearest alpha of a fixed grid, so that a fit's reference follows from its own settings. */
  #ridgeReference({ coef, clip, alpha }: Candidate): Reference | null {
    const targets = this.#targetsFor(clip);
    const decades = Math.log10(Math.max(alpha, SMALLEST_REFERENCE_ALPHA));
    const nearest = 10 ** (Math.round(REFERENCES_PER_DECADE * decades) / REFERENCES_PER_DECADE);
    const key = `${clip} ${nearest}`;
    let reference = this.#ridgeReferences.get(key);
    if (reference === undefined) {
      reference = solveRidge(this.#workspace, this.data, targets, nearest);
      reference[0]! += targets.shift;
      this.#ridgeReferences.set(key, reference);
    }
    const from = reference;
    const { gram, leverageJitter, columns } = this.data;
    const delta = coef.map((value, j) => value - from[j]!);
    // Without the jitter, so that it is the same way whether leverages were measured or not.
    const isNear = metricLength(gram, 0, delta) * Math.sqrt(columns.nCoef) <= NEAR * Math.sqrt(targets.yy);
    return isNear ? { coef: reference, distance: metricLength(gram, leverageJitter, delta) } : null;
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

function isClear({ kktResidual, kktTolerance }: Certificate): boolean {
  return kktResidual <= CLEAR_SHARE * kktTolerance;
}
