import { REGRESSOR_KINDS, type RegressorKind } from '../../experiment/configuration.ts';
import type { AxisName } from '../../sweep/axis-effects.ts';
import { rowsOfKind } from './kind-rows.ts';
import type { ReportTable } from './report-table.ts';

/** Where most passes of a kind stand at an end of an axis: beyond it nobody has looked. */
export type GridEdge = {
  readonly kind: RegressorKind;
  readonly axis: AxisName;
  readonly label: string;
  readonly text: string;
  readonly end: 'largest' | 'smallest';
  /** Of the kind's passes. */
  readonly share: number;
};

/** Metrics hardly move with these, or they are no scale: their ends say nothing. */
const NO_EDGES: readonly AxisName[] = ['agesMinutes', 'regressorKind', 'huberMaxIter', 'maxRowsPerSplit'];

/**
 * Axes of numbers, of two values at least, of which more than half of a kind's passes have the largest or smallest one
 * tried, and half as many again as of what was judged. Zero is an end of its own (no penalty, no clip): nothing lies
 * beyond.
 */
export function gridEdges(table: ReportTable): GridEdge[] {
  return REGRESSOR_KINDS.flatMap((kind) => {
    const rows = rowsOfKind(table, kind).filter(({ row }) => row !== null);
    const passing = rows.filter(({ row }) => table.verdicts[row!] === 'pass');
    if (passing.length === 0) return [];
    return table.axes
      .filter(({ name }) => !NO_EDGES.includes(name))
      .flatMap(({ name, label, values, texts }): GridEdge[] => {
        const places = [...new Set(rows.map(({ places: at }) => at.get(name)!))]
          .filter((place) => typeof values[place] === 'number')
          .sort((a, b) => a - b);
        if (places.length < 2) return [];
        const shareAt = (place: number, of: typeof rows) =>
          of.filter(({ places: at }) => at.get(name) === place).length / of.length;
        return (['largest', 'smallest'] as const).flatMap((end): GridEdge[] => {
          const place = end === 'largest' ? places.at(-1)! : places[0]!;
          const share = shareAt(place, passing);
          const isCrowded = share > 0.5 && share > Math.min(1, 1.5 * shareAt(place, rows));
          if (values[place] === 0 || !isCrowded) return [];
          return [{ kind, axis: name, label, text: texts[place]!, end, share }];
        });
      });
  });
}
