import { Float64, Int32, makeData, makeVector, Table, type TypeMap, type Vector } from 'apache-arrow';
import { SIDES } from '../../baseline/splits.ts';
import { textVector } from '../../dataset/frame-table.ts';
import { FEATURE_SETS } from '../results.ts';
import type { FittedModels } from './linear-models.ts';
import { MODEL_KINDS } from './model-file-names.ts';

/**
 * The file `models/coefficients.parquet`: a row for each side, feature set, kind of model and feature, in the model's order.
 *
 *   side, feature_set, model         LONG or SHORT; market_only or market_plus_state; classifier or regressor
 *   position, feature                0 and null for the intercept, then 1, 2 … and the feature's name
 *   coef                             of the feature in its own units: log-odds or bps per unit
 *   coef_standardized                of the feature less `mean`, divided by `scale`: per standard deviation
 *   mean, scale                      the scaler's; 0 and 1 for the intercept
 */
export function coefficientsTable(models: readonly FittedModels[]): Table<TypeMap> {
  const names = [...new Set(models.flatMap(({ scaler }) => scaler.featureNames))];
  const codeOf = new Map(names.map((name, code) => [name, code]));
  const rows = models.flatMap(({ side, featureSet, scaler, ...kinds }) =>
    MODEL_KINDS.flatMap((kind, model) => {
      const { coef, intercept, rawCoef, rawIntercept } = kinds[kind];
      const of = { side: SIDES.indexOf(side), set: FEATURE_SETS.indexOf(featureSet), model };
      const first = { position: 0, feature: -1, raw: rawIntercept, standardized: intercept, mean: 0, scale: 1 };
      const others = scaler.featureNames.map((name, j) => ({
        position: 1 + j,
        feature: codeOf.get(name)!,
        raw: rawCoef[j]!,
        standardized: coef[j]!,
        mean: scaler.mean[j]!,
        scale: scaler.scale[j]!,
      }));
      return [first, ...others].map((row) => ({ ...of, ...row }));
    }),
  );
  type Row = (typeof rows)[number];
  const codes = (read: (row: Row) => number): Int32Array => Int32Array.from(rows, read);
  const numbers = (read: (row: Row) => number): Vector => float64Vector(Float64Array.from(rows, read));
  const columns: Record<string, Vector> = {
    side: textVector(
      SIDES,
      codes((row) => row.side),
    ),
    feature_set: textVector(
      FEATURE_SETS,
      codes((row) => row.set),
    ),
    model: textVector(
      MODEL_KINDS,
      codes((row) => row.model),
    ),
    position: int32Vector(codes((row) => row.position)),
    feature: textVector(
      names,
      codes((row) => row.feature),
    ),
    coef: numbers((row) => row.raw),
    coef_standardized: numbers((row) => row.standardized),
    mean: numbers((row) => row.mean),
    scale: numbers((row) => row.scale),
  };
  return new Table(columns);
}

function float64Vector(data: Float64Array): Vector {
  return makeVector(makeData({ type: new Float64(), length: data.length, nullCount: 0, data }));
}

function int32Vector(data: Int32Array): Vector {
  return makeVector(makeData({ type: new Int32(), length: data.length, nullCount: 0, data }));
}
