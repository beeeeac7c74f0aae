import { MODEL_KEYS, type ModelKey } from '../results.ts';

/** Where a run's models lie, beside its nine files. */
export const MODELS_FOLDER = 'models';

export const MODEL_KINDS = ['classifier', 'regressor'] as const;
export type ModelKind = (typeof MODEL_KINDS)[number];

export type OnnxFileName = `${ModelKey}_${ModelKind}.onnx`;
export type ModelFileName = 'models.json' | 'coefficients.parquet' | 'scalers.json' | OnnxFileName;

export function onnxFileName(key: ModelKey, kind: ModelKind): OnnxFileName {
  return `${key}_${kind}.onnx`;
}

/** The files in `models/`, in the order in which they are written. */
export const MODEL_FILE_NAMES: readonly ModelFileName[] = [
  'models.json',
  'coefficients.parquet',
  'scalers.json',
  ...MODEL_KEYS.flatMap((key) => MODEL_KINDS.map((kind) => onnxFileName(key, kind))),
];
