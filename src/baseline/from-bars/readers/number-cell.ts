/** How numbers are written: 1,234.5 has decimal `.` and group `,`. Character codes; group 0 where there are no groups. */
export type NumberStyle = { readonly decimal: number; readonly group: number };

export const POINT = 0x2e;
export const COMMA = 0x2c;
export const PLAIN_NUMBERS: NumberStyle = { decimal: POINT, group: 0 };

/** 10^0 to 10^22, the powers of ten that a float64 holds exactly. */
export const POWERS_OF_TEN = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

/** A number of at most this many digits, and its power of ten, are exact, so that their quotient is rounded once. */
export const EXACT_DIGITS = 15;

/** Words for a value that is not there. */
const MISSING_WORDS: ReadonlySet<string> = new Set([
  '',
  'nan',
  'null',
  'none',
  'na',
  'n/a',
  '#n/a',
  '<na>',
  'nat',
  '-',
  '--',
  '\\n',
]);

export function isMissing(text: string): boolean {
  return text.length < 6 && MISSING_WORDS.has(text.toLowerCase());
}

type NumberCell = {
  value: number;
  decimals: number;
  /** value mod 1000 where the value is whole and too large to be exact, else −1. */
  lastDigits: number;
};

/** Before a price, as spreadsheets show it. */
const CURRENCY_SIGN = /^[$€£¥₿]\s*/;
const WHOLE_OR_SCIENTIFIC = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** A number as people and programs write it, with or without a currency sign; null for text that is none. */
export function parseNumberCell(text: string, style: NumberStyle): NumberCell | null {
  let plain = text.trim().replace(CURRENCY_SIGN, '');
  if (style.group !== 0) {
    const whole = style.decimal === POINT ? /^[+-]?\d[^.eE]*/.exec(plain)?.[0] : /^[+-]?\d[^,eE]*/.exec(plain)?.[0];
    if (whole !== undefined && whole.length > 3) {
      const groups = whole.split(String.fromCharCode(style.group));
      const isGrouped = groups.length > 1 && groups.slice(1).every((group) => /^\d{3}$/.test(group));
      if (isGrouped) plain = groups.join('') + plain.slice(whole.length);
    }
  }
  if (style.decimal === COMMA) {
    if (plain.includes('.')) return null;
    plain = plain.replace(',', '.');
  }
  if (!WHOLE_OR_SCIENTIFIC.test(plain)) return null;
  const point = plain.indexOf('.');
  const decimals = point < 0 ? 0 : plain.length - point - 1;
  const value = Number(plain);
  const isLargeWhole = Math.abs(value) > Number.MAX_SAFE_INTEGER && /^\d+$/.test(plain);
  return { value, decimals, lastDigits: isLargeWhole ? Number(plain.slice(-3)) : -1 };
}
