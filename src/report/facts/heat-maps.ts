import { countOf, countText, wordFor } from '../../counts.ts';
import type { RegressorKind } from '../../experiment/configuration.ts';
import { REGRESSOR_KINDS } from '../../experiment/configuration.ts';
import type { HeatAxis, HeatMapFacts, HeatPanel, Range } from '../../page-data/report.ts';
import { rowsOfKind, type TableRow } from './kind-rows.ts';
import type { ReportTable } from './report-table.ts';
import type { TableAxis } from './table-axes.ts';
import { listText } from './words.ts';

/** More cells than this in a panel are joined, and more panels left out: nobody reads them. */
const MOST_CELLS = 600;
const MOST_PANELS = 24;

const CROSSED: Readonly<Record<RegressorKind, { readonly x: string; readonly y: string | null }>> = {
  huber: { x: 'huberAlpha', y: 'huberEpsilon' },
  ridge: { x: 'ridgeAlpha', y: null },
};

/** Where it passes: of each kind of regressor a panel an ages set, and one for each value of the other axes where any vary. */
export function heatMapFacts(table: ReportTable): HeatMapFacts[] {
  return REGRESSOR_KINDS.flatMap((kind) => {
    const rows = rowsOfKind(table, kind);
    if (rows.length === 0) return [];
    const axes = table.axes.filter(({ name, values }) => {
      return name !== 'regressorKind' && rows.some((row) => values[row.places.get(name)!] !== null);
    });
    const { x, y } = CROSSED[kind];
    const others = axes.filter(({ name }) => name !== x && name !== y);
    const ages = others.filter(({ name }) => name === 'agesMinutes');
    const varies = ({ name }: TableAxis) => new Set(rows.map(({ places }) => places.get(name))).size > 1;
    const within = others.filter((axis) => axis.name !== 'agesMinutes' && varies(axis));
    const crossed = { x: levelsOf(axes, x, rows, table), y: y === null ? null : levelsOf(axes, y, rows, table) };
    const plain = heatMap(kind, rows, crossed, ages, within, table);
    return within.length === 0 ? [plain] : [plain, heatMap(kind, rows, crossed, [...ages, ...within], [], table)];
  });
}

/** Levels of an axis that cells are made of, and which of them each place belongs to. */
type Levels = HeatAxis & { readonly ofPlace: readonly number[]; readonly isCoarse: boolean };

type Crossed = { readonly x: Levels; readonly y: Levels | null };

/** The levels that rows of the kind have; one without a name where the axis does not vary. */
function levelsOf(axes: readonly TableAxis[], name: string, rows: readonly TableRow[], table: ReportTable): Levels {
  const axis = axes.find((known) => known.name === name);
  if (axis === undefined) {
    const first = rows[0]!.configuration.regressor;
    const value = name === 'huberEpsilon' && first.kind === 'huber' ? first.epsilon : first.alpha;
    return { name, label: labelOf(name, table), levels: [String(value)], ofPlace: [], isCoarse: false };
  }
  const levels = axis.texts.filter((_, place) => axis.values[place] !== null);
  return { name, label: axis.label, levels, ofPlace: [...levels.keys()], isCoarse: false };
}

function labelOf(name: string, table: ReportTable): string {
  return table.axes.find((axis) => axis.name === name)?.label ?? (name === 'huberEpsilon' ? 'epsilon' : 'alpha');
}

/** At most so many levels, evenly among them; each other one belongs to the nearest. */
function coarser(levels: Levels, most: number): Levels {
  const count = levels.levels.length;
  if (count <= most) return levels;
  const kept = Array.from({ length: most }, (_, i) => Math.round((i * (count - 1)) / Math.max(1, most - 1)));
  const nearest = (place: number): number =>
    kept.reduce((best, level, i) => (Math.abs(level - place) < Math.abs(kept[best]! - place) ? i : best), 0);
  return {
    ...levels,
    levels: kept.map((level) => levels.levels[level]!),
    ofPlace: levels.ofPlace.map(nearest),
    isCoarse: true,
  };
}

function heatMap(
  kind: RegressorKind,
  rows: readonly TableRow[],
  exact: Crossed,
  panelAxes: readonly TableAxis[],
  within: readonly TableAxis[],
  table: ReportTable,
): HeatMapFacts {
  const { x, y } = withinLimit(exact);
  const groups = Map.groupBy(rows, ({ places }) => panelAxes.map(({ name }) => places.get(name)!).join());
  const panels = [...groups.values()].map((group) => heatPanel(group, { x, y }, panelAxes, table));
  panels.sort((a, b) => (a.tuneRange?.[0] ?? Infinity) - (b.tuneRange?.[0] ?? Infinity) || comparePlaces(a, b));
  const shown = panels.slice(0, MOST_PANELS);
  return {
    question: 'Where in the grid does it pass?',
    howToRead: 'A pass that stands in a broad patch is worth more than one that stands alone or on the rim.',
    finding: findingOf(kind, rows, table),
    kind,
    isDetailed: within.length === 0 && panelAxes.some(({ name }) => name !== 'agesMinutes'),
    x: axisOf(x),
    y: y === null ? null : axisOf(y),
    within: withinText(rows, within, table),
    panels: shown,
    coarse: coarseText(exact, { x, y }, panels.length, shown.length),
  };
}

function axisOf({ name, label, levels }: Levels): HeatAxis {
  return { name, label, levels };
}

function withinLimit({ x, y }: Crossed): Crossed {
  if (y === null) return { x: coarser(x, MOST_CELLS), y };
  const [across, up] = [x.levels.length, y.levels.length];
  if (across * up <= MOST_CELLS) return { x, y };
  // Half of the cells' number each, and what one of them does not need is the other's.
  const side = Math.floor(Math.sqrt(MOST_CELLS));
  const columns = Math.min(across, up < side ? Math.floor(MOST_CELLS / up) : side);
  return { x: coarser(x, columns), y: coarser(y, Math.floor(MOST_CELLS / columns)) };
}

