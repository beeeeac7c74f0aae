import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { type Column, layOut, writeColumns } from '../../src/page-data/columns.ts';
import { COLUMNS_ELEMENT, HEADER_ELEMENT } from '../../src/page-data/reading.ts';
import type { AxisFacts, Report, SweepFacts } from '../../src/page-data/report.ts';
import { type MadeGrid, type MadeRow, madeAxes, madeRows, smallestOf } from './made-grid.ts';
import { madeDays, madeFigures, madeSources } from './made-report-parts.ts';

/**
 * A report of a sweep that never ran: the shape is that of a real one, the numbers are made by a formula and a seed. For tests
 * of the page, which draws whatever it is given.
 */
export type MadeReport = { readonly report: Report; readonly bytes: Uint8Array };

export type MadeOptions = {
  readonly name?: string;
  readonly grid?: Partial<MadeGrid>;
  /** Changes rows before anything is made of them. */
  readonly change?: (row: MadeRow, i: number) => MadeRow;
  /** Rows that are not judged yet, the last ones of the ranking. */
  readonly pending?: number;
  readonly hasMetrics?: boolean;
  readonly hasTrust?: boolean;
  /** Changes the facts that were made. */
  readonly facts?: (facts: SweepFacts) => SweepFacts;
};

export function madeReport(options: MadeOptions = {}): MadeReport {
  return madeReportOf([options]);
}

/** A report of several sweeps. */
export function madeReportOf(sweeps: readonly MadeOptions[]): MadeReport {
  const made = sweeps.map(madeSweep);
  let end = 0;
  const placed = made.map(({ facts, columns, count }) => {
    const laid = layOut(columns, end);
    end = laid.end;
    return { columns, facts: { ...facts, rows: { ...facts.rows, count, columns: laid.facts } } };
  });
  const bytes = new Uint8Array(end);
  for (const { columns, facts } of placed) writeColumns(columns, facts.rows.columns, bytes);
  const [first, ...others] = placed.map(({ facts }) => facts);
  const comparisons = others.map((_, i) => ({
    a: 0,
    b: i + 1,
    finding: 'No verdict changed between the two; tune MAE moved by 0.0002 at most.',
    common: 12,
    onlyInA: 3,
    onlyInB: 4,
    sameData: 12,
    verdicts: [{ a: 'not ready', b: 'not ready', count: 12 } as const],
    tuneChange: { least: -0.0002, median: 0, greatest: 0.0001 },
    moved: [],
  }));
  return { report: { format: 'sweep-report/1', program: '0.2.0', sweeps: [first!, ...others], comparisons }, bytes };
}

/** A page's file, under the policy that the program's own have. */
export function pageOf(
  { report, bytes }: MadeReport,
  page: { readonly script: string; readonly style: string },
): string {
  const header = JSON.stringify(report).replaceAll('<', '\\u003c');
  const columns = gzipSync(bytes).toString('base64');
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>made sweep report</title>',
    `<meta http-equiv="Content-Security-Policy" content="${policyOf(page)}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<style>${page.style}</style></head><body><div id="sweep-report"></div>`,
    `<script type="application/json" id="${HEADER_ELEMENT}">${header}</script>`,
    `<script type="application/octet-stream" id="${COLUMNS_ELEMENT}">${columns}</script>`,
    `<script>${page.script}</script></body></html>`,
  ].join('\n');
}

function policyOf({ script, style }: { readonly script: string; readonly style: string }): string {
  const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  return `default-src 'none'; script-src ${hashOf(script)}; style-src ${hashOf(style)}; base-uri 'none'; form-action 'none'`;
}

