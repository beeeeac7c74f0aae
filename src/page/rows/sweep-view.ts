import type { SweepFacts } from '../../page-data/report.ts';
import { signed, whole } from '../parts/number-text.ts';
import { type Dimension, dimensionsOf } from './dimensions.ts';
import { Rows } from './rows.ts';

/** A sweep as the page has it: its facts, its rows, and what is asked of both. */
export class SweepView {
  readonly facts: SweepFacts;
  readonly rows: Rows;
  readonly dimensions: readonly Dimension[];

  constructor(facts: SweepFacts, bytes: Uint8Array) {
    this.facts = facts;
    this.rows = new Rows(facts, bytes);
    this.dimensions = dimensionsOf(facts, this.rows);
  }

  /** Rows are those of a ranking, with gaps where some are left out. */
  rowOfRank(rank: number): number | undefined {
    const ranks = this.rows.numbers('rank');
    if (ranks[rank - 1] === rank) return rank - 1;
    for (let row = 0; row < this.rows.count; row += 1) if (ranks[row] === rank) return row;
    return undefined;
  }

  /** `ages 30,60, huber, alpha 10, epsilon 1.05`: what varies and what the row has. */
  settingsOf(row: number): string {
    const { axes } = this.facts;
    return axes
      .flatMap(({ name, label, column, values }) => {
        const value = values[this.rows.number(column, row)];
        if (value === undefined || value.isNone) return [];
        return name === 'regressorKind' ? value.text : `${label} ${value.text}`;
      })
      .join(', ');
  }

  /** One line for whatever points at a row. */
  sentenceOf(row: number): string {
    const { rows } = this;
    const rank = rows.number('rank', row);
    const measures = rows.hasGates(row)
      ? ` · ${rows.verdict(row)}, weakest margin ${signed(rows.number('margin', row))}`
      : '';
    return `${rank === 0 ? '' : `rank ${whole(rank)} · `}${rows.shortId(row)} · ${this.settingsOf(row)}${measures}`;
  }

  /** `LONG stress MAE`. */
  gateLabel(gate: number): string {
    return this.facts.gates.gates[gate]?.label ?? '–';
  }
}
