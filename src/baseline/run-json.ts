import { UserError } from '../user-error.ts';
import { asObject, describe, numberAt, readJson } from './json-file.ts';
import { requireInRange } from './number-range.ts';
import type { RunFile, RunPaths } from './run-files.ts';

/** Market features that the state features are made from; every baseline run has to have them. */
export const REQUIRED_MARKET_FEATURES = [
  'ret_1m_bps',
  'ret_5m_bps',
  'taker_imbalance_1m',
  'taker_imbalance_5m',
  'book_microprice_basis_bps',
  'book_pressure_taker_1m',
  'book_pressure_taker_5m',
] as const;

export type PricePlan = { readonly stopBps: number; readonly targetBps: number; readonly costBps: number };
export type ContinueLabel = { readonly horizonMinutes: number; readonly minExpectedContinueEdgeBps: number };

/** What the report quotes of the baseline's own continue heads; null where the baseline has no such figure. */
export type BaselineContinueMetrics = {
  readonly longAuc: number | null;
  readonly shortAuc: number | null;
  readonly longMaeRatio: number | null;
  readonly shortMaeRatio: number | null;
};

/** The market features in model order. */
export async function readFeatureOrder(paths: RunPaths): Promise<string[]> {
  const name = paths.name('featureOrder');
  let value: unknown;
  try {
    value = await readFile(paths, 'featureOrder');
  } catch (error) {
    if (error instanceof UserError && paths.hasOwnFeatureOrder) {
      throw new UserError(`${error.message}. Or name the market features in model order with --feature-order FILE.`, {
        cause: error,
      });
    }
    throw error;
  }
  if (!Array.isArray(value) || value.length === 0 || !value.every((item) => typeof item === 'string' && item !== '')) {
    throw new UserError(`${name}: expected a JSON array of feature names, got ${describe(value)}`);
  }
  const names: string[] = value;
  const duplicate = names.find((item, index) => names.indexOf(item) !== index);
  if (duplicate !== undefined) throw new UserError(`${name}: feature ${describe(duplicate)} stands twice`);
  const missing = REQUIRED_MARKET_FEATURES.filter((feature) => !names.includes(feature));
  if (missing.length > 0) {
    throw new UserError(
      `${name}: market feature ${missing.join(', ')} is missing; the state features are made from it`,
    );
  }
  return names;
}

export async function readPricePlan(paths: RunPaths): Promise<PricePlan> {
  const name = paths.name('pricePlan');
  const plan = asObject(await readFile(paths, 'pricePlan'), name);
  const bps = (key: string, minimum?: number): number => {
    const value = numberAt(plan, key, name, minimum);
    requireInRange(value, () => `${name}: ${key}`);
    return value;
  };
  return {
    stopBps: bps('stopDistanceBps', 0),
    targetBps: bps('targetDistanceBps', 0),
    costBps: bps('costBps'),
  };
}

const DEFAULT_CONTINUE_LABEL: ContinueLabel = { horizonMinutes: 15, minExpectedContinueEdgeBps: 5 };

export async function readContinueLabel(paths: RunPaths): Promise<ContinueLabel> {
  const name = paths.name('labelConfig');
  const value = await readOptionalFile(paths, 'labelConfig');
  if (value === undefined) return DEFAULT_CONTINUE_LABEL;
  const config = asObject(value, name);
  if (config.continue === undefined) return DEFAULT_CONTINUE_LABEL;
  const label = asObject(config.continue, `${name}: continue`);
  const horizonMinutes =
    label.horizon_minutes === undefined
      ? DEFAULT_CONTINUE_LABEL.horizonMinutes
      : numberAt(label, 'horizon_minutes', `${name}: continue`, 1);
  if (!Number.isInteger(horizonMinutes)) {
    throw new UserError(`${name}: continue.horizon_minutes: expected whole minutes, got ${horizonMinutes}`);
  }
  const minExpectedContinueEdgeBps =
    label.min_expected_continue_edge_bps === undefined
      ? DEFAULT_CONTINUE_LABEL.minExpectedContinueEdgeBps
      : numberAt(label, 'min_expected_continue_edge_bps', `${name}: continue`);
  return { horizonMinutes, minExpectedContinueEdgeBps };
}

/** A figure that is missing, null, or NaN as Python writes a metric of no rows, is none. */
export async function readContinueMetrics(paths: RunPaths): Promise<BaselineContinueMetrics> {
  const name = paths.name('trainManifest');
  const manifest = asObject(await readFile(paths, 'trainManifest'), name);
  const metrics = asObject(asObject(manifest.CONTINUE, `${name}: CONTINUE`).metrics, `${name}: CONTINUE.metrics`);
  const quoted = (head: string, key: string): number | null => {
    const value = asObject(metrics[head], `${name}: CONTINUE.metrics.${head}`)[key];
    if (value === undefined || value === null) return null;
    if (typeof value !== 'number') {
      throw new UserError(`${name}: CONTINUE.metrics.${head}.${key}: expected a number, got ${describe(value)}`);
    }
    return Number.isFinite(value) ? value : null;
  };
  return {
    longAuc: quoted('long_continue_prob', 'auc'),
    shortAuc: quoted('short_continue_prob', 'auc'),
    longMaeRatio: quoted('long_expected_continue_edge_bps', 'mae_vs_constant_ratio'),
    shortMaeRatio: quoted('short_expected_continue_edge_bps', 'mae_vs_constant_ratio'),
  };
}

/** `source_replay_path`: where the bars lie. */
export async function readReplaySource(paths: RunPaths): Promise<string> {
  const name = paths.name('splitManifest');
  const source = asObject(await readFile(paths, 'splitManifest'), name).source_replay_path;
  // No path has the character by which the system ends one.
  if (typeof source !== 'string' || source === '' || source.includes('\0')) {
    throw new UserError(`${name}: source_replay_path: expected a path, got ${describe(source)}`);
  }
  return source;
}

/**
 * The largest age that the gaps between the run's splits were made for; null where whoever made the run does not say.
 * Beyond it, rows of one split look at bars that another split's rows look at.
 */
export async function readMaxAgeMinutes(paths: RunPaths): Promise<number | null> {
  const name = paths.name('buildManifest');
  const value = await readOptionalFile(paths, 'buildManifest');
  if (value === undefined) return null;
  const { settings } = asObject(value, name);
  if (settings === undefined) return null;
  const plan = asObject(settings, `${name}: settings`);
  return plan.maxAgeMinutes === undefined ? null : numberAt(plan, 'maxAgeMinutes', `${name}: settings`, 1);
}

function readFile(paths: RunPaths, file: RunFile): Promise<unknown> {
  return readJson(paths.path(file), paths.name(file));
}

async function readOptionalFile(paths: RunPaths, file: RunFile): Promise<unknown> {
  try {
    return await readFile(paths, file);
  } catch (error) {
    if (error instanceof UserError && isMissing(error.cause)) return undefined;
    throw error;
  }
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
}
