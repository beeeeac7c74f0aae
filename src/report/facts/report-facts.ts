import { gzipSync } from 'node:zlib';
import { layOut, writeColumns } from '../../page-data/columns.ts';
import { REPORT_FORMAT, type Report, type SweepFacts } from '../../page-data/report.ts';
import { comparisonFacts } from './comparison-facts.ts';
import type { ReportSource } from './report-source.ts';
import { type FactOptions, sweepFacts } from './sweep-facts.ts';

/** A report as its page is given it: the header, and the bytes of its columns, not packed yet. */
export type ComputedReport = { readonly report: Report; readonly bytes: Uint8Array };

/**
 * Computes a report of one sweep or several. The same sources give the same report, to the last byte.
 *
 * @param program version of the program
 */
export async function reportFacts(
  sources: readonly [ReportSource, ...ReportSource[]],
  program: string,
  options: FactOptions,
): Promise<ComputedReport> {
  const computed = [];
  for (const source of sources) computed.push(await sweepFacts(source, options));
  let end = 0;
  const sweeps = computed.map(({ facts, columns }): SweepFacts => {
    const placed = layOut(columns, end);
    end = placed.end;
    return { ...facts, rows: { ...facts.rows, columns: placed.facts } };
  });
  const bytes = new Uint8Array(end);
  computed.forEach(({ columns }, i) => {
    writeColumns(columns, sweeps[i]!.rows.columns, bytes);
  });
  const [first, ...others] = sweeps;
  if (first === undefined) throw new RangeError('a report is of one sweep at least');
  const report: Report = {
    format: REPORT_FORMAT,
    program,
    sweeps: [first, ...others],
    comparisons: comparisonFacts(sources),
  };
  return { report, bytes };
}

/** The bytes as a page's file holds them: gzip, which says nothing of when and where it was made. */
export function packedColumns(bytes: Uint8Array): string {
  const packed = gzipSync(bytes, { level: 6 });
  packed[GZIP_SYSTEM] = UNKNOWN_SYSTEM;
  return packed.toString('base64');
}

/** RFC 1952, 2.3: byte 9 of a member's header, and its value for a system that is not told. */
const GZIP_SYSTEM = 9;
const UNKNOWN_SYSTEM = 255;
