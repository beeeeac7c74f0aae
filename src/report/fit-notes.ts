import { countOf } from '../counts.ts';
import { MODEL_KEYS, type ModelKey } from '../experiment/results.ts';
import type { ShownResult } from '../store/shown-result.ts';

/** What is unusual about fits that are at their optimum, one line each; none where nothing is. */
export function fitNotes(result: ShownResult): string[] {
  const atBound = MODEL_KEYS.filter((model) => result[model].regressor_scale_at_bound === true);
  // Verdicts of earlier versions do not have it.
  const open = MODEL_KEYS.filter((model) => (result[model].regressor_undetermined ?? 0) > 0);
  return [
    ...(atBound.length === 0
      ? []
      : [`sigma stands at its lower bound, since rows are met exactly: ${atBound.join(', ')}`]),
    ...(open.length === 0 ? [] : [`left open by the data, of least norm: ${open.map(directionsOf).join(', ')}`]),
  ];

  function directionsOf(model: ModelKey): string {
    return `${countOf(result[model].regressor_undetermined, 'direction')} of ${model}`;
  }
}
