/**
 * Where in the page a reader is, as the address says it, so that the browser's own back and forward work:
 * `#config=0123456789ab` is a configuration's own page, `#gates` a section of the report.
 */
export type Route = { readonly configuration: string } | { readonly section: string };

/** Ids in columns are of so many digits; a longer one means the same. */
const ID_DIGITS = 12;

export function configurationHash(id: string): string {
  return `#config=${id.slice(0, ID_DIGITS)}`;
}

export function routeOf(hash: string): Route {
  const id = /^#config=([0-9a-f]{12})[0-9a-f]*$/.exec(hash)?.[1];
  return id === undefined ? { section: hash.replace(/^#/, '') } : { configuration: id };
}
