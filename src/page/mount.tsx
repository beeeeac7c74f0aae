import { render } from 'preact';
import type { Report } from '../page-data/report.ts';
import { Page } from './page.tsx';
import { followPrinting } from './parts/printing.ts';

export type MountedPage = {
  /** Draws what has come since: rows, facts, state. What the reader has chosen stays. */
  update(report: Report, bytes: Uint8Array): void;
};

/**
 * Draws a report.
 *
 * @param bytes columns of all its sweeps, as `readReport` gives them
 */
export function mount(root: HTMLElement, report: Report, bytes: Uint8Array): MountedPage {
  followPrinting();
  const update = (next: Report, nextBytes: Uint8Array) => render(<Page report={next} bytes={nextBytes} />, root);
  update(report, bytes);
  return { update };
}
