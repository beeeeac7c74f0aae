import { compareText } from '../compare-text.ts';
import { countOf, countText } from '../counts.ts';
import type { JudgedConfiguration, OutcomeSet } from '../store/records.ts';
import { type Field, PARAMETER_FIELDS } from './fields.ts';
import { marginText, ratioText } from './number-text.ts';
import { printable } from './printable.ts';
import { compareMissingLast } from './rank.ts';
import { columnsOver, hiddenText, noteLines, paint, type Screen, type TextColumn, textTable } from './text-table.ts';
import type { VerdictWord } from './verdict-words.ts';

/** A verdict as a comparison needs it. */
export type SweepVerdict = { readonly judged: JudgedConfiguration; readonly verdict: VerdictWord };

export type ComparedSweep = {
  readonly name: string;
  readonly outcomes: OutcomeSet;
  readonly verdicts: readonly SweepVerdict[];
};

/** What moved from one sweep to another: of the configurations that both have judged. */
export type SweepComparison = {
  readonly a: string;
  readonly b: string;
  readonly common: number;
  readonly onlyInA: number;
  readonly onlyInB: number;
  /** How many of the common ones are on data of equal content; figures on other data do not compare. */
  readonly sameData: number;
  /** How many went from one word to another, the most frequent first. */
  readonly verdicts: readonly { readonly a: VerdictWord; readonly b: VerdictWord; readonly count: number }[];
  /** B's tune_mae less A's: the least, the median and the greatest; null where none has both. */
  readonly tuneMaeChange: { readonly least: number; readonly median: number; readonly greatest: number } | null;
  /** Those whose verdict or figures differ, the largest change of tune_mae first. */
  readonly moved: readonly MovedConfiguration[];
};

export type MovedConfiguration = {
  readonly id: string;
  readonly judged: JudgedConfiguration;
  readonly verdictA: VerdictWord;
  readonly verdictB: VerdictWord;
  readonly tuneMaeA: number | null;
  readonly tuneMaeB: number | null;
  readonly tuneMaeChange: number | null;
  readonly marginA: number | null;
  readonly marginB: number | null;
};

export function compareSweeps(a: ComparedSweep, b: ComparedSweep): SweepComparison {
  const others = new Map(b.verdicts.map((verdict) => [verdict.judged.configurationId, verdict]));
  const pairs = a.verdicts.flatMap((of) => {
    const other = others.get(of.judged.configurationId);
    return other === undefined ? [] : [{ of, other }];
  });
  const all = pairs.map(({ of, other }) => movedOf(of, other));
  const changes = all.flatMap(({ tuneMaeChange }) => tuneMaeChange ?? []).sort((x, y) => x - y);
  const words = Map.groupBy(all, ({ verdictA, verdictB }) => `${verdictA} ${verdictB}`);
  return {
    a: a.name,
    b: b.name,
    common: pairs.length,
    onlyInA: a.verdicts.length - pairs.length,
    onlyInB: b.verdicts.length - pairs.length,
    sameData: pairs.filter(({ of, other }) => of.judged.dataset.contentHash === other.judged.dataset.contentHash)
      .length,
    verdicts: [...words.values()]
      .map((group) => ({ a: group[0]!.verdictA, b: group[0]!.verdictB, count: group.length }))
      .sort((x, y) => y.count - x.count),
    tuneMaeChange:
      changes.length === 0
        ? null
        : { least: changes[0]!, median: changes[changes.length >> 1]!, greatest: changes.at(-1)! },
    moved: all.filter(hasMoved).sort(largestFirst),
  };
}

