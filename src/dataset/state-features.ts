/** The position's state as 22 features, in model order: names, units, sources and the formulas behind them. */

export type StateFeature = {
  readonly name: string;
  readonly unit: string;
  readonly source: string;
  readonly leakage_check: string;
};

const PATH = 'uses entry..current path only';
const NOW = 'known at current position time';
const FEATURE_NOW = 'uses <= current time feature only';

/** The file `position_state_feature_schema.json`, the seed's words. */
export const STATE_FEATURE_SCHEMA: readonly StateFeature[] = [
  { name: 'position_side_sign', unit: '-1/1', source: 'synthetic position state', leakage_check: NOW },
  { name: 'time_in_position_minutes', unit: 'minute', source: 'entry time to current time', leakage_check: NOW },
  {
    name: 'unrealized_pnl_bps',
    unit: 'bps',
    source: 'entry price and current close',
    leakage_check: 'uses <= current time price',
  },
  {
    name: 'mfe_since_entry_bps',
    unit: 'bps',
    source: 'high since entry',
    leakage_check: 'uses only entry..current high',
  },
  {
    name: 'mae_since_entry_bps',
    unit: 'bps',
    source: 'low/high since entry',
    leakage_check: 'uses only entry..current low/high',
  },
  {
    name: 'distance_to_stop_bps',
    unit: 'bps',
    source: 'price plan and current close',
    leakage_check: 'uses fixed plan and current price',
  },
  {
    name: 'distance_to_target_bps',
    unit: 'bps',
    source: 'price plan and current close',
    leakage_check: 'uses fixed plan and current price',
  },
  {
    name: 'entry_predicted_edge_bps',
    unit: 'bps',
    source: 'baseline frozen ENTRY ONNX',
    leakage_check: 'baseline model is fixed before this experiment',
  },
  {
    name: 'entry_direction_prob',
    unit: 'probability',
    source: 'baseline frozen DIRECTION ONNX',
    leakage_check: 'baseline model is fixed before this experiment',
  },
  {
    name: 'path_efficiency',
    unit: 'ratio',
    source: 'unrealized_pnl_bps / (mfe + mae + 1)',
    leakage_check: PATH,
  },
  {
    name: 'giveback_from_mfe_bps',
    unit: 'bps',
    source: 'mfe_since_entry_bps - max(unrealized_pnl_bps, 0)',
    leakage_check: PATH,
  },
  {
    name: 'recovery_from_mae_bps',
    unit: 'bps',
    source: 'unrealized_pnl_bps + mae_since_entry_bps',
    leakage_check: PATH,
  },
  {
    name: 'mfe_mae_ratio',
    unit: 'ratio',
    source: 'mfe_since_entry_bps / (mae_since_entry_bps + 1)',
    leakage_check: PATH,
  },
  sided('side_ret_1m_bps', 'bps', 'ret_1m_bps'),
  sided('side_ret_5m_bps', 'bps', 'ret_5m_bps'),
  sided('side_taker_imbalance_1m', 'ratio', 'taker_imbalance_1m'),
  sided('side_taker_imbalance_5m', 'ratio', 'taker_imbalance_5m'),
  sided('side_book_microprice_basis_bps', 'bps', 'book_microprice_basis_bps'),
  sided('side_book_pressure_taker_1m', 'bps', 'book_pressure_taker_1m'),
  sided('side_book_pressure_taker_5m', 'bps', 'book_pressure_taker_5m'),
  { name: 'add_count', unit: 'count', source: 'synthetic position state', leakage_check: NOW },
  { name: 'minutes_since_last_add', unit: 'minute', source: 'synthetic position state', leakage_check: NOW },
];

export const STATE_FEATURES: readonly string[] = STATE_FEATURE_SCHEMA.map((feature) => feature.name);

/** Row length of the state features. */
export const STATE_STRIDE = STATE_FEATURES.length;

/** A first position was never added to: a synthetic constant until positions with adds are studied. */
const ADD_COUNT = 0;
const MINUTES_SINCE_LAST_ADD = 9999;
const BPS = 1e4;

/** A position at one moment: prices from its bars, scores from the frozen models at its entry. */
export type PositionState = {
  isLong: boolean;
  ageMinutes: number;
  /** close of the bar `age` rows before the current one */
  entryPrice: number;
  currentPrice: number;
  /** extremes over the age + 1 bars from entry to now, both included */
  highSinceEntry: number;
  lowSinceEntry: number;
  entryPredictedEdgeBps: number;
  entryDirectionProb: number;
};

export type PositionPlan = { readonly stopBps: number; readonly targetBps: number; readonly costBps: number };

/**
 * Writes the 22 state features, computed in float64 and rounded to float32 each, into out[at ..].
 *
 * With e the entry price, p the current, h and l the extremes: LONG unrealized = (p/e − 1)·1e4 − cost,
 * mfe (favorable) = (h/e − 1)·1e4, mae (adverse) = (e/l − 1)·1e4, stop = e·(1 − stop/1e4), target = e·(1 + target/1e4), their distances
 * (p/stop − 1)·1e4 and (target/p − 1)·1e4; SHORT the same with each ratio upside down. mfe and mae are floored at 0.
 *
 * @param sided (7) the current values of REQUIRED_MARKET_FEATURES, which `side_*` state features mirror in their order
 * @returns false when one of them is not finite in float32, so that the row has to be dropped
 */
export function writeStateFeatures(
  state: PositionState,
  sided: Float32Array,
  plan: PositionPlan,
  out: Float32Array,
  at: number,
): boolean {
  const { isLong, entryPrice, currentPrice, highSinceEntry, lowSinceEntry } = state;
  const sign = isLong ? 1 : -1;
  const up = (highSinceEntry / entryPrice - 1) * BPS;
  const down = (entryPrice / lowSinceEntry - 1) * BPS;
  const gross = isLong ? (currentPrice / entryPrice - 1) * BPS : (entryPrice / currentPrice - 1) * BPS;
  const unrealized = gross - plan.costBps;
  const favorableBps = Math.max(isLong ? up : down, 0);
  const adverseBps = Math.max(isLong ? down : up, 0);
  const stopPrice = entryPrice * (1 - (sign * plan.stopBps) / BPS);
  const targetPrice = entryPrice * (1 + (sign * plan.targetBps) / BPS);
  out[at] = sign;
  out[at + 1] = state.ageMinutes;
  out[at + 2] = unrealized;
  out[at + 3] = favorableBps;
  out[at + 4] = adverseBps;
  out[at + 5] = (isLong ? currentPrice / stopPrice - 1 : stopPrice / currentPrice - 1) * BPS;
  out[at + 6] = (isLong ? targetPrice / currentPrice - 1 : currentPrice / targetPrice - 1) * BPS;
  out[at + 7] = state.entryPredictedEdgeBps;
  out[at + 8] = state.entryDirectionProb;
  out[at + 9] = unrealized / (favorableBps + adverseBps + 1);
  out[at + 10] = favorableBps - Math.max(unrealized, 0);
  out[at + 11] = unrealized + adverseBps;
  out[at + 12] = favorableBps / (adverseBps + 1);
  for (let k = 0; k < 7; k += 1) out[at + 13 + k] = sign * sided[k]!;
  out[at + 20] = ADD_COUNT;
  out[at + 21] = MINUTES_SINCE_LAST_ADD;
  for (let k = 0; k < 22; k += 1) if (!Number.isFinite(out[at + k]!)) return false;
  return true;
}

function sided(name: string, unit: string, feature: string): StateFeature {
  return { name, unit, source: `position_side_sign * ${feature}`, leakage_check: FEATURE_NOW };
}
