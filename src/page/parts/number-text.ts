/** How the page writes numbers: a true minus sign, thousands apart, a dash where there is none. */

const NONE = '–';

/** @param digits after the point */
export function fixed(value: number | null | undefined, digits: number): string {
  return isKnown(value) ? minus(value.toFixed(digits)) : NONE;
}

/** With its sign: `+0.0021`, `−0.0115`. */
export function signed(value: number | null | undefined, digits = 4): string {
  if (!isKnown(value)) return NONE;
  return value < 0 ? minus(value.toFixed(digits)) : `+${value.toFixed(digits)}`;
}

/** `1,140`. */
export function whole(value: number | null | undefined): string {
  return isKnown(value) ? minus(String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',')) : NONE;
}

/** `92 %`; below ten percent with one digit more. */
export function percent(share: number | null | undefined): string {
  if (!isKnown(share)) return NONE;
  return `${(100 * share).toFixed(Math.abs(share) < 0.0995 ? 1 : 0)} %`;
}

/** `<0.001` in place of zeros. */
export function chance(value: number | null | undefined): string {
  if (!isKnown(value)) return NONE;
  return value < 0.001 ? '<0.001' : value.toFixed(3);
}

export function isKnown(value: number | null | undefined): value is number {
  return value !== null && value !== undefined && !Number.isNaN(value);
}

function minus(text: string): string {
  return text.replace('-', '−');
}
