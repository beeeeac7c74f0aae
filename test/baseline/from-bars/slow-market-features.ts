import type { Bars } from '../../../src/baseline/from-bars/bars.ts';

/** One minute as seen from a bar: the bar of that minute, or nothing traded at the last close. */
type Minute = {
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  quoteVolume: number;
  trades: number;
  takerBuy: number;
};

/** Looks back from one bar: `ago(0)` is its own minute. */
class View {
  readonly #bars: Bars;
  readonly #bar: number;

  constructor(bars: Bars, bar: number) {
    this.#bars = bars;
    this.#bar = bar;
  }

  ago(minutes: number): Minute {
    const { openTimeMs, open, high, low, close, volume, quoteVolume, trades, takerBuyBase } = this.#bars;
    const time = openTimeMs[this.#bar]! - minutes * 60_000;
    let i = this.#bar;
    while (i >= 0 && openTimeMs[i]! > time) i -= 1;
    if (i < 0) throw new Error('looked back beyond the first bar');
    if (openTimeMs[i] !== time) {
      const c = close[i]!;
      return { open: c, high: c, low: c, close: c, volume: 0, quoteVolume: 0, trades: 0, takerBuy: 0 };
    }
    return {
      open: open[i]!,
      high: high[i]!,
      low: low[i]!,
      close: close[i]!,
      volume: volume[i]!,
      quoteVolume: quoteVolume ? quoteVolume[i]! : (volume[i]! * (high[i]! + low[i]! + close[i]!)) / 3,
      trades: trades ? trades[i]! : 0,
      takerBuy: takerBuyBase ? takerBuyBase[i]! : volume[i]! / 2,
    };
  }

  /** Newest first. */
  last(minutes: number): Minute[] {
    return range(minutes).map((m) => this.ago(m));
  }

  returns(count: number): number[] {
    return range(count).map((m) => Math.log(this.ago(m).close / this.ago(m + 1).close) * 1e4);
  }

  imbalance(minutes: number, from = 0): number {
    const window = range(minutes).map((m) => this.ago(m + from));
    const total = sum(window.map((m) => m.volume));
    return total === 0 ? 0 : this.signed(minutes, from) / total;
  }

  signed(minutes: number, from = 0): number {
    return sum(range(minutes).map((m) => 2 * this.ago(m + from).takerBuy - this.ago(m + from).volume));
  }

  get time(): Date {
    return new Date(this.#bars.openTimeMs[this.#bar]!);
  }

  get book(): { bid: number; ask: number; bidSize: number; askSize: number } | null {
    const { book } = this.#bars;
    const i = this.#bar;
    if (book === null || Number.isNaN(book.bid[i])) return null;
    return { bid: book.bid[i]!, ask: book.ask[i]!, bidSize: book.bidSize[i]!, askSize: book.askSize[i]! };
  }
}

/** Every market feature, from its definition in words, with no thought for speed. */
export function slowMarketFeature(name: string, bars: Bars, bar: number): number {
  const view = new View(bars, bar);
  const now = view.ago(0);
  const [a = 0, b = 0] = (name.match(/\d+/g) ?? []).map(Number);
  const highest = (k: number): number => Math.max(...view.last(k).map((m) => m.high));
  const lowest = (k: number): number => Math.min(...view.last(k).map((m) => m.low));
  const vol = (k: number): number => Math.sqrt(mean(view.returns(k).map((r) => r * r)));
  const squares = (k: number): number => sum(view.returns(k).map((r) => r * r));
  const basis = (): number => {
    const { book } = view;
    if (book === null) return 0;
    const bidWeight = book.askSize / (book.bidSize + book.askSize);
    const micro = book.bid * bidWeight + book.ask * (1 - bidWeight);
    return (micro / ((book.bid + book.ask) / 2) - 1) * 1e4;
  };
  if (name.startsWith('ret_')) return (now.close / view.ago(a).close - 1) * 1e4;
  if (name.startsWith('range_')) return (highest(a) / lowest(a) - 1) * 1e4;
  if (name.startsWith('close_location_')) {
    return highest(a) === lowest(a) ? 0.5 : (now.close - lowest(a)) / (highest(a) - lowest(a));
  }
  if (name.startsWith('vwap_basis_')) {
    const window = view.last(a);
    const volume = sum(window.map((m) => m.volume));
    return volume === 0 ? 0 : (now.close / (sum(window.map((m) => m.quoteVolume)) / volume) - 1) * 1e4;
  }
  if (name.startsWith('ema_basis_')) {
    const weights = range(3 * a).map((j) => (1 - 2 / (a + 1)) ** j);
    const closes = view.last(3 * a).map((m) => m.close);
    const ema = sum(closes.map((close, j) => close * weights[j]!)) / sum(weights);
    return (now.close / ema - 1) * 1e4;
  }
  if (name.startsWith('efficiency_')) {
    const returns = view.returns(a);
    const path = sum(returns.map(Math.abs));
    return path === 0 ? 0 : Math.abs(sum(returns)) / path;
  }
  if (name.startsWith('rsi_')) {
    const up = sum(view.returns(a).filter((r) => r > 0));
    const down = -sum(view.returns(a).filter((r) => r < 0));
    return up + down === 0 ? 50 : (100 * up) / (up + down);
  }
  if (name === 'body_bps') return (now.close / now.open - 1) * 1e4;
  if (name === 'upper_wick_bps') return (now.high / Math.max(now.open, now.close) - 1) * 1e4;
  if (name === 'lower_wick_bps') return (Math.min(now.open, now.close) / now.low - 1) * 1e4;
  if (name.startsWith('realized_vol_')) return vol(a);
  if (name.startsWith('parkinson_vol_')) {
    return Math.sqrt(mean(view.last(a).map((m) => Math.log(m.high / m.low) ** 2)) / (4 * Math.log(2))) * 1e4;
  }
  if (name.startsWith('vol_ratio_')) return vol(b) === 0 ? 1 : vol(a) / vol(b);
  if (name.startsWith('downside_share_')) {
    const falls = sum(view.returns(a).map((r) => (r < 0 ? r * r : 0)));
    return squares(a) === 0 ? 0.5 : falls / squares(a);
  }
  if (name.startsWith('return_autocorr_')) {
    const r = view.returns(a);
    return squares(a) === 0 ? 0 : sum(r.slice(1).map((older, i) => older * r[i]!)) / squares(a);
  }
  if (name.startsWith('volume_z_')) return zScore(view.last(a).map((m) => Math.log(1 + m.volume)));
  if (name.startsWith('trades_z_')) return zScore(view.last(a).map((m) => Math.log(1 + m.trades)));
  if (name.startsWith('avg_trade_size_z_')) {
    return zScore(view.last(a).map((m) => (m.trades === 0 ? 0 : Math.log(1 + m.volume / m.trades))));
  }
  if (name.startsWith('volume_ratio_')) {
    const long = mean(view.last(b).map((m) => m.volume));
    return long === 0 ? 1 : mean(view.last(a).map((m) => m.volume)) / long;
  }
  if (name.startsWith('taker_imbalance_')) return view.imbalance(a);
  if (name.startsWith('signed_volume_z_')) return zScore(range(240).map((m) => view.signed(a, m)));
  const minuteAngle = (2 * Math.PI * (view.time.getUTCHours() * 60 + view.time.getUTCMinutes())) / 1440;
  const dayAngle = (2 * Math.PI * ((view.time.getUTCDay() + 6) % 7)) / 7;
  if (name === 'minute_of_day_sin') return Math.sin(minuteAngle);
  if (name === 'minute_of_day_cos') return Math.cos(minuteAngle);
  if (name === 'day_of_week_sin') return Math.sin(dayAngle);
  if (name === 'day_of_week_cos') return Math.cos(dayAngle);
  if (name === 'spread_bps') return view.book === null ? 0 : (view.book.ask / view.book.bid - 1) * 1e4;
  if (name === 'book_microprice_basis_bps') return basis();
  if (name === 'book_imbalance_l1') {
    const { book } = view;
    return book === null ? 0 : (book.bidSize - book.askSize) / (book.bidSize + book.askSize);
  }
  if (name.startsWith('book_pressure_taker_')) return basis() + Math.abs(basis()) * view.imbalance(a);
  throw new Error(`no slow reference for ${name}`);
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

/** Of the first value among all of them. */
function zScore(values: readonly number[]): number {
  const center = mean(values);
  const std = Math.sqrt(mean(values.map((value) => (value - center) ** 2)));
  return std <= 1e-9 * Math.abs(center) ? 0 : (values[0]! - center) / std;
}
