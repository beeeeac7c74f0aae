import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Vector } from 'apache-arrow';
import {
  type NumberKind,
  numberVector,
  type TextKind,
  type TimeKind,
  textVector,
  timeVector,
} from './arrow-columns.ts';
import { onnxModel, type Storage, type TestTensor } from './onnx.ts';
import { writeParquetFile } from './parquet.ts';
import type { PlainHead, PlainRun } from './plain-run.ts';

/** The types in which a run's files hold their columns. Each is one that the files of a baseline run may have. */
export type FileTypes = {
  readonly text: TextKind;
  readonly time: TimeKind;
  readonly openTime: NumberKind;
  readonly features: NumberKind;
  readonly prices: NumberKind;
  readonly entryTarget: NumberKind;
  readonly fold: NumberKind;
  readonly rowGroupRows: number;
  readonly onnx: { readonly type: 'FLOAT' | 'DOUBLE'; readonly storage: Storage };
};

export const USUAL_TYPES: FileTypes = {
  text: 'utf8',
  time: 'us utc',
  openTime: 'int64',
  features: 'float32',
  prices: 'float64',
  entryTarget: 'int8',
  fold: 'int32',
  rowGroupRows: 100_000,
  onnx: { type: 'FLOAT', storage: 'raw' },
};

/**
 * Writes a plain run as the files of a baseline run, with rows around it that take no part: features of another quality
 * or split, labels without a target or a side.
 *
 * @returns the run's folder, DATA_ROOT/trader-v4/runs/RUN_ID
 */
export async function writeRunFolder(
  dataRoot: string,
  runId: string,
  run: PlainRun,
  types: FileTypes = USUAL_TYPES,
): Promise<string> {
  const folder = join(dataRoot, 'trader-v4', 'runs', runId);
  await writeParquetFile(join(folder, 'feature/feature_frame.parquet'), featureColumns(run, types), types.rowGroupRows);
  await writeParquetFile(join(folder, 'label/entry_labels.parquet'), entryColumns(run, types), types.rowGroupRows);
  await writeParquetFile(join(folder, 'replay/bars.parquet'), barColumns(run, types), types.rowGroupRows);
  const { stopBps, targetBps, costBps } = run.pricePlan;
  const { horizonMinutes, minExpectedContinueEdgeBps } = run.continueLabel;
  const metrics = { auc: 0.6, mae_vs_constant_ratio: 0.99 };
  await writeJson(join(folder, 'feature/feature_order.json'), run.featureOrder);
  await writeJson(join(folder, 'label/price_plan_context.json'), {
    stopDistanceBps: stopBps,
    targetDistanceBps: targetBps,
    costBps,
  });
  await writeJson(join(folder, 'label/label_config.json'), {
    continue: { horizon_minutes: horizonMinutes, min_expected_continue_edge_bps: minExpectedContinueEdgeBps },
  });
  await writeJson(join(folder, 'split/split_manifest.json'), { source_replay_path: 'replay/bars.parquet' });
  await writeJson(join(folder, 'model/model_train_manifest.json'), {
    CONTINUE: {
      metrics: {
        long_continue_prob: metrics,
        short_continue_prob: metrics,
        long_expected_continue_edge_bps: metrics,
        short_expected_continue_edge_bps: metrics,
      },
    },
  });
  const { direction, longEdge, shortEdge } = run.models;
  await write(
    join(folder, 'model/direction/direction.onnx'),
    onnxModel(headTensors('direction', direction, types.onnx)),
  );
  await write(
    join(folder, 'model/entry/entry.onnx'),
    onnxModel([
      ...headTensors('long_entry_prob', longEdge, types.onnx),
      ...headTensors('short_entry_prob', shortEdge, types.onnx),
      ...headTensors('long_expected_net_edge_bps', longEdge, types.onnx),
      ...headTensors('short_expected_net_edge_bps', shortEdge, types.onnx),
    ]),
  );
  return folder;
}

