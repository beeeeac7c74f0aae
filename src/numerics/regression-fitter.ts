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

type Draft = { candidate: Candidate; ended: FitStatus; iterations: number; maxIter: number };
type Answer = { readonly candidate: Candidate; readonly certificate: Certificate; readonly iterations: number };
type HuberCandidate = Candidate & { readonly kind: 'huber' };

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

  /** The draft, if its certificate is good; else what corrections make of it, or the way that is never lost. */
  #finish(draft: Draft, certificate: Certificate): RegressionFit {
    const { candidate, iterations, ended } = draft;
    let answer: Answer = { candidate, certificate, iterations };
    if (candidate.kind === 'huber' && ended === 'converged') answer = this.#corrected(answer, candidate);
    if (candidate.kind === 'huber' && ended !== 'max-iterations' && !isSolved(answer.certificate)) {
      answer = this.#repaired(answer, candidate, draft.maxIter);
    }
    return {
      status: statusOf(answer.certificate, ended),
      coef: answer.candidate.coef,
      clip: candidate.clip,
      iterations: answer.iterations,
      certificate: answer.certificate,
      scale: answer.candidate.kind === 'huber' ? answer.candidate.scale : null,
      reference: candidate.kind === 'ridge' ? this.#ridgeReference(candidate) : null,
    };
  }

  /** A fit whose residual is not clear of its tolerance is corrected on the rows and certified again, by itself. */
  #corrected(answer: Answer, settings: HuberCandidate): Answer {
    let best = answer;
    let { coef, scale } = settings;
    const targets = this.#targetsFor(settings.clip);
    for (let round = 0; round < CORRECTIONS && !isClear(best.certificate); round += 1) {
      const { gradient, scaleGradient } = best.certificate;
      const step = this.#path.correct(
        targets,
        { coef: shiftedBy(coef, -targets.shift), scale },
        settings,
        gradient,
        settings.scaleAtBound ? 0 : scaleGradient,
      );
      coef = shiftedBy(step.coef, targets.shift);
      ({ scale } = step);
      const corrected = this.#certified({ ...settings, coef, scale }, answer.iterations);
      if (!(corrected.certificate.kktResidual < best.certificate.kktResidual)) break;
      best = corrected;
    }
    return best;
  }

  /** The best of a fit that is not solved and of what the interior-point method makes of it within the fit's limit. */
  #repaired(answer: Answer, settings: HuberCandidate, maxIter: number): Answer {
    const targets = this.#targetsFor(settings.clip);
    let best = answer;
    for (const { coef, scale, iterations } of this.#path.repair(targets, settings.alpha, settings.epsilon)) {
      const total = answer.iterations + iterations;
      if (total > maxIter) break;
      const scaleAtBound = scale <= this.#path.scaleFloor(targets);
      const candidate = { ...settings, coef: shiftedBy(coef, targets.shift), scale, scaleAtBound };
      const repaired = this.#corrected(this.#certified(candidate, total), candidate);
      if (isBetter(repaired.certificate, best.certificate)) best = repaired;
    }
    return best;
  }

  #certified(candidate: Candidate, iterations: number): Answer {
    const [certificate] = certify(this.#workspace, this.data, [candidate]);
    if (certificate === undefined) throw new Error('one fit was to be certified and none was');
    return { candidate, certificate, iterations };
  }

  #draft({ regressor, clipBps }: RegressionRequest): Draft {
    const clip = clipBound(clipBps);
    const targets = this.#targetsFor(clip);
    const shared = { clip, yy: targets.yy, alpha: regressor.alpha };
    if (regressor.kind === 'ridge') {
      const coef = shiftedBy(solveRidge(this.#workspace, this.data, targets, regressor.alpha), targets.shift);
      return { candidate: { kind: 'ridge', coef, targets, ...shared }, ended: 'converged', iterations: 0, maxIter: 0 };
    }
    const { epsilon, alpha, maxIter } = regressor;
    const solution = this.#path.solve(targets, alpha, epsilon, maxIter);
    const scaleAtBound = solution.scale <= this.#path.scaleFloor(targets);
    const { scale, iterations, ended } = solution;
    const coef = shiftedBy(solution.coef, targets.shift);
    return { candidate: { kind: 'huber', coef, scale, epsilon, scaleAtBound, ...shared }, ended, iterations, maxIter };
  }

  /** The ridge fit at the nearest alpha of a fixed grid, so that a fit's reference follows from its own settings. */
  #ridgeReference({ coef, clip, alpha }: Candidate): Reference | null {
    const targets = this.#targetsFor(clip);
    const decades = Math.log10(Math.max(alpha, SMALLEST_REFERENCE_ALPHA));
    const nearest = 10 ** (Math.round(REFERENCES_PER_DECADE * decades) / REFERENCES_PER_DECADE);
    const key = `${clip} ${nearest}`;
    let reference = this.#ridgeReferences.get(key);
    if (reference === undefined) {
      reference = shiftedBy(solveRidge(this.#workspace, this.data, targets, nearest), targets.shift);
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

/** Coefficients with the intercept moved: solvers work on targets less their mean. */
function shiftedBy(coef: Float64Array, shift: number): Float64Array {
  const out = Float64Array.from(coef);
  out[0]! += shift;
  return out;
}

function isSolved({ kktResidual, kktTolerance }: Certificate): boolean {
  return kktResidual <= kktTolerance;
}

/** A solved fit before one that is not; of two that are not, the one with the lower objective. */
function isBetter(a: Certificate, b: Certificate): boolean {
  if (isSolved(a) !== isSolved(b)) return isSolved(a);
  return isSolved(a) ? a.kktResidual < b.kktResidual : a.objective < b.objective;
}

function isClear({ kktResidual, kktTolerance }: Certificate): boolean {
  return kktResidual <= CLEAR_SHARE * kktTolerance;
}
