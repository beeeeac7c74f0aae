import { EXACT_DIGITS, isMissing, type NumberStyle, POWERS_OF_TEN, parseNumberCell } from './number-cell.ts';
import type { NumberColumn, SourceColumn, TextColumn, TimeColumn } from './source-table.ts';
import { parseTimeCell, type TimeCell } from './time-cell.ts';

/** Cells that do not fit a column are kept up to this many; an error names the first, and --drop-bad-rows lists a few. */
const MOST_UNFIT_KEPT = 1000;
const FIRST_ROWS = 4096;

/** Gathers the cells of a column, row by row. */
export interface ColumnBuilder {
  /** A cell as text: bytes[start..end-1], ASCII or UTF-8, without quotes or white space around it. */
  pushBytes(bytes: Buffer, start: number, end: number): void;
  pushText(text: string): void;
  pushNumber(value: number): void;
  pushMissing(): void;
  finish(name: string): SourceColumn;
}

export type ColumnKind = SourceColumn['kind'];

/** What a column's cells are by their first ones: numbers, times, or neither. Missing cells tell nothing. */
export function kindOfCells(cells: readonly string[], style: NumberStyle): ColumnKind {
  const told = cells.filter((cell) => !isMissing(cell));
  if (told.length === 0) return 'number';
  // One cell that does not fit is a bad cell; a column in which a tenth does not is of another kind.
  const allowed = Math.floor(told.length / 10);
  const misfits = (fits: (cell: string) => boolean): number => told.filter((cell) => !fits(cell)).length;
  if (misfits((cell) => parseNumberCell(cell, style) !== null) <= allowed) return 'number';
  if (misfits((cell) => parseTimeCell(cell) !== null) <= allowed) return 'time';
  return 'text';
}

export function columnBuilder(kind: ColumnKind, style: NumberStyle): ColumnBuilder {
  if (kind === 'number') return new NumberBuilder(style);
  return kind === 'time' ? new TimeBuilder() : new TextBuilder();
}

class NumberBuilder implements ColumnBuilder {
  readonly #style: NumberStyle;
  readonly #unfit = new Map<number, string>();
  #values = new Float64Array(FIRST_ROWS);
  #lastDigits: Uint16Array | null = null;
  #decimals = 0;
  #rows = 0;

  constructor(style: NumberStyle) {
    this.#style = style;
  }

