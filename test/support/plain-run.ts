import type { BaselineRun } from '../../src/baseline/baseline-run.ts';
import type { CodedStrings } from '../../src/baseline/columns.ts';
import { NULL_TIME } from '../../src/baseline/null-time.ts';
import { ALL_SPLITS, SIDES, type Side, type SplitId } from '../../src/baseline/splits.ts';
import { TextPool } from '../../src/baseline/text-pool.ts';
import type { RunNumbers } from '../../src/dataset/state-rows.ts';
import type { SharedArena } from '../../src/numerics/memory.ts';

/** A baseline run as plain objects: what the readers would find in the files of a run, null for what is missing. */
export type PlainRun = {
  readonly featureOrder: readonly string[];
  readonly features: readonly PlainFeatureRow[];
  readonly entries: readonly PlainEntry[];
  readonly bars: readonly PlainBar[];
  readonly pricePlan: { readonly stopBps: number; readonly targetBps: number; readonly costBps: number };
  readonly continueLabel: { readonly horizonMinutes: number; readonly minExpectedContinueEdgeBps: number };
  readonly models: PlainModels;
};

export type PlainFeatureRow = {
  readonly sampleId: string | null;
  readonly symbol: string | null;
  readonly eventTimeNs: bigint | null;
  readonly openTimeMs: number | null;
  readonly split: SplitId;
  readonly fold: number | null;
  /** in model order; null, NaN and infinities as the file may hold them */
  readonly values: readonly (number | null)[];
};

export type PlainEntry = {
  readonly sampleId: string | null;
  readonly symbol: string | null;
  readonly side: Side;
  readonly openTimeMs: number | null;
};

export type PlainBar = {
  readonly symbol: string | null;
  readonly openTimeMs: number | null;
  readonly high: number | null;
  readonly low: number | null;
  readonly close: number | null;
};

/** Weights by feature and output (rows), and a bias by output. */
export type PlainHead = { readonly weights: readonly (readonly number[])[]; readonly bias: readonly number[] };

export type PlainModels = {
  readonly direction: PlainHead;
  readonly longEdge: PlainHead;
  readonly shortEdge: PlainHead;
};

/** The run as the readers hand it over. */
export function baselineRunOf(run: PlainRun): BaselineRun {
  const { features, entries, bars, models } = run;
  return {
    runId: 'plain',
    root: '/plain',
    features: {
      rowCount: features.length,
      sampleIds: coded(features.map((row) => row.sampleId)),
      symbols: coded(features.map((row) => row.symbol)),
      eventTimesNs: BigInt64Array.from(features, (row) => row.eventTimeNs ?? NULL_TIME),
      openTimesMs: numbers(features.map((row) => row.openTimeMs)),
      splits: Uint8Array.from(features, (row) => ALL_SPLITS.indexOf(row.split)),
      folds: numbers(features.map((row) => row.fold)),
      featureOrder: run.featureOrder,
      readFeatures: async (target, stride) => writeFeatures(run, target, stride),
    },
    entries: {
      rowCount: entries.length,
      sampleIds: coded(entries.map((entry) => entry.sampleId)),
      symbols: coded(entries.map((entry) => entry.symbol)),
      sides: Uint8Array.from(entries, (entry) => SIDES.indexOf(entry.side)),
      openTimesMs: numbers(entries.map((entry) => entry.openTimeMs)),
    },
    replay: {
      rowCount: bars.length,
      symbols: coded(bars.map((bar) => bar.symbol)),
      openTimesMs: numbers(bars.map((bar) => bar.openTimeMs)),
      readPrices: async () => pricesOf(run),
    },
    pricePlan: run.pricePlan,
    continueLabel: run.continueLabel,
    frozenModels: {
      direction: frozenHead(models.direction),
      longExpectedNetEdgeBps: frozenHead(models.longEdge),
      shortExpectedNetEdgeBps: frozenHead(models.shortEdge),
    },
    continueMetrics: { longAuc: null, shortAuc: null, longMaeRatio: null, shortMaeRatio: null },
    maxAgeMinutes: null,
    filesRead: [],
  };
}

/** What reading the run's numbers gives, without waiting. */
export function numbersOf(run: PlainRun, arena: SharedArena): RunNumbers {
  const nFeatures = run.featureOrder.length;
  const marketFeatures = arena.float32(run.features.length * nFeatures);
  writeFeatures(run, marketFeatures, nFeatures);
  return { marketFeatures, prices: pricesOf(run) };
}

function writeFeatures({ features }: PlainRun, target: Float32Array, stride: number): void {
  features.forEach((row, i) => {
    row.values.forEach((value, j) => {
      target[i * stride + j] = value ?? Number.NaN;
    });
  });
}

function pricesOf({ bars }: PlainRun) {
  return {
    high: numbers(bars.map((bar) => bar.high)),
    low: numbers(bars.map((bar) => bar.low)),
    close: numbers(bars.map((bar) => bar.close)),
  };
}

function coded(texts: readonly (string | null)[]): CodedStrings {
  const values = [...new Set(texts.filter((text) => text !== null))];
  return {
    codes: Int32Array.from(texts, (text) => (text === null ? -1 : values.indexOf(text))),
    pool: TextPool.of(values),
  };
}

function numbers(values: readonly (number | null)[]): Float64Array {
  return Float64Array.from(values, (value) => value ?? Number.NaN);
}

function frozenHead({ weights, bias }: PlainHead) {
  return { weights: Float32Array.from(weights.flat()), bias: Float32Array.from(bias), nOutputs: bias.length };
}
