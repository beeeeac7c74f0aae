import {
  type Candidate,
  type Certificate,
  certificateAtBound,
  certificateOf,
} from '../objectives/regression-objectives.ts';
import type { Desk, Process } from '../processes.ts';
import { type ModelRows, packedIndex } from '../rows/model-rows.ts';
import { passScratchLength, rowArguments } from '../rows/products.ts';
import { wholeFours } from '../whole-fours.ts';
import type { Workspace } from '../workspace.ts';
import { boundConditions } from './bound-conditions.ts';

/** Fits that share one pass: enough for the multiply kernel to be limited by arithmetic and not by memory. */
export const FITS_PER_PASS = 16;

/**
 * Certifies up to FITS_PER_PASS candidates in one pass over all fit rows: objectives and gradients are computed in float64
 * from the data, and nothing that a solver has kept enters. A candidate's numbers do not depend on the others in the pass.
 */
export function certify(workspace: Workspace, model: ModelRows, candidates: readonly Candidate[]): Certificate[] {
  if (candidates.length === 0 || candidates.length > FITS_PER_PASS) {
    throw new RangeError(`certify: 1 to ${FITS_PER_PASS} candidates, got ${candidates.length}`);
  }
  return workspace.temporary((arena) => {
    const { kernels } = workspace;
    const k = wholeFours(candidates.length);
    const perFit = (value: (candidate: Candidate) => number, unused: number): number => {
      const packed = arena.float64(k).fill(unused);
      candidates.forEach((candidate, c) => {
        packed[c] = value(candidate);
      });
      return packed.byteOffset;
    };
    const coef = sideBySide(model, candidates, k, arena.float64(model.packedLength * k));
    const gradient = arena.float64(model.packedLength * k);
    const sums = arena.float64(4 * k);
    kernels.run.certifyGroups(
      ...rowArguments(workspace, model),
      kernels.at(model.rows.target),
      coef.byteOffset,
      k,
      perFit((fit) => fit.clip, 0),
      perFit((fit) => (fit.kind === 'huber' ? 1 / fit.scale : 1), 1),
      perFit((fit) => (fit.kind === 'huber' ? fit.epsilon : Infinity), Infinity),
      perFit((fit) => (fit.kind === 'huber' ? fit.epsilon * fit.scale : Infinity), Infinity),
      gradient.byteOffset,
      sums.byteOffset,
      arena.float64(passScratchLength(model, k), 'dirty').byteOffset,
    );
    return candidates.map((fit, c) => {
      const products = fit.coef.map((_, j) => gradient[packedIndex(model, j) * k + c]!);
      const [squares, absolutes, outliers, absErrorSum] = [0, 1, 2, 3].map((row) => sums[row * k + c]!);
      const found = {
        products,
        squares: squares!,
        absolutes: absolutes!,
        outliers: outliers!,
        absErrorSum: absErrorSum!,
      };
      const certificate = certificateOf(fit, found, model.nSamples);
      if (fit.kind !== 'huber' || fit.pulls === null) return certificate;
      const conditions = boundConditions(workspace, model, fit, fit.pulls);
      return certificateAtBound(fit, fit.epsilon, certificate, conditions, model.nSamples);
    });
  });
}

/** Coefficients of several fits side by side, (packedLength × k) row-major, as the multiply kernel reads them. */
export function sideBySide(
  model: ModelRows,
  fits: readonly { readonly coef: Float64Array }[],
  k: number,
  out: Float64Array<SharedArrayBuffer>,
): Float64Array<SharedArrayBuffer> {
  fits.forEach(({ coef }, c) => {
    for (let j = 0; j < coef.length; j += 1) out[packedIndex(model, j) * k + c] = coef[j]!;
  });
  return out;
}

type CertificateErrand = { readonly desk: CertificateDesk; readonly candidate: Candidate; certificate?: Certificate };

/** Certifies what processes bring, a full pass at a time where there is one. */
export class CertificateDesk implements Desk {
  readonly perPass = FITS_PER_PASS;
  readonly #workspace: Workspace;
  readonly #model: ModelRows;

  constructor(workspace: Workspace, model: ModelRows) {
    this.#workspace = workspace;
    this.#model = model;
  }

  *certificate(candidate: Candidate): Process<Certificate> {
    const errand: CertificateErrand = { desk: this, candidate };
    yield errand;
    if (errand.certificate === undefined) throw new Error('a candidate was to be certified and was not');
    return errand.certificate;
  }

  serve(errands: readonly CertificateErrand[]): void {
    this.#workspace.throwIfCancelled();
    const certificates = certify(
      this.#workspace,
      this.#model,
      errands.map(({ candidate }) => candidate),
    );
    errands.forEach((errand, i) => {
      errand.certificate = certificates[i]!;
    });
  }
}
