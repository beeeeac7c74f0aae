import { canonicalJson, type Json } from '../canonical-json.ts';
import { ALL_SPLITS, type ExperimentResult, MODEL_KEYS, type ModelKey } from '../experiment/results.ts';
import type { Verdict } from '../experiment/verdict.ts';
import { FIT_METRIC_NAMES, METRIC_COLUMNS, SPLIT_METRIC_NAMES } from './metric-columns.ts';

/**
 * A verdict's document: canonical JSON `{facts, metrics, verdict}`. `metrics` are the numbers of `METRIC_COLUMNS`, in
 * their order, which spares their names; `facts` is what else the result says, by model. Equal verdicts are equal text.
 */
export function documentOf(result: ExperimentResult, verdict: Verdict): string {
  const metrics = METRIC_COLUMNS.map((column) => column.valueOf(result));
  // A verdict is of texts, numbers and truth values.
  return canonicalJson({ facts: factsOf(result), metrics, verdict: verdict as unknown as Json });
}

type JsonObject = { readonly [key: string]: Json };

/** A result without the metrics that stand in the list. */
function factsOf(result: ExperimentResult): JsonObject {
  return Object.fromEntries(MODEL_KEYS.map((key) => [key, factsOfModel(result[key] as unknown as JsonObject)]));
}

function factsOfModel(model: JsonObject): JsonObject {
  const facts = without(model, FIT_METRIC_NAMES);
  for (const split of ALL_SPLITS) {
    const metrics = facts[split];
    if (isObject(metrics)) facts[split] = without(metrics, SPLIT_METRIC_NAMES);
  }
  return facts;
}

function without(object: JsonObject, names: readonly string[]): { [key: string]: Json } {
  return Object.fromEntries(
    Object.entries(object).filter(([key, value]) => !names.includes(key) && value !== undefined),
  );
}

/** @returns null where it is none of ours */
export function parseDocument(json: unknown): { readonly result: ExperimentResult; readonly verdict: Verdict } | null {
  if (!isObject(json) || !isObject(json['facts']) || !isVerdict(json['verdict'])) return null;
  const metrics = json['metrics'];
  if (!Array.isArray(metrics) || metrics.length !== METRIC_COLUMNS.length) return null;
  const result: Partial<Record<ModelKey, { [key: string]: unknown }>> = {};
  for (const key of MODEL_KEYS) {
    const facts = json['facts'][key];
    if (!isObject(facts)) return null;
    result[key] = { ...facts };
    for (const split of ALL_SPLITS) if (isObject(facts[split])) result[key][split] = { ...facts[split] };
  }
  for (const [i, { model, split, metric }] of METRIC_COLUMNS.entries()) {
    const target = split === null ? result[model] : result[model]?.[split];
    // A split that the result does not have has no metrics either.
    if (!isObject(target)) continue;
    const value: unknown = metrics[i];
    // Absent, not null, where all labels are of one class.
    if (value === null && metric === 'continue_auc') continue;
    target[metric] = metric === 'regressor_converged' ? value === 1 : value;
  }
  // The digest says that these are the bytes that were written, from values of these types.
  return { result: result as unknown as ExperimentResult, verdict: json['verdict'] };
}

function isVerdict(value: unknown): value is Verdict {
  return isObject(value) && Array.isArray(value['reasons']) && Array.isArray(value['passed_checks']);
}

function isObject(value: unknown): value is { [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
