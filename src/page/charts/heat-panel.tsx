import { useState } from 'preact/hooks';
import type { HeatMapFacts, HeatPanel } from '../../page-data/report.ts';
import { fixed, signed } from '../parts/number-text.ts';

export type HeatColour = 'tune' | 'margin';

type HeatPanelProps = {
  readonly map: HeatMapFacts;
  readonly panel: HeatPanel;
  readonly colour: HeatColour;
  /** The page of the configuration of a rank. */
  readonly open: (rank: number) => void;
};

/** Cells of one ages set (or of one value of each further axis): epsilon upwards, alpha to the right. */
export function HeatPanelTable({ map, panel, colour, open }: HeatPanelProps) {
  const [active, setActive] = useState(0);
  const layout = heatLayout(map);
  const { columns, lines, order } = layout;
  const count = map.x.levels.length * (map.y?.levels.length ?? 1);
  const range = colour === 'tune' ? panel.tuneRange : panel.marginRange;
  const openCell = (cell: number) => {
    const rank = panel.rank[cell];
    if (rank !== null && rank !== undefined) open(rank);
  };
  const move = (event: KeyboardEvent, cell: number) => {
    if (event.key === 'Enter') return openCell(cell);
    const up = layout.isWrapped ? -columns : columns;
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowUp: up, ArrowDown: -up }[event.key];
    const next = cell + (by ?? 0);
    const leavesLine = Math.abs(by ?? 0) === 1 && Math.floor(next / columns) !== Math.floor(cell / columns);
    if (by === undefined || next < 0 || next >= count || leavesLine) return;
    event.preventDefault();
    setActive(next);
    const table = (event.currentTarget as HTMLElement).closest('table');
    table?.querySelector<HTMLElement>(`[data-cell="${next}"]`)?.focus();
  };
  const edges = layout.isWrapped ? NO_EDGES : edgesOf(panel, columns, lines);
  return (
    // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a grid by the pattern of ARIA, its cells reached by arrows
    <table class={layout.isDense ? 'heat dense' : 'heat'} role="grid">
      <caption>
        <b>{panel.title}</b>{' '}
        {range !== null && (
          <span>
            {colour === 'tune'
              ? `${fixed(range[0], 4)} to ${fixed(range[1], 4)}`
              : `${signed(range[0])} to ${signed(range[1])}`}
          </span>
        )}
      </caption>
      <tbody>
        {order.map((line) => (
          <tr key={line}>
            <th scope="row" class={edges.lines.has(line) ? 'edge' : undefined}>
              {edges.lines.has(line) && <EdgeMark />}
              {layout.isWrapped ? map.x.levels[line * columns] : (map.y?.levels[line] ?? map.kind)}
            </th>
            {Array.from({ length: Math.min(columns, count - line * columns) }, (_, x) => {
              const cell = line * columns + x;
              return (
                <td
                  key={cell}
                  // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: as above
                  role="gridcell"
                  class={cellClass(panel, cell)}
                  style={{ '--t': strength(panel, cell, colour) }}
                  data-cell={cell}
                  tabIndex={cell === active ? 0 : -1}
                  onFocus={() => setActive(cell)}
                  onKeyDown={(event) => move(event, cell)}
                  onClick={() => openCell(cell)}
                  title={cellTitle(map, panel, cell)}
                >
                  {cellText(panel, cell)}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
      {!layout.isWrapped && (
        <tfoot>
          <tr>
            <td />
            {map.x.levels.map((level, x) => (
              <th key={level} scope="col" class={edges.columns.has(x) ? 'edge' : undefined}>
                <span class={x % layout.labelEvery === 0 ? undefined : 'unseen'}>{level}</span>
                {edges.columns.has(x) && <EdgeMark />}
              </th>
            ))}
          </tr>
        </tfoot>
      )}
    </table>
  );
}

/** Cells in a line where a map has a single, long one: it is wrapped then, and read as text is. */
const WRAP_AT = 24;
/** Of a cell in a map of few, and the gap behind it, at the least, in CSS pixels. */
const CELL = 40;
/** Of a cell in a map of many, and of a digit below it, in CSS pixels; the style sheet has the first one, too. */
const DENSE_CELL = 36;
const DIGIT = 7;

type HeatLayout = {
  readonly columns: number;
  readonly lines: number;
  /** Lines from the top: they ascend from the bottom, but for a wrapped one. */
  readonly order: readonly number[];
  readonly isWrapped: boolean;
  readonly isDense: boolean;
  /** Of a cell and the gap behind it, at the least, in CSS pixels. A map of many goes below it and scrolls. */
  readonly cellWidth: number;
  /** Every so-many-th level below the columns is written: as many as there is room for. */
  readonly labelEvery: number;
};

export function heatLayout({ x, y }: HeatMapFacts): HeatLayout {
  const isWrapped = y === null && x.levels.length > WRAP_AT;
  const columns = isWrapped ? WRAP_AT : x.levels.length;
  const lines = isWrapped ? Math.ceil(x.levels.length / WRAP_AT) : (y?.levels.length ?? 1);
  const order = Array.from({ length: lines }, (_, i) => (isWrapped ? i : lines - 1 - i));
  const longest = Math.max(0, ...x.levels.map((level) => level.length));
  const isDense = columns > 12;
  return {
    columns,
    lines,
    order,
    isWrapped,
    isDense,
    // The levels below the columns are all written, so the widest one says how narrow a column may be.
    cellWidth: isDense ? CELL : Math.max(CELL, longest * DIGIT + 8),
    labelEvery: isDense ? Math.ceil((longest * DIGIT) / DENSE_CELL) : 1,
  };
}

const NO_EDGES: { readonly columns: ReadonlySet<number>; readonly lines: ReadonlySet<number> } = {
  columns: new Set(),
  lines: new Set(),
};

function EdgeMark() {
  return <span class="edge-mark" title="a pass at the end of what was tried" />;
}

/** Ends of the panel's axes where something passes. An axis of one value has none. */
function edgesOf({ passes }: HeatPanel, columns: number, lines: number) {
  const passesAt = (is: (cell: number) => boolean) => passes.some((count, cell) => count > 0 && is(cell));
  const ends = (count: number) => (count > 1 ? [0, count - 1] : []);
  return {
    columns: new Set(ends(columns).filter((x) => passesAt((cell) => cell % columns === x))),
    lines: new Set(ends(lines).filter((line) => passesAt((cell) => Math.floor(cell / columns) === line))),
  };
}

function cellClass({ judged, passes, missing }: HeatPanel, cell: number): string {
  if (judged[cell] === 0) return 'pending';
  const pass = passes[cell]! > 0 ? 'passes' : '';
  return `${pass} ${missing[cell]! > 0 ? 'partly' : ''}`.trim();
}

/** ✓: all pass; `2/3`: some of those that share the cell; else how many gates the nearest one misses; –: sealed. */
export function cellText({ judged, passes, missed }: HeatPanel, cell: number): string {
  if (judged[cell] === 0) return '';
  if (passes[cell] === 0) return String(missed[cell] ?? '–');
  return passes[cell] === judged[cell] ? '✓' : `${passes[cell]}/${judged[cell]}`;
}

/** 0 to 1 within the panel, better is stronger; margins from −1 to 1, with their sign. */
function strength(panel: HeatPanel, cell: number, colour: HeatColour): string {
  const value = panel[colour][cell];
  const range = colour === 'tune' ? panel.tuneRange : panel.marginRange;
  if (value === null || value === undefined || range === null) return '0';
  if (colour === 'tune') return (range[1] === range[0] ? 0.5 : (range[1] - value) / (range[1] - range[0])).toFixed(3);
  return (value / Math.max(Math.abs(range[0]), Math.abs(range[1]), Number.MIN_VALUE)).toFixed(3);
}

/** One cell's line of the table twin. */
export function heatCells(map: HeatMapFacts, panel: HeatPanel, cell: number): string[] {
  const columns = map.x.levels.length;
  return [
    panel.title,
    ...(map.y === null ? [] : [map.y.levels[Math.floor(cell / columns)]!]),
    map.x.levels[cell % columns]!,
    verdictsText(panel, cell),
    fixed(panel.tune[cell], 5),
    signed(panel.margin[cell]),
  ];
}

/** The same in words, for whoever points at the cell. */
function cellTitle(map: HeatMapFacts, panel: HeatPanel, cell: number): string {
  const columns = map.x.levels.length;
  const y = map.y === null ? '' : `${map.y.label} ${map.y.levels[Math.floor(cell / columns)]}, `;
  const measures = `tune MAE ${fixed(panel.tune[cell], 5)}, smallest margin ${signed(panel.margin[cell])}`;
  return `${panel.title}, ${y}${map.x.label} ${map.x.levels[cell % columns]}: ${verdictsText(panel, cell)}, ${measures}`;
}

function verdictsText({ judged, passes, sealed }: HeatPanel, cell: number): string {
  if (judged[cell] === 0) return 'not judged';
  if (sealed[cell] === judged[cell]) return 'sealed';
  const sealedText = sealed[cell] === 0 ? '' : `, ${sealed[cell]} sealed`;
  return `${passes[cell]} of ${judged[cell]} pass${sealedText}`;
}