function madeSweep(options: MadeOptions): { facts: SweepFacts; columns: Column[]; count: number } {
  const { name = 'made', change = (row) => row, pending = 0, hasMetrics = true, hasTrust = true } = options;
  const axes = madeAxes(options.grid ?? {});
  const all = madeRows(options.grid ?? {}).map(change);
  const rows = all.slice(0, all.length - pending);
  const judged = rows.filter(({ verdict }) => verdict !== 'error');
  const count = (verdict: MadeRow['verdict']) => rows.filter((row) => row.verdict === verdict).length;
  const pass = count('pass');
  const facts: SweepFacts = {
    name,
    state: {
      isFinal: pending === 0,
      outcome: pending === 0 ? 'finished' : 'running',
      finishedAt: pending === 0 ? '2026-11-27T02:14:00.000Z' : null,
      text: pending === 0 ? 'finished 2026-11-27 02:14 UTC' : `still running, ${rows.length} of ${all.length} judged`,
    },
    counts: {
      configurations: all.length,
      pass,
      notReady: count('not ready'),
      unconverged: count('unconverged'),
      sealed: count('sealed'),
      error: count('error'),
      pending,
    },
    ...madeFigures(axes, all, rows, judged, pending),
    ...madeDays(judged),
    ...madeSources(axes, rows),
    rows: {
      count: rows.length,
      of: all.length,
      shortIdLength: 7,
      hasMetrics,
      hasTrust,
      trusted: hasTrust ? judged.length : 0,
      columns: [],
      tags: judged.length > 1 ? { 1: ['candidate'] } : {},
      unconverged: {},
      constant: [{ label: 'max iter', text: '1000' }],
    },
  };
  const columns = columnsOf(axes, rows, hasMetrics, hasTrust);
  return { facts: options.facts?.(facts) ?? facts, columns, count: rows.length };
}

function columnsOf(axes: readonly AxisFacts[], rows: readonly MadeRow[], metrics: boolean, trust: boolean): Column[] {
  const number = (name: string, of: (row: MadeRow) => number | null): Column => ({
    name,
    type: 'float64',
    values: Float64Array.from(rows, (row) => of(row) ?? Number.NaN),
  });
  const small = (name: string, of: (row: MadeRow) => number): Column => ({
    name,
    type: 'uint8',
    values: Uint8Array.from(rows, of),
  });
  const gates = Array.from({ length: 8 }, (_, g) => g);
  const sides = ['long', 'short'];
  const sets = ['market_only', 'market_plus_state'];
  const splits = ['tune', 'validation_locked', 'latest_stress'];
  return [
    { name: 'id', type: 'hex12', values: rows.map(({ id }) => id.slice(0, 12)) },
    { name: 'rank', type: 'uint32', values: Uint32Array.from(rows, ({ rank }) => rank) },
    ...axes.map((axis, a) => small(axis.column, (row) => row.places[a]!)),
    small('verdict', ({ verdict }) => ['pass', 'not ready', 'unconverged', 'error', 'sealed'].indexOf(verdict)),
    small('gates', ({ margins }) => margins.filter((margin) => margin !== null && margin >= 0).length),
    small('gate_bits', ({ margins }) =>
      margins.reduce<number>((bits, m, g) => bits | (m !== null && m >= 0 ? 1 << g : 0), 0),
    ),
    small('bar_bits', () => 0b0100_0000),
    small('weakest', ({ margins }) => margins.indexOf(smallestOf(margins))),
    number('margin', ({ margins }) => smallestOf(margins)),
    ...gates.map((g) => number(`margin_${g}`, ({ margins }) => margins[g]!)),
    number('mae_tune', ({ mae }) => mae[0]),
    number('mae_validation_locked', ({ mae }) => mae[1]),
    number('mae_latest_stress', ({ mae }) => mae[2]),
    number('auc_tune', ({ auc }) => auc),
    number('duration_ms', () => 66),
    small('dataset', () => 0),
    small('run', () => 0),
    ...(metrics
      ? sides.flatMap((side) =>
          sets.flatMap((set) =>
            splits.flatMap((split, s) => [
              number(`${side}_${set}_${split}_mae`, ({ mae }) => mae[s]! + (set === 'market_only' ? 0.03 : 0)),
              number(`${side}_${set}_${split}_auc`, ({ auc }) => auc && auc - (set === 'market_only' ? 0.04 : 0)),
            ]),
          ),
        )
      : []),
    ...(trust
      ? [
          number('tune_half', () => 0.045),
          number('gain', () => 0.04),
          number('gain_half', () => 0.016),
          small('plateau', ({ rank }) => (rank < 100 ? 1 : 0)),
          small('decided', () => 0),
          small('word', () => 2),
          ...gates.flatMap((g) => [
            number(`trust_margin_${g}`, ({ margins }) => margins[g]!),
            number(`trust_half_${g}`, () => 0.021),
            number(`trust_flip_${g}`, () => 0.2),
            number(`trust_list_flip_${g}`, () => 0.5),
            small(`trust_word_${g}`, () => g % 3),
            small(`trust_list_word_${g}`, () => 2),
            small(`trust_of_${g}`, () => 0),
          ]),
        ]
      : []),
  ];
}
