import { type Configuration, DEFAULTS } from '../../experiment/configuration.ts';
import { PARAMETER_NAMES, parameterOf } from '../../experiment/parameters.ts';
import type { ReportTable } from './report-table.ts';

/** Something is said by name of at most so many: more curves nobody tells apart. */
const MOST_NAMED = 8;

/** A row by what it is said to be. */
export type NamedRow = { readonly row: number; readonly roles: readonly string[] };

/**
 * The best by tune, the best that passes, the pass of the largest smallest margin, the seed's defaults where they are in
 * the grid, and then the best of each ages set; by what they are, the roles of one row together.
 */
export function namedRows(table: ReportTable): NamedRow[] {
  const roles = new Map<number, string[]>();
  const add = (row: number, role: string): void => {
    if (row < 0) return;
    const known = roles.get(row);
    if (known !== undefined) known.push(role);
    else if (roles.size < MOST_NAMED) roles.set(row, [role]);
  };
  add(table.judged.length === 0 ? -1 : 0, 'best by tune');
  add(table.verdicts.indexOf('pass'), 'best that passes');
  add(safestPass(table), 'safest pass');
  add(
    table.judged.findIndex(({ configuration }) => isDefault(configuration)),
    "the experiment's defaults",
  );
  const ages = new Map<string, number>();
  table.judged.forEach(({ configuration }, row) => {
    const key = configuration.agesMinutes.join();
    if (!ages.has(key)) ages.set(key, row);
  });
  if (ages.size > 1) for (const [key, row] of ages) add(row, `best of ages ${key}`);
  return [...roles].map(([row, names]) => ({ row, roles: names }));
}

/** The same with one more role; where there is no room for its row, in the place of the last one. */
export function withRole(named: readonly NamedRow[], row: number, role: string): NamedRow[] {
  if (named.some((one) => one.row === row))
    return named.map((one) => (one.row === row ? { row, roles: [...one.roles, role] } : one));
  return [...named.slice(0, MOST_NAMED - 1), { row, roles: [role] }];
}

/** The pass whose smallest margin is the largest; −1 where none passes. */
export function safestPass({ verdicts, judged }: ReportTable): number {
  let safest = -1;
  let largest = -Infinity;
  verdicts.forEach((verdict, row) => {
    const margin = judged[row]!.smallestMargin;
    if (verdict !== 'pass' || margin === null || !(margin > largest)) return;
    safest = row;
    largest = margin;
  });
  return safest;
}

function isDefault(configuration: Configuration): boolean {
  return PARAMETER_NAMES.every((name) => {
    const value = parameterOf(name).read(configuration);
    return value === null ? name === 'ridgeAlpha' : String(value) === String(DEFAULTS[name]);
  });
}
