import { BPS } from '../basis-points.ts';
import type { MarketFeature } from './market-feature.ts';
import type { MinuteSeries } from './minute-series.ts';
import { takerImbalance } from './volume-features.ts';

/**
 * The best bid and ask of the bar's own row. Feeds poll a row's book anywhere within its minute, so the own row's is
 * the newest one that is certainly known at the bar's close; the next row's may be a few seconds younger and would be a look
 * ahead. All are 0 where the row has no usable poll, and the row's flag says so.
 */
export const BOOK_FEATURES: readonly MarketFeature[] = [
  {
    name: 'spread_bps',
    unit: 'bps',
    definition: 'best ask / best bid − 1; 0 without a book',
    lookbackMinutes: 1,
    over:
      ({ book }) =>
      (slot) =>
        spreadBps(book, slot),
  },
  {
    name: 'book_microprice_basis_bps',
    unit: 'bps',
    definition:
      'microprice / mid − 1, microprice = (bid · ask size + ask · bid size) / (bid size + ask size); 0 without a book',
    lookbackMinutes: 1,
    over: micropriceBasisBps,
  },
  {
    name: 'book_imbalance_l1',
    unit: 'ratio',
    definition: '(bid size − ask size) / (bid size + ask size) at the best prices; 0 without a book',
    lookbackMinutes: 1,
    over:
      ({ book }) =>
      (slot) => {
        if (book === null || Number.isNaN(book.bid[slot]!)) return 0;
        const [bidSize, askSize] = [book.bidSize[slot]!, book.askSize[slot]!];
        return (bidSize - askSize) / (bidSize + askSize);
      },
  },
  bookPressureOver(1),
  bookPressureOver(5),
];

export function spreadBps(book: Pick<NonNullable<MinuteSeries['book']>, 'bid' | 'ask'> | null, row: number): number {
  if (book === null || Number.isNaN(book.bid[row]!)) return 0;
  return (book.ask[row]! / book.bid[row]! - 1) * BPS;
}

function micropriceBasisBps({ book }: MinuteSeries): (slot: number) => number {
  return (slot) => {
    if (book === null || Number.isNaN(book.bid[slot]!)) return 0;
    const [bid, ask, bidSize, askSize] = [book.bid[slot]!, book.ask[slot]!, book.bidSize[slot]!, book.askSize[slot]!];
    const microprice = (bid * askSize + ask * bidSize) / (bidSize + askSize);
    return (microprice / ((bid + ask) / 2) - 1) * BPS;
  };
}

// basis + |basis| · imbalance: takers who push the way the book leans add to the lean, others take from it. It turns
// its sign when book and takers do, as the experiment needs, which multiplies it by the position's side.
function bookPressureOver(minutes: number): MarketFeature {
  return {
    name: `book_pressure_taker_${minutes}m`,
    unit: 'bps',
    definition: `book_microprice_basis_bps + |book_microprice_basis_bps| · taker_imbalance_${minutes}m; 0 without a book`,
    lookbackMinutes: minutes,
    over: (series) => {
      const [basisAt, imbalanceAt] = [micropriceBasisBps(series), takerImbalance(series, minutes)];
      return (slot) => {
        const basis = basisAt(slot);
        return basis + Math.abs(basis) * imbalanceAt(slot);
      };
    },
  };
}
