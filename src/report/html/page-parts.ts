import { readFile } from 'node:fs/promises';
import { packageFile } from '../../package-files.ts';
import type { PageParts } from './report-page.ts';

/** The built parts of a page. @throws Error when they were not built, which a package always is */
export async function pageParts(): Promise<PageParts> {
  const [script, style, licences] = await Promise.all(
    ['page.js', 'page.css', 'licences.txt'].map((name) => readFile(packageFile(`dist/page/${name}`), 'utf8')),
  );
  return { script: script!, style: style!, licences: licences! };
}
