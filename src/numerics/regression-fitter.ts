import { type Candidate, type Certificate, certificateOf, certify, FITS_PER_PASS, statusOf } from './certify.ts';
import type { FitStatus } from './fit-result.ts';
import { metricLength } from './gram.ts';
import { Partition } from './huber/partition.ts';
import { HuberPath } from './huber/path.ts';
import { HuberWitness, type Stops } from './huber/witness.ts';
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
  /** a model from which its losses are best taken, one object for all that share it; null where there is none near enough */
  readonly reference: Float64Array | null;
};

/** Newton corrections on the rows, where the solver's sums were not exact enough. */
const CORRECTIONS = 10;
/** A residual above this share of its tolerance is worth a correction. */
const CLEAR_SHARE = 0.02;

/** Ridge fits with smaller penalties lie close together, around this one. */
const SMALLEST_REFERENCE_ALPHA = 1;
const REFERENCES_PER_DECADE = 1;
/**
 * A fit is near another where predictions differ by less than this share of the residuals' size, root mean square. So few
 * rows stand elsewhere then that looking them up costs less than a pass over all rows, shared by sixteen fits.
 */
const NEAR = 0.2;

type Draft = {
  candidate: Candidate;
  ended: FitStatus;
  iterations: number;
  maxIter: number;
  /** stops of its path that are near */
  stops: Stops | null;
};
type Answer = { readonly candidate: Candidate; readonly certificate: Certificate; readonly iterations: number };
type HuberCandidate = Candidate & { readonly kind: 'huber' };

/** Fits regressions on one matrix, one after the other, and certifies them together. */
export class RegressionFitter {
  readonly data: RegressionData;
  readonly #workspace: Workspace;
  readonly #path: HuberPath;
  readonly #witness: HuberWitness;
  readonly #targets = new Map<number, TargetSums>();
  readonly #ridgeReferences = new Map<string, Float64Array>();
  /** waypoints' coefficients for targets that are not shifted */
  readonly #waypointReferences = new WeakMap<Float64Array, Float64Array>();

  /** @param arena where the fitter keeps its state for as long as it lives */
  constructor(workspace: Workspace, arena: SharedArena, data: RegressionData) {
    this.#workspace = workspace;
    this.data = data;
    this.#path = new HuberPath(workspace, arena, data);
    this.#witness = new HuberWitness(workspace, arena, data);
  }

  /** Bytes of shared memory that a fitter keeps. */
  static sizeBytes(nSamples: number, dims: number): number {
    const partitions = HuberPath.PARTITIONS + HuberWitness.PARTITIONS;
    return partitions * Partition.sizeBytes(nSamples, dims) + 8 * (dims + 4) * (dims + 5) + 2 * 64;
  }

  /**
   * Up to FITS_PER_PASS fits; each one's numbers depend on its own request alone.
   *
   * @param onFit is told of each fit as soon as it is done, the near ones while their predictions are at hand
   */
  fit(requests: readonly RegressionRequest[], onFit?: (fit: RegressionFit, index: number) => void): RegressionFit[] {
    if (requests.length > FITS_PER_PASS) throw new RangeError(`at most ${FITS_PER_PASS} fits at a time`);
    const fits: RegressionFit[] = [];
    const finish = (draft: Draft, certificate: Certificate, index: number): void => {
      const fit = this.#finish(draft, certificate);
      fits[index] = fit;
      onFit?.(fit, index);
    };
    const open: { draft: Draft; index: number }[] = [];
    requests.forEach((request, index) => {
      const draft = this.#draft(request);
      const certificate = this.#certificateNearby(draft);
      if (certificate === null) open.push({ draft, index });
      else finish(draft, certificate, index);
    });
    if (open.length > 0) {
      const candidates = open.map(({ draft }) => draft.candidate);
      const certificates = certify(this.#workspace, this.data, candidates);
      open.forEach(({ draft, index }, i) => {
        finish(draft, certificates[i]!, index);
      });
    }
    return fits;
  }

  /**
   * A Huber fit's certificate from the stops near it, where that shows clearly that the fit is solved. Where it does not,
   * the rows decide, all of them.
   */
  #certificateNearby({ candidate, stops }: Draft): Certificate | null {
    if (candidate.kind !== 'huber' || stops === null) return null;
    const targets = this.#targetsFor(candidate.clip);
    const coef = shiftedBy(candidate.coef, -targets.shift);
    const { scale, epsilon } = candidate;
    const sums = this.#witness.sumsAt(targets, stops, { coef, scale }, epsilon);
    const certificate = certificateOf(candidate, sums, null, this.data.matrix.nSamples);
    return isClear(certificate) ? certificate : null;
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
      reference: answer.certificate.absErrorSum === null ? this.#referenceFor(draft) : null,
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
      const candidate = { kind: 'ridge', coef, targets, ...shared } as const;
      return { candidate, ended: 'converged', iterations: 0, maxIter: 0, stops: null };
    }
    const { epsilon, alpha, maxIter } = regressor;
    const solution = this.#path.solve(targets, alpha, epsilon, maxIter);
    const scaleAtBound = solution.scale <= this.#path.scaleFloor(targets);
    const { scale, iterations, ended } = solution;
    const coef = shiftedBy(solution.coef, targets.shift);
    const candidate = { kind: 'huber', coef, scale, epsilon, scaleAtBound, ...shared } as const;
    const { stops } = solution;
    const isNear = stops !== null && this.#distance(solution.coef, stops.waypoint.coef) <= NEAR * scale;
    return { candidate, ended, iterations, maxIter, stops: isNear ? stops : null };
  }

  /** A model near a fit that follows from the fit's own settings, for its losses. */
  #referenceFor({ candidate, stops }: Draft): Float64Array | null {
    if (candidate.kind === 'ridge') return this.#ridgeReference(candidate);
    if (stops === null) return null;
    const { coef } = stops.waypoint;
    let reference = this.#waypointReferences.get(coef);
    if (reference === undefined) {
      reference = shiftedBy(coef, this.#targetsFor(candidate.clip).shift);
      this.#waypointReferences.set(coef, reference);
    }
    return reference;
  }

  /** Root mean square difference of two models' predictions on the fit rows. */
  #distance(a: Float64Array, b: Float64Array): number {
    const delta = a.map((value, j) => value - b[j]!);
    // Without the leverages' jitter, so that it is the data's own measure.
    return metricLength(this.data.gram, 0, delta) / Math.sqrt(this.data.matrix.nSamples);
  }

  /** The ridge fit at the nearest alpha of a fixed grid, so that a fit's reference follows from its own settings. */
  #ridgeReference({ coef, clip, alpha }: Candidate): Float64Array | null {
    const targets = this.#targetsFor(clip);
    const decades = Math.log10(Math.max(alpha, SMALLEST_REFERENCE_ALPHA));
    const nearest = 10 ** (Math.round(REFERENCES_PER_DECADE * decades) / REFERENCES_PER_DECADE);
    const key = `${clip} ${nearest}`;
    let reference = this.#ridgeReferences.get(key);
    if (reference === undefined) {
      reference = shiftedBy(solveRidge(this.#workspace, this.data, targets, nearest), targets.shift);
      this.#ridgeReferences.set(key, reference);
    }
    const rmsTarget = Math.sqrt(targets.yy / this.data.matrix.nSamples);
    this.data.span.expectNear(reference, rmsTarget);
    return this.#distance(coef, reference) <= NEAR * rmsTarget ? reference : null;
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
