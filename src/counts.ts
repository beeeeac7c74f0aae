/** `12,345`. */
export function countText(count: number): string {
  // toLocaleString says the same and loads 20 ms of language data first.
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 configuration`, `2 configurations`; `1 entry`, `2 entries`. */
export function countOf(count: number, noun: string, plural?: string): string {
  return `${countText(count)} ${wordFor(count, noun, plural)}`;
}

/** The word beside a count that stands elsewhere, a verb's form too: `wordFor(passes, 'passes', 'pass')`. */
export function wordFor(count: number, one: string, many = `${one}s`): string {
  return count === 1 ? one : many;
}

/** `There is a`, `There are a, b`, `There is none`: what there is, for who asked for something else. @param listed the names of so many */
export function thereAre(count: number, listed: string): string {
  return count === 0 ? 'There is none' : `There ${wordFor(count, 'is', 'are')} ${listed}`;
}
