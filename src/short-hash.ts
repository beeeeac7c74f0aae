/** The beginning of a hash, as much as tells it from others and can be typed. */
export function shortHash(hash: string): string {
  return hash.slice(0, 12);
}
