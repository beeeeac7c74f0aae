import { UserError } from '../../user-error.ts';

export type BadRow = { readonly row: string; readonly problem: string };

/** Rows that break a rule. They are refused, or left out and listed, up to as many as the user allows. */
export class BadRows {
  readonly #allowed: number;
  readonly #rows: BadRow[] = [];

  constructor(allowed: number) {
    this.#allowed = allowed;
  }

  get rows(): readonly BadRow[] {
    return this.#rows;
  }

  /** @throws UserError when it is one row too many */
  add(row: string, problem: string): void {
    if (this.#allowed === 0) throw new UserError(`${row}: ${problem}`);
    this.#rows.push({ row, problem });
    if (this.#rows.length <= this.#allowed) return;
    const [first] = this.#rows;
    throw new UserError(
      `${row}: ${problem}. It is row ${this.#rows.length} that breaks a rule (the first: ${first!.row}: ${first!.problem}); --drop-bad-rows ${this.#allowed} leaves out no more`,
    );
  }
}
