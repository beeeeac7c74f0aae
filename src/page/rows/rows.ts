import { type Column, readColumns } from '../../page-data/columns.ts';
import { ROW_VERDICTS, ROW_WORDS, type RowVerdict, type RowWord, type SweepFacts } from '../../page-data/report.ts';

/** A sweep's rows, judged ones by rank, as their columns. Numbers that do not exist are NaN. */
export class Rows {
  readonly count: number;
  readonly ids: readonly string[];
  readonly #columns: ReadonlyMap<string, Column>;
  readonly #shortIdLength: number;
  readonly #rowOfId: ReadonlyMap<string, number>;

  constructor(facts: Pick<SweepFacts, 'rows'>, bytes: Uint8Array) {
    this.count = facts.rows.count;
    this.#shortIdLength = facts.rows.shortIdLength;
    this.#columns = readColumns(facts, bytes);
    const ids = this.#columns.get('id');
    if (ids?.type !== 'hex12') throw new Error('rows have no ids');
    this.ids = ids.values;
    this.#rowOfId = new Map(this.ids.map((id, row) => [id, row]));
  }

  has(name: string): boolean {
    return this.#columns.has(name);
  }

  /** @throws Error when there is no such column: ask `has` where a report may be without it */
  numbers(name: string): ArrayLike<number> {
    const column = this.#columns.get(name);
    if (column === undefined || column.type === 'hex12') throw new Error(`rows have no numbers ${name}`);
    return column.values;
  }

  number(name: string, row: number): number {
    return this.numbers(name)[row]!;
  }

  /** NaN where the report has no such column. */
  numberIfThere(name: string, row: number): number {
    return this.has(name) ? this.number(name, row) : Number.NaN;
  }

  shortId(row: number): string {
    return this.ids[row]!.slice(0, this.#shortIdLength);
  }

  /** By the first 12 digits of an id; undefined where it is not in the report. */
  rowOf(id: string): number | undefined {
    return this.#rowOfId.get(id.slice(0, 12));
  }

  verdict(row: number): RowVerdict {
    return ROW_VERDICTS[this.number('verdict', row)]!;
  }

  passed(row: number): boolean {
    return this.number('verdict', row) === PASS;
  }

  /** Whether it has numbers at all. */
  isJudged(row: number): boolean {
    return this.number('verdict', row) !== ERROR;
  }

  /** Whether its gates were looked at. */
  hasGates(row: number): boolean {
    return this.isJudged(row) && this.number('verdict', row) !== SEALED;
  }

  /** Undefined beyond the rows that something can be said of. */
  word(name: string, row: number): RowWord | undefined {
    return this.has(name) ? ROW_WORDS[this.number(name, row)] : undefined;
  }
}

const PASS = ROW_VERDICTS.indexOf('pass');
const ERROR = ROW_VERDICTS.indexOf('error');
const SEALED = ROW_VERDICTS.indexOf('sealed');