/** For a terminal: counts, how verdicts and tune_mae went, and those that moved most. */
export function sweepComparisonText(comparison: SweepComparison, top: number, screen: Screen): string {
  const { a, b, common, onlyInA, onlyInB, sameData, verdicts, tuneMaeChange, moved } = comparison;
  const shown = moved.slice(0, top);
  const table = textTable(movedColumns(shown), screen);
  const warning = `! ${countText(common - sameData)} of them on data of other content: their figures do not compare`;
  return [
    `A  ${printable(a)}`,
    `B  ${printable(b)}`,
    `${countOf(common, 'configuration')} judged in both, ${countText(onlyInA)} only in A, ${countText(onlyInB)} only in B`,
    ...(sameData < common ? [paint('yellow', warning, screen.color)] : []),
    '',
    ...verdicts.map(
      ({ a: from, b: to, count }) => `${countText(count)} ${from === to ? `${from} in both` : `${from} → ${to}`}`,
    ),
    ...(tuneMaeChange === null
      ? []
      : [
          `tune_mae, B less A: from ${change(tuneMaeChange.least)} to ${change(tuneMaeChange.greatest)}, median ${change(tuneMaeChange.median)}`,
        ]),
    '',
    ...(shown.length === 0
      ? [common === 0 ? 'nothing to compare' : 'nothing moved']
      : [
          ...table.lines,
          '',
          ...noteLines(
            [
              [
                `${countText(shown.length)} of ${countText(moved.length)} that moved shown`,
                ...hiddenText(table.dropped),
              ].join('; '),
            ],
            screen,
          ),
        ]),
    '',
  ].join('\n');
}

/** As JSON: the same, with ids in place of whole configurations. */
export function sweepComparisonDocument({ moved, ...facts }: SweepComparison) {
  return { ...facts, moved: moved.map(({ judged: _judged, ...figures }) => figures) };
}

function movedColumns(rows: readonly MovedConfiguration[]): TextColumn[] {
  const { left, right } = columnsOver(rows);
  return [
    left('id', ({ id }) => id.slice(0, ID_LENGTH)),
    ...PARAMETER_FIELDS.filter((field) => varies(field, rows)).map((field) => {
      const text = field.textOf(rows.map((row) => parameterValue(field, row)));
      const column = field.type === 'number' ? right : left;
      return column(field.name, (row) => text(parameterValue(field, row)), { priority: 'wanted' });
    }),
    right(['tune_mae A', 'mae A'], ({ tuneMaeA }) => ratioText(tuneMaeA)),
    right(['tune_mae B', 'mae B'], ({ tuneMaeB }) => ratioText(tuneMaeB)),
    right('change', ({ tuneMaeChange }) => (tuneMaeChange === null ? '' : change(tuneMaeChange))),
    right('margin A', ({ marginA }) => marginText(marginA), { priority: 'extra' }),
    right('margin B', ({ marginB }) => marginText(marginB), { priority: 'extra' }),
    left('verdict', ({ verdictA, verdictB }) => (verdictA === verdictB ? verdictA : `${verdictA} → ${verdictB}`)),
  ];
}

function parameterValue(field: Field, { judged }: MovedConfiguration) {
  return field.read({ outcome: judged, rank: null, sweeps: [], unconverged: [] }, new Map());
}

function varies(field: Field, rows: readonly MovedConfiguration[]): boolean {
  return new Set(rows.map((row) => parameterValue(field, row))).size > 1;
}

function movedOf(
  { judged, verdict: verdictA }: SweepVerdict,
  { judged: other, verdict: verdictB }: SweepVerdict,
): MovedConfiguration {
  const [tuneMaeA, tuneMaeB] = [judged.tuneEdgeMaeRatio, other.tuneEdgeMaeRatio];
  return {
    id: judged.configurationId,
    judged,
    verdictA,
    verdictB,
    tuneMaeA,
    tuneMaeB,
    tuneMaeChange: tuneMaeA === null || tuneMaeB === null ? null : tuneMaeB - tuneMaeA,
    marginA: judged.smallestMargin,
    marginB: other.smallestMargin,
  };
}

function hasMoved({ verdictA, verdictB, tuneMaeA, tuneMaeB, marginA, marginB }: MovedConfiguration): boolean {
  return verdictA !== verdictB || tuneMaeA !== tuneMaeB || marginA !== marginB;
}

function largestFirst(x: MovedConfiguration, y: MovedConfiguration): number {
  const size = ({ tuneMaeChange }: MovedConfiguration) => (tuneMaeChange === null ? null : Math.abs(tuneMaeChange));
  return compareMissingLast(size(x), size(y), true) || compareText(x.id, y.id);
}

/** With its sign and as many digits as a ratio. One too small for them keeps one, so that it never looks like none. */
function change(value: number): string {
  const text = Math.abs(value) < 0.000005 && value !== 0 ? value.toExponential(0) : value.toFixed(5);
  return value < 0 ? text : `+${text}`;
}

const ID_LENGTH = 7;