/** The tensors `NAME_W` and `NAME_B` of a head. */
export function headTensors(name: string, { weights, bias }: PlainHead, onnx: FileTypes['onnx']): TestTensor[] {
  return [
    { name: `${name}_W`, dims: [weights.length, bias.length], values: weights.flat(), ...onnx },
    { name: `${name}_B`, dims: [bias.length], values: bias, ...onnx },
  ];
}

export async function writeJson(path: string, value: unknown): Promise<void> {
  await write(path, JSON.stringify(value));
}

export async function write(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

/** Each usable row, and behind every third one a row that takes no part. */
function featureColumns({ features, featureOrder }: PlainRun, types: FileTypes): Record<string, Vector> {
  const strays = [
    { flag: 'INSUFFICIENT_HISTORY', split: 'tune' },
    { flag: 'OK', split: 'purged' },
    { flag: null, split: 'fit_inner' },
    { flag: 'OK', split: null },
  ];
  const rows = features.flatMap((row, i) => [
    { ...row, flag: i % 2 === 0 ? 'OK' : 'PARTIAL_OPTIONAL' },
    ...(i % 3 === 0 ? [{ ...row, ...strays[(i / 3) % strays.length]! }] : []),
  ]);
  return {
    sample_id: textVector(pluck(rows, 'sampleId'), types.text),
    symbol: textVector(pluck(rows, 'symbol'), types.text),
    event_time: timeVector(pluck(rows, 'eventTimeNs'), types.time),
    open_time_ms: numberVector(pluck(rows, 'openTimeMs'), types.openTime),
    split_id: textVector(pluck(rows, 'split'), types.text),
    walk_forward_fold: numberVector(pluck(rows, 'fold'), types.fold),
    data_quality_flag: textVector(pluck(rows, 'flag'), types.text),
    ...Object.fromEntries(
      featureOrder.map((name, j) => [
        name,
        numberVector(
          rows.map((row) => row.values[j]!),
          types.features,
        ),
      ]),
    ),
  };
}

function entryColumns({ entries }: PlainRun, types: FileTypes): Record<string, Vector> {
  const strays = [
    { target: 0, side: 'LONG' },
    { target: null, side: 'SHORT' },
    { target: 1, side: null },
    { target: 1, side: 'FLAT' },
  ];
  const rows = entries.flatMap((entry, i) => [
    { ...entry, target: 1 },
    ...(i % 3 === 0 ? [{ ...entry, ...strays[(i / 3) % strays.length]! }] : []),
  ]);
  const times = rows.map(({ openTimeMs }) => (openTimeMs === null ? null : BigInt(openTimeMs) * 1_000_000n));
  return {
    sample_id: textVector(pluck(rows, 'sampleId'), types.text),
    symbol: textVector(pluck(rows, 'symbol'), types.text),
    event_time: timeVector(times, types.time),
    side: textVector(pluck(rows, 'side'), types.text),
    entry_target: numberVector(pluck(rows, 'target'), types.entryTarget),
    split_id: textVector(
      rows.map(() => 'tune'),
      types.text,
    ),
    walk_forward_fold: numberVector(
      rows.map(() => 0),
      types.fold,
    ),
  };
}

function barColumns({ bars }: PlainRun, types: FileTypes): Record<string, Vector> {
  const times = bars.map(({ openTimeMs }) => (openTimeMs === null ? null : BigInt(openTimeMs) * 1_000_000n));
  return {
    symbol: textVector(pluck(bars, 'symbol'), types.text),
    event_time: timeVector(times, types.time),
    open_time_ms: numberVector(pluck(bars, 'openTimeMs'), types.openTime),
    high: numberVector(pluck(bars, 'high'), types.prices),
    low: numberVector(pluck(bars, 'low'), types.prices),
    close: numberVector(pluck(bars, 'close'), types.prices),
    spread_bps: numberVector(
      bars.map(() => 1),
      types.prices,
    ),
  };
}

function pluck<T, K extends keyof T>(rows: readonly T[], key: K): T[K][] {
  return rows.map((row) => row[key]);
}
