import { REPORT_FORMAT, type Report } from './report.ts';

/** Id of the element that the page is drawn into. */
export const ROOT_ELEMENT = 'sweep-report';
/** Of the licences of what its script holds of others: text, never drawn. */
export const LICENCES_ELEMENT = 'sweep-report-licences';
/** Ids of the two elements of a page's file that hold the report. */
export const HEADER_ELEMENT = 'sweep-report-header';
export const COLUMNS_ELEMENT = 'sweep-report-columns';

/** A report as its page has it: the header, and the bytes that `readColumns` reads. */
export type ReadReport = { readonly report: Report; readonly bytes: Uint8Array };

/**
 * Reads what a page's two elements hold.
 *
 * @param header JSON
 * @param columns gzip in base64
 * @throws Error when they are no report of this format
 */
export async function readReport(header: string, columns: string): Promise<ReadReport> {
  const report = JSON.parse(header) as Report;
  if (report.format !== REPORT_FORMAT) throw new Error(`${report.format}: this page reads ${REPORT_FORMAT}`);
  const packed = Uint8Array.from(atob(columns.trim()), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  return { report, bytes: new Uint8Array(await new Response(stream).arrayBuffer()) };
}
