/**
 * A value as Python's `repr` prints it, since the seed's report and reasons are Python f-strings: the shortest text
 * that reads back the same float (`0.5995580295727404`, `5.0`, `1e-07`), `None` for a missing one, `[3, 5]` for a list
 * of integers. JavaScript finds the same digits; only the notation differs.
 */
export function pythonRepr(value: number | null | undefined): string {
  if (value === null || value === undefined) return 'None';
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const [mantissa = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  // Python switches to exponents below 1e-4 and from 1e16 on; JavaScript below 1e-6 and from 1e21 on.
  if (exponent < -4 || exponent >= 16) {
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  const digits = mantissa.replace('-', '').replace('.', '');
  const sign = value < 0 ? '-' : '';
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  if (digits.length <= exponent + 1) return `${sign}${digits.padEnd(exponent + 1, '0')}.0`;
  return `${sign}${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
}

/** An integer, as Python prints it: no decimal point. */
export function pythonInt(value: number): string {
  return BigInt(value).toString();
}

export function pythonIntList(values: readonly number[]): string {
  return `[${values.map(pythonInt).join(', ')}]`;
}
