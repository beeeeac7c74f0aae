/**
 * Makes this process an engine of another kind: the functions of Math whose last bits an engine may choose give the next
 * number above what they gave. To be loaded before everything else.
 */
const CHOSEN = ['exp', 'expm1', 'log', 'log1p', 'log2', 'log10', 'pow', 'hypot', 'cbrt', 'sin', 'cos', 'tan'] as const;
const CHOSEN_TOO = ['asin', 'acos', 'atan', 'atan2', 'sinh', 'cosh', 'tanh', 'asinh', 'acosh', 'atanh'] as const;

function nextAbove(value: number): number {
  if (!Number.isFinite(value) || value === 0) return value;
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  bits.setBigUint64(0, bits.getBigUint64(0) + 1n);
  return bits.getFloat64(0);
}

for (const name of [...CHOSEN, ...CHOSEN_TOO]) {
  const own = Math[name] as (...values: number[]) => number;
  Object.defineProperty(Math, name, { value: (...values: number[]) => nextAbove(own(...values)) });
}
if (Math.exp(1) === Math.E) throw new Error('the functions of Math are as they were');