function coarseText(exact: Crossed, { x, y }: Crossed, count: number, shown: number): string | null {
  const parts: string[] = [];
  for (const [all, some] of [
    [exact.x, x],
    [exact.y, y],
  ]) {
    if (all != null && some?.isCoarse === true)
      parts.push(
        `${some.levels.length} of ${countOf(all.levels.length, 'value')} of ${all.label}, each with those nearest to it`,
      );
  }
  if (shown < count) parts.push(`the best ${shown} of ${countOf(count, 'panel')}`);
  return parts.length === 0 ? null : `Shown: ${listText(parts)}.`;
}

function comparePlaces(a: HeatPanel, b: HeatPanel): number {
  for (const [name, place] of Object.entries(a.of)) if (place !== b.of[name]) return place - b.of[name]!;
  return 0;
}

function heatPanel(
  rows: readonly TableRow[],
  { x, y }: Crossed,
  panelAxes: readonly TableAxis[],
  { mae, margins, met, verdicts }: ReportTable,
): HeatPanel {
  const across = x.levels.length;
  const cells = across * (y?.levels.length ?? 1);
  const zeros = () => new Array<number>(cells).fill(0);
  const nulls = () => new Array<number | null>(cells).fill(null);
  const [judged, passes, sealed, missing] = [zeros(), zeros(), zeros(), zeros()];
  const [missed, tune, margin, rank] = [nulls(), nulls(), nulls(), nulls()];
  for (const { places, row } of rows) {
    const cell = levelOf(x, places) + (y === null ? 0 : across * levelOf(y, places));
    if (row === null) {
      missing[cell]! += 1;
      continue;
    }
    judged[cell]! += 1;
    if (verdicts[row] === 'pass') passes[cell]! += 1;
    if (verdicts[row] === 'sealed') sealed[cell]! += 1;
    else missed[cell] = Math.min(missed[cell] ?? GATE_COUNT, GATE_COUNT - bitCount(met[row]!));
    const score = mae.tune[row]!;
    if (score < (tune[cell] ?? Infinity)) {
      tune[cell] = score;
      rank[cell] = row + 1;
    }
    const smallest = margins.reduce((least, values) => Math.min(least, values[row]!), Infinity);
    if (smallest > (margin[cell] ?? -Infinity)) margin[cell] = smallest;
  }
  const of = Object.fromEntries(panelAxes.map(({ name }) => [name, rows[0]!.places.get(name)!]));
  return {
    title:
      panelAxes.length === 0
        ? `ages ${rows[0]!.configuration.agesMinutes.join()}`
        : panelAxes.map((axis) => `${axis.label} ${axis.texts[of[axis.name]!]}`).join(', '),
    of,
    tuneRange: rangeOf(tune),
    marginRange: rangeOf(margin),
    judged,
    passes,
    sealed,
    missing,
    missed,
    tune,
    margin,
    rank,
  };
}

const GATE_COUNT = 8;

export function bitCount(bits: number): number {
  let count = 0;
  for (let left = bits; left !== 0; left >>= 1) count += left & 1;
  return count;
}

function levelOf({ name, ofPlace }: Levels, places: TableRow['places']): number {
  const place = places.get(name);
  return place === undefined ? 0 : (ofPlace[place] ?? 0);
}

function rangeOf(values: readonly (number | null)[]): Range | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : [Math.min(...known), Math.max(...known)];
}

/** `clip moves tune MAE by at most 0.0116`: how far apart configurations lie that differ in nothing else. */
function withinText(rows: readonly TableRow[], within: readonly TableAxis[], { mae, axes }: ReportTable): string {
  return within
    .map(({ name, label }) => {
      const others = axes.filter((axis) => axis.name !== name);
      const groups = Map.groupBy(rows, ({ places }) => others.map((axis) => places.get(axis.name)!).join());
      let most = 0;
      for (const group of groups.values()) {
        const scores = group.flatMap(({ row }) => (row === null ? [] : [mae.tune[row]!])).filter(Number.isFinite);
        if (scores.length > 1) most = Math.max(most, Math.max(...scores) - Math.min(...scores));
      }
      return `${label} moves tune MAE by at most ${most.toFixed(5)}`;
    })
    .join('; ');
}

function findingOf(kind: RegressorKind, rows: readonly TableRow[], table: ReportTable): string {
  const judged = rows.filter(({ row }) => row !== null);
  const passing = judged.filter(({ row }) => table.verdicts[row!] === 'pass');
  if (judged.length > 0 && judged.every(({ row }) => table.verdicts[row!] === 'sealed'))
    return `The gates of ${countOf(judged.length, `${kind} configuration`)} are sealed.`;
  const of = countOf(judged.length, `judged ${kind} configuration`);
  if (passing.length === 0)
    return judged.length === 0 ? `No ${kind} configuration was judged.` : `None of ${of} passes.`;
  const ages = table.axes.find(({ name }) => name === 'agesMinutes');
  const sets =
    ages === undefined
      ? []
      : [...new Set(passing.map(({ places }) => places.get('agesMinutes')!))].sort((a, b) => a - b);
  const where =
    ages === undefined || sets.length === 0
      ? ''
      : `, ${sets.length === 1 ? 'all' : `in ${countOf(sets.length, 'ages set')}`} at ages ${sets.map((place) => ages.texts[place]).join(' and ')}`;
  return `${countText(passing.length)} of ${of} ${wordFor(passing.length, 'passes', 'pass')}${where}.`;
}
