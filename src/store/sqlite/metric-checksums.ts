import { METRIC_GROUPS, type MetricColumn, type MetricGroup, type MetricValue } from '../metric-columns.ts';
import type { Row } from './connection.ts';
import { addNumber, addText, CHECKSUM_START, checksumOf } from './row-checksum.ts';
import { DamagedValue } from './sqlite-errors.ts';
import { asMetric } from './values.ts';

/**
 * Of the metrics of one group. The verdict's own checksum goes in, so that metrics which came under another verdict are
 * found, too.
 */
export function groupChecksum(verdictSum: number, metrics: readonly MetricValue[]): number {
  let sum = addNumber(CHECKSUM_START, verdictSum);
  for (const value of metrics) sum = typeof value === 'string' ? addText(sum, value) : addNumber(sum, value);
  return checksumOf(sum);
}

/** The name of the column that holds it. */
export function checksumColumn(group: MetricGroup): string {
  return `${group.name}_checksum`;
}

/** Reads some metrics and holds them against their checksums, for which it takes all of the groups that they are in. */
export class CheckedMetrics {
  /** What to select of `verdict_metrics`. */
  readonly names: readonly string[];
  readonly #groups: readonly MetricGroup[];
  /** Where each of the metrics stands among what is selected. */
  readonly #places: readonly number[];

  constructor(metrics: readonly MetricColumn[]) {
    const wanted = new Set(metrics);
    this.#groups = METRIC_GROUPS.filter((group) => group.columns.some((column) => wanted.has(column)));
    const selected = this.#groups.flatMap((group) => [
      ...group.columns.map((column) => column.name),
      checksumColumn(group),
    ]);
    this.names = selected.map((name) => `verdict_metrics.${name}`);
    this.#places = metrics.map((column) => selected.indexOf(column.name));
  }

  /**
   * @param offset where the selected columns begin in the row
   * @param verdictSum the checksum of the verdict's own row
   * @returns the metrics, in the order in which they were asked for
   * @throws DamagedValue naming the verdict and the group
   */
  read(row: Row, offset: number, verdictSum: number, verdict: string): MetricValue[] {
    let at = offset;
    for (const group of this.#groups) {
      const metrics = row.slice(at, at + group.columns.length).map(asMetric);
      at += group.columns.length;
      if (groupChecksum(verdictSum, metrics) !== row[at]) {
        throw new DamagedValue(`the metrics ${group.name} of ${verdict} differ from their checksum`);
      }
      at += 1;
    }
    return this.#places.map((place) => asMetric(row[offset + place]));
  }
}
