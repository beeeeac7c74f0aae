import type { Words } from '../../src/page-data/report.ts';

/** Pieces as plain text. */
export function plainText(words: Words): string {
  return words.map(({ text }) => text).join('');
}
