import type { ExperimentResult } from '../experiment/results.ts';
import { METRIC_COLUMNS, type MetricColumn, type MetricValue } from './metric-columns.ts';

/** Texts among the metrics, as the numbers that stand for them. Stores hold these: append only. */
export const METRIC_TEXTS = ['converged', 'stalled', 'max-iterations'];
const PLACES: ReadonlyMap<string, number> = new Map(METRIC_COLUMNS.map(({ name }, i) => [name, i]));
const BYTES = 8;

/** Where a metric's float64 begins in what `encodeMetrics` gives. */
export function placeOfMetric({ name }: Pick<MetricColumn, 'name'>): number {
  return PLACES.get(name)! * BYTES;
}

/** All metrics of a result, in the order of `METRIC_COLUMNS`, as float64, little-endian; what is missing is NaN. */
export function encodeMetrics(result: ExperimentResult): Uint8Array {
  const view = new DataView(new ArrayBuffer(METRIC_COLUMNS.length * BYTES));
  for (const [i, column] of METRIC_COLUMNS.entries()) {
    view.setFloat64(i * BYTES, numberOf(column.name, column.valueOf(result)), true);
  }
  return new Uint8Array(view.buffer);
}

function numberOf(name: string, value: MetricValue): number {
  if (value === null) return Number.NaN;
  if (typeof value === 'string') {
    const place = METRIC_TEXTS.indexOf(value);
    if (place < 0) throw new Error(`${name}: ${JSON.stringify(value)} is no status`);
    return place;
  }
  // JSON has neither, and NaN would be taken for what is missing.
  if (!Number.isFinite(value)) throw new Error(`${name}: ${value} is no metric`);
  return value;
}

/** Reads some metrics out of what `encodeMetrics` gives. */
export class MetricReader {
  readonly #columns: readonly { readonly at: number; readonly isText: boolean }[];

  constructor(columns: readonly MetricColumn[]) {
    this.#columns = columns.map((column) => ({ at: placeOfMetric(column), isText: column.type === 'TEXT' }));
  }

  /** @throws RangeError when the bytes are too few, or hold a text that is unknown */
  read(bytes: Uint8Array): MetricValue[] {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return this.#columns.map(({ at, isText }) => {
      const value = view.getFloat64(at, true);
      if (Number.isNaN(value)) return null;
      return isText ? textOf(value) : value;
    });
  }
}

function textOf(value: number): string {
  const text = METRIC_TEXTS[value];
  if (text === undefined) throw new RangeError(`metrics: ${value} stands for no status`);
  return text;
}
