import { MODEL_KEYS, type ModelKey } from '../experiment/results.ts';
import type { ShownResult } from './shown-result.ts';

/** A fit that did not end at the optimum of its problem. */
export type UnconvergedFit = {
  readonly model: ModelKey;
  readonly fit: 'regressor' | 'classifier';
  readonly status: 'stalled' | 'max-iterations';
};

const FITS = MODEL_KEYS.flatMap((model) => (['regressor', 'classifier'] as const).map((fit) => ({ model, fit })));
/** A fit's status as two bits of a number. Stores hold these: append only. */
const STATUSES = ['converged', 'stalled', 'max-iterations'] as const;
const BITS_PER_FIT = 2;

/** Those of the eight fits of a result that did not converge. */
export function unconvergedFitsOf(result: ShownResult): UnconvergedFit[] {
  return FITS.flatMap(({ model, fit }) => {
    const status = fit === 'regressor' ? result[model].regressor_status : result[model].classifier_status;
    return status === 'converged' ? [] : [{ model, fit, status }];
  });
}

/** As one number: 0 where all converged. */
export function fitStatusBits(unconverged: readonly UnconvergedFit[]): number {
  let bits = 0;
  for (const { model, fit, status } of unconverged) {
    const place = FITS.findIndex((known) => known.model === model && known.fit === fit);
    bits += STATUSES.indexOf(status) * 2 ** (BITS_PER_FIT * place);
  }
  return bits;
}

/** @throws RangeError when the number is none that `fitStatusBits` gives */
export function unconvergedFromBits(bits: number): readonly UnconvergedFit[] {
  if (bits === 0) return NONE;
  if (!Number.isInteger(bits) || bits < 0 || bits >= 2 ** (BITS_PER_FIT * FITS.length)) {
    throw new RangeError(`fit statuses: ${bits} is out of range`);
  }
  return FITS.flatMap((fit, place) => {
    const status = STATUSES[(bits >> (BITS_PER_FIT * place)) & 3];
    if (status === undefined) throw new RangeError(`fit statuses: ${bits} has one that is unknown`);
    return status === 'converged' ? [] : [{ ...fit, status }];
  });
}

const NONE: readonly UnconvergedFit[] = [];

/** Of a fit that did not converge: whether the gates against it are easier to pass for that. */
export function easesGates({ model }: Pick<UnconvergedFit, 'model'>): boolean {
  return model.endsWith('market_only');
}

/** The bits of `fitStatusBits` that are 0 where no such fit is among them. */
export const EASED_GATES_BITS = FITS.reduce((bits, fit, place) => {
  return easesGates(fit) ? bits + 3 * 2 ** (BITS_PER_FIT * place) : bits;
}, 0);
