import { COLUMNS_ELEMENT, HEADER_ELEMENT, ROOT_ELEMENT, readReport } from '../page-data/reading.ts';
import { mount } from './mount.tsx';

/** The script of a report's file: reads what stands in the file beside it, and draws it. */
async function start(root: HTMLElement): Promise<void> {
  const textOf = (id: string) => document.getElementById(id)?.textContent ?? '';
  try {
    const { report, bytes } = await readReport(textOf(HEADER_ELEMENT), textOf(COLUMNS_ELEMENT));
    mount(root, report, bytes);
    root.dataset['ready'] = 'true';
  } catch (error) {
    // A file that was cut on its way is the usual reason: say so where the reader looks.
    root.textContent = `This report cannot be shown: ${error instanceof Error ? error.message : String(error)}`;
  }
}

const root = document.getElementById(ROOT_ELEMENT);
if (root !== null) void start(root);
