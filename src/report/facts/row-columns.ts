import { GATES } from '../../experiment/gates.ts';
import type { Column } from '../../page-data/columns.ts';
import { ROW_VERDICTS, ROW_WORDS } from '../../page-data/report.ts';
import type { FailedConfiguration, JudgedConfiguration } from '../../store/records.ts';
import type { LockedSplit } from '../../trust/losses.ts';
import type { TrustRow } from '../../trust/trust-row.ts';
import { bitCount } from './heat-maps.ts';
import { REPORT_METRICS, REPORT_SPLITS } from './report-source.ts';
import type { ReportTable } from './report-table.ts';
import { axisColumn } from './table-axes.ts';

/** Which rows of a table a report holds, and where they come from. */
export type EmbeddedRows = {
  /** Rows of the judged ones, ascending. */
  readonly judged: readonly number[];
  readonly failed: readonly FailedConfiguration[];
  readonly hasMetrics: boolean;
  readonly datasetOf: (outcome: JudgedConfiguration | FailedConfiguration) => number;
  readonly runOf: (outcome: JudgedConfiguration) => number;
  /** Null where nothing can be said of the sweep. */
  readonly trust: RowsTrust | null;
};

export type RowsTrust = {
  /** By configuration. */
  readonly rows: ReadonlyMap<string, TrustRow>;
  /** By split, half width of a 95 % interval in standard errors. */
  readonly halfWidth: Readonly<Record<LockedSplit, number>>;
};

/** The columns of `RowsFacts`. */
export function rowColumns(table: ReportTable, rows: EmbeddedRows): Column[] {
  const { judged, failed } = rows;
  const count = judged.length + failed.length;
  const outcomes = [...judged.map((row) => table.judged[row]!), ...failed];
  const numbers = (name: string, read: (row: number) => number): Column => {
    const values = new Float64Array(count).fill(Number.NaN);
    judged.forEach((row, i) => {
      values[i] = read(row);
    });
    return { name, type: 'float64', values };
  };
  const bytes = (name: string, read: (row: number) => number, ofFailed = 0): Column => {
    const values = new Uint8Array(count).fill(ofFailed);
    judged.forEach((row, i) => {
      values[i] = read(row);
    });
    return { name, type: 'uint8', values };
  };
  return [
    { name: 'id', type: 'hex12', values: outcomes.map(({ configurationId }) => configurationId.slice(0, ID_DIGITS)) },
    { name: 'rank', type: 'uint32', values: Uint32Array.from({ length: count }, (_, i) => (judged[i] ?? -1) + 1) },
    ...table.axes.map(({ name, placeOf, values }) =>
      places(
        axisColumn(name),
        outcomes.map(({ configuration }) => placeOf(configuration)),
        values.length,
      ),
    ),
    bytes('verdict', (row) => ROW_VERDICTS.indexOf(table.verdicts[row]!), ROW_VERDICTS.indexOf('error')),
    bytes('gates', (row) => (table.verdicts[row] === 'sealed' ? NOTHING : bitCount(table.met[row]!)), NOTHING),
    bytes('gate_bits', (row) => table.met[row]!),
    bytes('bar_bits', (row) => table.bars[row]!),
    bytes('weakest', (row) => table.judged[row]!.weakestGate ?? NOTHING, NOTHING),
    numbers('margin', (row) => table.judged[row]!.smallestMargin ?? Number.NaN),
    ...GATES.map((_, g) => numbers(`margin_${g}`, (row) => table.margins[g]![row]!)),
    ...REPORT_SPLITS.map((split) => numbers(`mae_${split}`, (row) => table.mae[split][row]!)),
    numbers('auc_tune', (row) => table.aucTune[row]!),
    { name: 'duration_ms', type: 'float64', values: Float64Array.from(outcomes, ({ durationMs }) => durationMs) },
    places('dataset', outcomes.map(rows.datasetOf), WIDE),
    places('run', [...judged.map((row) => rows.runOf(table.judged[row]!)), ...failed.map(() => 0)], WIDE),
    ...(rows.hasMetrics ? REPORT_METRICS.map(({ name }, m) => numbers(name, (row) => table.metrics[m]![row]!)) : []),
    ...(rows.trust === null ? [] : trustColumns(table, rows.trust, numbers, bytes)),
  ];
}

const ID_DIGITS = 12;
/** In columns of places and words: none. */
const NOTHING = 255;
const WIDE = 1 << 16;

function places(name: string, values: readonly number[], count: number): Column {
  return count <= 256
    ? { name, type: 'uint8', values: Uint8Array.from(values) }
    : { name, type: 'uint16', values: Uint16Array.from(values) };
}

type Make = (name: string, read: (row: number) => number) => Column;

function trustColumns(
  table: ReportTable,
  { rows: trust, halfWidth }: RowsTrust,
  numbers: Make,
  bytes: (name: string, read: (row: number) => number, ofFailed?: number) => Column,
): Column[] {
  const of = (row: number) => trust.get(table.judged[row]!.configurationId);
  const number = (name: string, read: (row: TrustRow) => number | null): Column =>
    numbers(name, (row) => {
      const found = of(row);
      return (found === undefined ? null : read(found)) ?? Number.NaN;
    });
  const byte = (name: string, read: (row: TrustRow) => number | null): Column =>
    bytes(
      name,
      (row) => {
        const found = of(row);
        return (found === undefined ? null : read(found)) ?? NOTHING;
      },
      NOTHING,
    );
  const wordPlace = (word: string | null): number => {
    const words: readonly (string | null)[] = ROW_WORDS;
    const place = words.indexOf(word);
    return place === -1 ? NOTHING : place;
  };
  return [
    number('tune_half', ({ half }) => half),
    number('gain', ({ gain }) => gain),
    number('gain_half', ({ gainHalf }) => gainHalf),
    byte('plateau', ({ plateau }) => Number(plateau)),
    byte('decided', ({ decided }) => (decided === null ? null : Number(decided))),
    byte('word', ({ weakest }) => wordPlace(weakest)),
    ...GATES.flatMap(({ side, split, metric }, g) => {
      const key = `${side.toLowerCase()} ${split} ${metric === 'continue_auc' ? 'auc' : 'mae'}`;
      // A sealed row has none.
      const gate = <T>(read: (gate: TrustRow['gates'][string]) => T) => {
        return ({ gates }: TrustRow): T | null => (gates[key] === undefined ? null : read(gates[key]));
      };
      return [
        number(
          `trust_margin_${g}`,
          gate(({ margin }) => margin),
        ),
        number(
          `trust_half_${g}`,
          gate(({ se }) => se * halfWidth[split]),
        ),
        number(
          `trust_flip_${g}`,
          gate(({ flip }) => flip),
        ),
        number(
          `trust_list_flip_${g}`,
          gate(({ list }) => list.flip),
        ),
        byte(
          `trust_word_${g}`,
          gate(({ say }) => wordPlace(say)),
        ),
        byte(
          `trust_list_word_${g}`,
          gate(({ list }) => wordPlace(list.say)),
        ),
        byte(
          `trust_of_${g}`,
          gate(({ of: against }) => Number(against === 'market_only')),
        ),
      ];
    }),
  ];
}
