import { PARAMETER_NAMES, type ParameterName, parameterOf } from '../experiment/parameters.ts';
import { parseSweepDefinition } from './definition.ts';
import { resolveAxes } from './expand.ts';
import type { SweepDefinition } from './sweep-definition.ts';

/** How a definition stands to the one that a sweep of its name has. */
export type DefinitionChange =
  | { readonly kind: 'same' }
  /** Every configuration stays, and there are more: `huberAlpha: 1, 10`. */
  | { readonly kind: 'extension'; readonly added: readonly string[] }
  /** Another sweep: what differs, `axes.huberAlpha: 0.01 is gone`. */
  | { readonly kind: 'other'; readonly differences: readonly string[] };

/**
 * A sweep is a name and a definition. Another baseline run, or a value of an axis that is gone, makes another sweep of
 * it; values that are added to axes extend it. Where the data lie is no part of it, nor is spelling.
 */
export function definitionChange(stored: SweepDefinition, now: SweepDefinition): DefinitionChange {
  const differences: string[] = [];
  const added: string[] = [];
  if (stored.baseline.runId !== now.baseline.runId) {
    differences.push(`baseline run ${now.baseline.runId} in place of ${stored.baseline.runId}`);
  }
  const [before, after] = [resolveAxes(stored.axes), resolveAxes(now.axes)];
  // An axis of a kind of regressor that the sweep does not have multiplies nothing.
  const isUsed = (axis: ParameterName) => parameterOf(axis).kinds.some((kind) => before.regressorKind.includes(kind));
  for (const axis of PARAMETER_NAMES.filter(isUsed)) {
    const [old, fresh] = [before[axis].map(String), after[axis].map(String)];
    const gone = old.filter((value) => !fresh.includes(value));
    const extra = fresh.filter((value) => !old.includes(value));
    if (gone.length > 0) differences.push(`axes.${axis} without ${listed(gone)}`);
    else if (extra.length > 0) added.push(`axes.${axis} with ${listed(extra)}`);
  }
  if (differences.length > 0) return { kind: 'other', differences: [...differences, ...added] };
  return added.length > 0 ? { kind: 'extension', added } : { kind: 'same' };
}

/** The definition that a store holds as JSON. @throws UserError when it is none: by a version whose rules were others */
export function storedDefinition(json: unknown, sweep: string): SweepDefinition {
  return parseSweepDefinition(JSON.stringify(json), 'json', `the stored definition of sweep ${JSON.stringify(sweep)}`);
}

const MOST_LISTED = 3;

function listed(values: readonly string[]): string {
  const more = values.length - MOST_LISTED;
  return values.slice(0, MOST_LISTED).join(' and ') + (more > 0 ? ` and ${more} more` : '');
}