  pushBytes(bytes: Buffer, start: number, end: number): void {
    let at = start;
    let sign = 1;
    if (bytes[at] === 0x2d) {
      sign = -1;
      at += 1;
    }
    const { decimal } = this.#style;
    let digits = 0;
    let mantissa = 0;
    let pointAt = -1;
    for (; at < end; at += 1) {
      const byte = bytes[at]!;
      if (byte >= 0x30 && byte <= 0x39) {
        mantissa = mantissa * 10 + (byte - 0x30);
        digits += 1;
      } else if (byte === decimal && pointAt < 0) pointAt = at;
      else break;
    }
    if (at < end || digits === 0 || digits > EXACT_DIGITS) {
      this.pushText(bytes.toString('utf8', start, end));
      return;
    }
    const decimals = pointAt < 0 ? 0 : end - pointAt - 1;
    if (decimals > this.#decimals) this.#decimals = decimals;
    this.pushNumber(sign * (decimals === 0 ? mantissa : mantissa / POWERS_OF_TEN[decimals]!));
  }

  pushText(text: string): void {
    if (isMissing(text)) {
      this.pushMissing();
      return;
    }
    const cell = parseNumberCell(text, this.#style);
    if (cell === null) {
      if (this.#unfit.size < MOST_UNFIT_KEPT) this.#unfit.set(this.#rows, text);
      this.pushMissing();
      return;
    }
    if (cell.decimals > this.#decimals) this.#decimals = cell.decimals;
    this.pushNumber(cell.value);
    if (cell.lastDigits >= 0) {
      this.#lastDigits ??= new Uint16Array(this.#values.length);
      this.#lastDigits[this.#rows - 1] = cell.lastDigits;
    }
  }

  pushNumber(value: number): void {
    if (this.#rows === this.#values.length) {
      this.#values = grown(this.#values, Float64Array);
      if (this.#lastDigits !== null) this.#lastDigits = grown(this.#lastDigits, Uint16Array);
    }
    this.#values[this.#rows] = value;
    this.#rows += 1;
  }

  pushMissing(): void {
    this.pushNumber(Number.NaN);
  }

  finish(name: string): { name: string } & NumberColumn {
    return {
      name,
      kind: 'number',
      values: this.#values.subarray(0, this.#rows),
      lastDigits: this.#lastDigits?.subarray(0, this.#rows) ?? null,
      decimals: this.#decimals,
      unfit: this.#unfit,
    };
  }
}

class TimeBuilder implements ColumnBuilder {
  readonly #unfit = new Map<number, string>();
  readonly #minutes = new MinuteText();
  #ms = new Float64Array(FIRST_ROWS);
  #unsettled: { first: Uint8Array; second: Uint8Array; year: Uint16Array } | null = null;
  /** What the first cell is; all others have to be the same. */
  #like: (Pick<TimeCell, 'part' | 'hasOffset'> & { isUnsettled: boolean }) | null = null;
  #rows = 0;

  pushBytes(bytes: Buffer, start: number, end: number): void {
    this.pushText(bytes.toString('latin1', start, end));
  }

  pushText(text: string): void {
    if (isMissing(text)) {
      this.pushMissing();
      return;
    }
    const cell = this.#minutes.parse(text);
    const like =
      this.#like ?? (cell && { part: cell.part, hasOffset: cell.hasOffset, isUnsettled: cell.unsettled !== null });
    const isAlike =
      cell !== null &&
      like !== null &&
      // pandas leaves the time of day out where it is midnight in every row, other programs in single rows.
      (cell.part === like.part || (cell.part !== 'clock' && like.part !== 'clock' && !like.hasOffset)) &&
      cell.hasOffset === like.hasOffset &&
      (cell.unsettled !== null) === like.isUnsettled;
    if (!isAlike) {
      if (this.#unfit.size < MOST_UNFIT_KEPT) this.#unfit.set(this.#rows, text);
      this.pushMissing();
      return;
    }
    this.#like = cell.part === 'instant' ? { ...like, part: 'instant' } : like;
    this.#push(cell.ms);
    if (cell.unsettled !== null) {
      this.#unsettled ??= unsettledOf(this.#ms.length);
      this.#unsettled.first[this.#rows - 1] = cell.unsettled.first;
      this.#unsettled.second[this.#rows - 1] = cell.unsettled.second;
      this.#unsettled.year[this.#rows - 1] = cell.unsettled.year;
    }
  }

  pushNumber(value: number): void {
    this.pushText(String(value));
  }

  pushMissing(): void {
    this.#push(Number.NaN);
  }

  finish(name: string): { name: string } & TimeColumn {
    const { first, second, year } = this.#unsettled ?? {};
    return {
      name,
      kind: 'time',
      part: this.#like?.part ?? 'instant',
      ms: this.#ms.subarray(0, this.#rows),
      hasOffset: this.#like?.hasOffset ?? false,
      isText: true,
      unsettled:
        first && second && year
          ? {
              first: first.subarray(0, this.#rows),
              second: second.subarray(0, this.#rows),
              year: year.subarray(0, this.#rows),
            }
          : null,
      unfit: this.#unfit,
    };
  }

  #push(ms: number): void {
    if (this.#rows === this.#ms.length) {
      this.#ms = grown(this.#ms, Float64Array);
      if (this.#unsettled !== null) {
        this.#unsettled = {
          first: grown(this.#unsettled.first, Uint8Array),
          second: grown(this.#unsettled.second, Uint8Array),
          year: grown(this.#unsettled.year, Uint16Array),
        };
      }
    }
    this.#ms[this.#rows] = ms;
    this.#rows += 1;
  }
}

function unsettledOf(length: number): { first: Uint8Array; second: Uint8Array; year: Uint16Array } {
  return { first: new Uint8Array(length), second: new Uint8Array(length), year: new Uint16Array(length) };
}

/**
 * Times of one file differ from row to row in the minute: the cell that was taken apart last tells the others of its
 * hour, where minute and second stand at the same places. A tenth of the time of taking each apart.
 */
class MinuteText {
  #before = '';
  #after = '';
  #hour: TimeCell | null = null;
  #at = -1;
  #hasSeconds = false;

  parse(text: string): TimeCell | null {
    const at = this.#at;
    if (this.#hour !== null && at >= 0 && text.startsWith(this.#before)) {
      const seconds = this.#hasSeconds ? twoDigits(text, at + 3) : 0;
      const minute = twoDigits(text, at);
      const rest = at + (this.#hasSeconds ? 5 : 2);
      const isMarked = !this.#hasSeconds || text.charCodeAt(at + 2) === 0x3a;
      if (
        isMarked &&
        minute < 60 &&
        seconds < 60 &&
        text.length - rest === this.#after.length &&
        text.endsWith(this.#after)
      ) {
        return { ...this.#hour, ms: this.#hour.ms + minute * 60_000 + seconds * 1000 };
      }
    }
    const cell = parseTimeCell(text);
    this.#remember(text, cell);
    return cell;
  }

  #remember(text: string, cell: TimeCell | null): void {
    this.#hour = null;
    // A whole number of seconds: what is behind them is the same in the whole hour, or is taken apart anew.
    const match = /^(.*?\d{1,2}:)(\d{2})(:\d{2})?(?![\d:])(.*)$/.exec(text);
    if (cell === null || match === null || cell.part === 'date') return;
    this.#before = match[1]!;
    this.#after = match[4]!;
    this.#at = this.#before.length;
    this.#hasSeconds = match[3] !== undefined;
    const seconds = this.#hasSeconds ? Number(match[3]!.slice(1)) : 0;
    this.#hour = { ...cell, ms: cell.ms - Number(match[2]) * 60_000 - seconds * 1000 };
  }
}

/** The number that two digits of a text make; 99 where they are none. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 0x30;
  const ones = text.charCodeAt(at + 1) - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : 99;
}

class TextBuilder implements ColumnBuilder {
  readonly #codeOf = new Map<string, number>();
  #codes = new Int32Array(FIRST_ROWS);
  #rows = 0;

  pushBytes(bytes: Buffer, start: number, end: number): void {
    this.pushText(bytes.toString('utf8', start, end));
  }

  pushText(text: string): void {
    let code = isMissing(text) ? -1 : this.#codeOf.get(text);
    if (code === undefined) {
      // Nobody asks for the thousandth different text of a column: it is no symbol and no flag.
      code = Math.min(this.#codeOf.size, MOST_TEXTS);
      if (code < MOST_TEXTS) this.#codeOf.set(text, code);
    }
    if (this.#rows === this.#codes.length) this.#codes = grown(this.#codes, Int32Array);
    this.#codes[this.#rows] = code;
    this.#rows += 1;
  }

  pushNumber(value: number): void {
    this.pushText(String(value));
  }

  pushMissing(): void {
    this.pushText('');
  }

  finish(name: string): { name: string } & TextColumn {
    const texts = [...this.#codeOf.keys()];
    if (texts.length === MOST_TEXTS) texts.push('…');
    return { name, kind: 'text', codes: this.#codes.subarray(0, this.#rows), texts };
  }
}

const MOST_TEXTS = 10_000;

function grown<T extends Float64Array | Uint16Array | Uint8Array | Int32Array>(
  from: T,
  make: new (length: number) => T,
): T {
  const larger = new make(from.length * 2);
  larger.set(from);
  return larger;
}
