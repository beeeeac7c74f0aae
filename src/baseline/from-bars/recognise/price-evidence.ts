import type { NumberColumn } from '../readers/source-table.ts';

/** The prices of a file by what its columns can be. */
export type PriceColumns = {
  readonly high: number;
  readonly low: number;
  /** Columns that lie between them in every row: open, close, perhaps an average; in the file's order. */
  readonly between: readonly number[];
};

/** A minute in which a price trebles is none; volumes and counts are that far from prices in some row. */
const MOST_RANGE = 3;
/** Of so many rows one may break a rule: it is then refused by its line, not the file for its columns. */
const ROWS_A_BREACH = 1000;

/**
 * Prices are those columns that stay near each other: the highest in every row is the high, the lowest the low. Null where
 * there is no such set, or more than one.
 *
 * @param columns numbers, by index in the file; rows those with a time
 */
export function findPrices(columns: ReadonlyMap<number, NumberColumn>, rows: Int32Array): PriceColumns | null {
  const ids = [...columns.keys()];
  const isAbove = (a: number, b: number): boolean => everyRow(columns.get(a)!, columns.get(b)!, rows, (x, y) => x >= y);
  const isNear = (a: number, b: number): boolean =>
    everyRow(
      columns.get(a)!,
      columns.get(b)!,
      rows,
      (x, y) => x > 0 && y > 0 && x <= MOST_RANGE * y && y <= MOST_RANGE * x,
    );
  const clusters: number[][] = [];
  for (const id of ids) {
    const cluster = clusters.find((others) => others.every((other) => isNear(id, other)));
    if (cluster === undefined) clusters.push([id]);
    else cluster.push(id);
  }
  const whole = clusters.filter((cluster) => cluster.length >= 4);
  if (whole.length !== 1) return null;
  const [cluster] = whole as [number[]];
  const highs = cluster.filter((id) => cluster.every((other) => other === id || isAbove(id, other)));
  const lows = cluster.filter(
    (id) => !highs.includes(id) && cluster.every((other) => other === id || isAbove(other, id)),
  );
  // Columns that are equal in every row may take each other's place; the order of the file then names them.
  const [high, low] = [highs[0], lows[0]];
  if (highs.length === cluster.length) return flat(cluster);
  if (high === undefined || low === undefined) return null;
  return { high, low, between: cluster.filter((id) => id !== high && id !== low) };
}

/** Every price is every other: any reading gives the same bars. */
function flat(cluster: readonly number[]): PriceColumns | null {
  const [open, high, low, close] = cluster;
  return cluster.length === 4 ? { high: high!, low: low!, between: [open!, close!] } : null;
}

function everyRow(
  a: NumberColumn,
  b: NumberColumn,
  rows: Int32Array,
  holds: (x: number, y: number) => boolean,
): boolean {
  const allowed = Math.floor(rows.length / ROWS_A_BREACH);
  let breaches = 0;
  let told = 0;
  for (const row of rows) {
    const [x, y] = [a.values[row]!, b.values[row]!];
    // An empty minute tells nothing.
    if (Number.isNaN(x) && Number.isNaN(y)) continue;
    told += 1;
    if (!holds(x, y)) {
      breaches += 1;
      if (breaches > allowed) return false;
    }
  }
  return told > 0;
}

/** Two columns as open and close: how often each reading's open stands nearer to the last close than the other's. */
export type OpenCloseEvidence = { readonly minutes: number; readonly wins: number; readonly losses: number };

/**
 * An open stands next to the close of the minute before: on real bars the swapped reading is a thousand times further
 * off. Compares |open₁ − close₁ before| with |open₂ − close₂ before| over neighbouring bars.
 *
 * @param groups rows of each symbol in time order
 */
export function compareOpenClose(
  first: { readonly open: Float64Array; readonly close: Float64Array },
  second: { readonly open: Float64Array; readonly close: Float64Array },
  times: Float64Array,
  groups: readonly Int32Array[],
  stepMs: number,
): OpenCloseEvidence {
  let [minutes, wins, losses] = [0, 0, 0];
  for (const rows of groups) {
    for (let i = 1; i < rows.length; i += 1) {
      const [row, before] = [rows[i]!, rows[i - 1]!];
      if (times[row]! - times[before]! !== stepMs) continue;
      const one = Math.abs(first.open[row]! - first.close[before]!);
      const other = Math.abs(second.open[row]! - second.close[before]!);
      if (Number.isNaN(one) || Number.isNaN(other)) continue;
      minutes += 1;
      if (one < other) wins += 1;
      else if (other < one) losses += 1;
    }
  }
  return { minutes, wins, losses };
}

/** Five standard deviations of a fair coin: once in three million files by chance. */
const DECIDED = 5;
const LEAST_SHARE = 0.6;

/** +1 where the first reading stands, −1 where the second does, 0 where the rows do not tell. */
export function decide({ wins, losses }: OpenCloseEvidence): -1 | 0 | 1 {
  const told = wins + losses;
  const margin = Math.abs(wins - losses);
  if (told === 0 || margin < DECIDED * Math.sqrt(told) || Math.max(wins, losses) < LEAST_SHARE * told) return 0;
  return wins > losses ? 1 : -1;
}
