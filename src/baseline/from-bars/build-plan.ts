import { UserError } from '../../user-error.ts';
import { runFolder } from '../run-folder.ts';
import type { BarSource } from './bar-sources.ts';
import type { ReadingOptions } from './readers/reading-options.ts';

/** What `buildBaselineRun` can be told. Only the first three have no default. */
export type BuildOptions = {
  /** The run is written to `dataRoot/trader-v4/runs/runId`. */
  dataRoot: string;
  runId: string;
  /** Files of 1-minute bars, folders of them or patterns; several of one symbol are its parts. */
  bars: readonly BarSource[];
  /** What the files do not say by themselves. */
  reading?: ReadingOptions | undefined;
  /** UTC day or minute, `2024-05-01` or `2024-05-01T12:00Z`: the first included. Default: all bars. */
  start?: string | undefined;
  /** The first one not included. */
  end?: string | undefined;
} & { readonly [key in keyof BuildDefaults]?: BuildDefaults[key] | undefined };

export const BUILD_DEFAULTS = {
  /** The price plan: stop, target, and the one cost that is charged on a round trip. */
  stopDistanceBps: 40,
  targetDistanceBps: 60,
  costBps: 8,
  /** Bars that an entry label looks ahead, and the edge after cost that makes it 1. */
  entryHorizonMinutes: 60,
  minExpectedEntryEdgeBps: 5,
  /** A bar gets entry labels when its minute since 1970 is a multiple of this. */
  entryStrideMinutes: 1,
  /** The experiment's own label; written to `label_config.json`. */
  continueHorizonMinutes: 15,
  minExpectedContinueEdgeBps: 5,
  /** The largest age that the purge gap has to serve. */
  maxAgeMinutes: 60,
  /** Of the minutes that have a bar: fit_inner, tune, validation_locked, latest_stress. */
  splitFractions: [0.6, 0.15, 0.15, 0.1] as readonly number[],
  /** Replace the files of an earlier build. */
  force: false,
} as const;

type BuildDefaults = { -readonly [key in keyof typeof BUILD_DEFAULTS]: Widened<(typeof BUILD_DEFAULTS)[key]> };
type Widened<T> = T extends number ? number : T extends boolean ? boolean : T;

/** Complete and checked; nothing behind it checks again. */
export type BuildPlan = Readonly<BuildDefaults> & {
  readonly runId: string;
  /** Where the run is written: DATA_ROOT/trader-v4/runs/RUN_ID. */
  readonly folder: string;
  readonly bars: readonly BarSource[];
  readonly reading: ReadingOptions;
  readonly startMs: number | undefined;
  readonly endMs: number | undefined;
  /** Rows of a symbol that are purged before each split boundary; see `assign-splits.ts`. */
  readonly purgeBars: number;
};

/** @throws UserError naming the option, its rule and the value */
export function planBuild(options: BuildOptions): BuildPlan {
  const { dataRoot, runId, bars } = options;
  checkSources(bars);
  const whole = (key: NumberKey, least: number): number => checkNumber(key, options[key], least, true);
  const number = (key: NumberKey, least: number): number => checkNumber(key, options[key], least, false);
  const startMs = utcMinute('start', options.start);
  const endMs = utcMinute('end', options.end);
  if (startMs !== undefined && endMs !== undefined && startMs >= endMs) {
    throw new UserError(`end: must be after start, got ${options.start} to ${options.end}`);
  }
  const entryHorizonMinutes = whole('entryHorizonMinutes', 1);
  const continueHorizonMinutes = whole('continueHorizonMinutes', 1);
  const maxAgeMinutes = whole('maxAgeMinutes', 1);
  return {
    runId,
    folder: runFolder(dataRoot, runId),
    bars,
    reading: options.reading ?? {},
    startMs,
    endMs,
    stopDistanceBps: positive('stopDistanceBps', number('stopDistanceBps', 0)),
    targetDistanceBps: positive('targetDistanceBps', number('targetDistanceBps', 0)),
    costBps: number('costBps', 0),
    entryHorizonMinutes,
    minExpectedEntryEdgeBps: number('minExpectedEntryEdgeBps', -Infinity),
    entryStrideMinutes: whole('entryStrideMinutes', 1),
    continueHorizonMinutes,
    minExpectedContinueEdgeBps: number('minExpectedContinueEdgeBps', -Infinity),
    maxAgeMinutes,
    splitFractions: checkFractions(options.splitFractions ?? BUILD_DEFAULTS.splitFractions),
    force: options.force ?? BUILD_DEFAULTS.force,
    purgeBars: Math.max(entryHorizonMinutes, continueHorizonMinutes) + maxAgeMinutes,
  };
}

type NumberKey = { [key in keyof BuildDefaults]: BuildDefaults[key] extends number ? key : never }[keyof BuildDefaults];

function checkSources(bars: readonly BarSource[]): void {
  if (bars.length === 0) throw new UserError('bars: at least one SYMBOL=FILE is needed, got none');
  for (const { symbol, path } of bars) {
    if (symbol !== null && !/^\S+$/.test(symbol)) {
      throw new UserError(`bars: a symbol is a name without spaces, got ${JSON.stringify(symbol)} for ${path}`);
    }
  }
}

function checkNumber(key: NumberKey, given: number | undefined, least: number, whole: boolean): number {
  const value = given ?? BUILD_DEFAULTS[key];
  if (!Number.isFinite(value) || value < least || (whole && !Number.isInteger(value))) {
    const kind = whole ? 'a whole number' : 'a number';
    throw new UserError(`${key}: expected ${kind}${least > -Infinity ? ` ≥ ${least}` : ''}, got ${value}`);
  }
  return value;
}

function positive(key: NumberKey, value: number): number {
  if (value <= 0) throw new UserError(`${key}: expected a number > 0, got ${value}`);
  return value;
}

function checkFractions(fractions: readonly number[]): readonly number[] {
  const sum = fractions.reduce((total, fraction) => total + fraction, 0);
  if (fractions.length !== 4 || !fractions.every((fraction) => fraction > 0) || Math.abs(sum - 1) > 1e-9) {
    throw new UserError(
      `splitFractions: expected four numbers > 0 that add up to 1 ` +
        `(fit_inner, tune, validation_locked, latest_stress), got ${fractions.join(', ')}`,
    );
  }
  return fractions;
}

function utcMinute(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const match = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2})(?::00(?:\.000)?)?Z?)?$/.exec(text);
  const iso = `${match?.[1]}T${match?.[2] ?? '00:00'}:00.000Z`;
  const ms = Date.parse(iso);
  // Date.parse turns 30 February into 1 March; only a text that reads back the same is a date.
  if (match === null || Number.isNaN(ms) || new Date(ms).toISOString() !== iso) {
    throw new UserError(`${name}: expected a UTC date as 2024-05-01 or 2024-05-01T12:00Z, got ${JSON.stringify(text)}`);
  }
  return ms;
}
