import { UserError } from '../../../user-error.ts';
import type { NumberColumn, SourceTable } from '../readers/source-table.ts';
import { isQuoteOf, isZeroThroughout, type PriceRange } from './amount-evidence.ts';
import { columnHandle, columnLabel } from './labels.ts';
import type { Reading } from './reading.ts';

/** Columns that are called amounts, by what their names say. */
export type NamedAmounts = {
  readonly volume: readonly number[];
  readonly quote: readonly number[];
  /** One or the other. */
  readonly amount: readonly number[];
  readonly tickVolume: readonly number[];
  readonly takerBase: readonly number[];
  readonly takerQuote: readonly number[];
};

export type Amounts = Pick<Reading, 'contractSize'> & {
  readonly volume: number;
  readonly quote: number | null;
  readonly takerBase: number | null;
  readonly notes: readonly string[];
};

/** Contracts of so many units of the quote currency: inverse ones, Binance COIN-M's altcoins, its bitcoin. */
const CONTRACT_SIZES = [10, 100] as const;

/**
 * Which amount is base and which quote: as the names say, held to the rows; where names leave it open, as the rows decide.
 *
 * @throws UserError where the rows contradict the names, or do not decide
 */
export function settleAmounts(
  table: SourceTable,
  named: NamedAmounts,
  numberOf: (column: number) => NumberColumn,
  prices: PriceRange,
  rows: Int32Array,
): Amounts {
  const fits = (base: number, quote: number, scale = 1): boolean =>
    isQuoteOf(numberOf(base), numberOf(quote), prices, rows, scale);
  const label = (column: number): string => columnLabel(table, column);
  const handle = (column: number): string => columnHandle(table, column);
  const plain = (volume: number, quote: number | null): Amounts => ({
    volume,
    quote,
    takerBase: named.takerBase[0] ?? null,
    contractSize: null,
    notes: [],
  });
  const open = [
    ...named.amount,
    ...(named.volume.length > 1 ? named.volume : []),
    ...(named.quote.length > 1 ? named.quote : []),
  ];
  const volume = named.volume.length === 1 ? named.volume[0]! : null;
  const quote = named.quote.length === 1 ? named.quote[0]! : null;

  if (volume === null && quote === null && open.length === 0) {
    const ticks = named.tickVolume[0];
    if (ticks === undefined)
      return fail(table, `column volume missing, found ${found(table)}. Say which it is with --columns volume=NAME`);
    return { ...plain(ticks, null), notes: [`${label(ticks)} counts price changes and stands in for volume`] };
  }
  if (volume !== null && quote !== null) {
    if (fits(volume, quote) || isZeroThroughout(numberOf(volume), rows)) return plain(volume, quote);
    for (const size of CONTRACT_SIZES) {
      if (!fits(quote, volume, size)) continue;
      return {
        volume: quote,
        quote: null,
        takerBase: named.takerQuote[0] ?? null,
        contractSize: { column: volume, quotePerContract: size },
        notes: [`${label(volume)} counts contracts of ${size}; ${label(quote)} is the base asset's volume`],
      };
    }
    // OKX's swaps count contracts, with both currencies' volumes beside them.
    const bases = open.filter((column) => fits(column, quote));
    if (bases.length === 1) {
      return {
        ...plain(bases[0]!, quote),
        notes: [`${label(volume)} is in other units than ${label(quote)} and is not used`],
      };
    }
    const isSwapped = fits(quote, volume);
    return fail(
      table,
      `${label(quote)} / ${label(volume)} must lie within low and high, as the price of what was traded, and does not in these rows` +
        (isSwapped
          ? `; ${label(volume)} / ${label(quote)} does. Say --columns volume=${handle(quote)},quote_volume=${handle(volume)}`
          : `. Say --columns quote_volume=none to leave it out`),
    );
  }
  if (volume !== null) {
    const quotes = open.filter((column) => fits(volume, column));
    if (quotes.length > 0) return plain(volume, quotes[0]!);
    const bases = open.filter((column) => fits(column, volume));
    if (bases.length > 0) return plain(bases[0]!, volume);
    const ticks = named.tickVolume[0];
    if (ticks !== undefined && isZeroThroughout(numberOf(volume), rows) && !isZeroThroughout(numberOf(ticks), rows)) {
      return {
        ...plain(ticks, null),
        notes: [`${label(volume)} is 0 throughout; ${label(ticks)}, which counts price changes, stands in for it`],
      };
    }
    return plain(volume, null);
  }
  if (quote !== null) {
    const bases = open.filter((column) => fits(column, quote));
    if (bases.length === 1) return plain(bases[0]!, quote);
    return fail(
      table,
      `column volume missing (${label(quote)} is in quote units), found ${found(table)}. Say which it is with --columns volume=NAME`,
    );
  }
  const pairs = open.flatMap((base) =>
    open.filter((other) => other !== base && fits(base, other)).map((other) => [base, other] as const),
  );
  const [pair, other] = pairs;
  if (pair !== undefined && other === undefined) return plain(...pair);
  const told = pairs.length > 1 ? pairs : open.slice(0, 2).map((column) => [column, column] as const);
  return fail(
    table,
    `${open.map(label).join(' and ')} may be base or quote volume, and the rows do not decide. Say which is volume: ` +
      [...new Set(told.map(([base]) => `--columns volume=${handle(base)}`))].join(' or '),
  );
}

function found(table: SourceTable): string {
  const text = table.columns.map((_, i) => columnLabel(table, i)).join(', ');
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}

function fail(table: SourceTable, message: string): never {
  throw new UserError(`${table.name}: ${message}`);
}
