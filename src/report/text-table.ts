import { styleText } from 'node:util';
import { asciiSigns, displayWidth, pad, truncate } from './printable.ts';

/** How a rendering may look. Pure data: whoever prints decides it. */
export type Screen = {
  /** In columns of the terminal. */
  readonly width: number;
  readonly color: boolean;
  /** Whether nothing but ASCII of ours can be shown: `>=` for `≥`. */
  readonly ascii?: boolean | undefined;
  /** How the program is called there, for hints: `npx sweep`. */
  readonly program?: string | undefined;
  /** What says there which store is read, where it is not the one that commands read by themselves: `--db`, `FILE`. */
  readonly store?: readonly string[] | undefined;
};

export type TextStyle = 'bold' | 'dim' | 'green' | 'red' | 'yellow';

export type TextColumn = {
  /** From the widest to the narrowest; the first is used where there is room. */
  readonly forms: readonly [ColumnForm, ...ColumnForm[]];
  readonly align: 'left' | 'right';
  /** `extra` is left out before anything gets narrower, `wanted` when nothing else helps, `needed` never. */
  readonly priority: 'needed' | 'wanted' | 'extra';
  /** Among those of one priority the greater gives way first; 0 when left out. */
  readonly givesWay?: number | undefined;
  /** What it is called where it had no room, when its header alone does not tell it from another's. */
  readonly hiddenAs?: string | undefined;
  /** Text that may end in an ellipsis where it has no room; all of it is shown elsewhere. */
  readonly mayBeCut?: boolean | undefined;
  readonly styleOf?: ((row: number) => TextStyle | undefined) | undefined;
};

export type ColumnForm = {
  readonly header: string;
  readonly cells: readonly string[];
  /** Said below the table when this form is used. */
  readonly note?: string | undefined;
};

export type FittedTable = {
  readonly lines: readonly string[];
  /** What the columns are called that had no room. */
  readonly dropped: readonly string[];
  readonly notes: readonly string[];
};

/**
 * Columns beside each other, in `screen.width` columns where that can be done. What gives way, in this order, by what a
 * column says of itself and then from the last to the first: text that may be cut, extra columns, wide forms, one of the two spaces between columns,
 * wanted columns. A line that still is too wide is left so: no number is ever cut. Cells are printable text, all columns
 * of equal length.
 */
export function textTable(columns: readonly TextColumn[], screen: Screen): FittedTable {
  const fitted: FittedColumn[] = columns.map((column) => ({
    column: screen.ascii ? inAscii(column) : column,
    form: 0,
  }));
  const dropped: string[] = [];
  let gap = WIDE_GAP;
  const isTooWide = () => totalWidth(fitted, gap) > screen.width;
  const drop = (priority: TextColumn['priority']) => {
    const weight = ({ column }: FittedColumn) => column.givesWay ?? 0;
    // A stable sort: of equal ones the last column comes first.
    const candidates = fitted.filter(({ column }) => column.priority === priority).reverse();
    for (const item of candidates.sort((a, b) => weight(b) - weight(a))) {
      if (!isTooWide()) return;
      fitted.splice(fitted.indexOf(item), 1);
      dropped.push(item.column.hiddenAs ?? item.column.forms[0].header);
    }
  };
  drop('extra');
  for (const item of [...fitted].reverse()) {
    while (isTooWide() && item.form < item.column.forms.length - 1) item.form += 1;
  }
  if (isTooWide()) gap = NARROW_GAP;
  drop('wanted');
  return {
    lines: renderLines(fitted, screen),
    dropped,
    notes: fitted.flatMap((item) => formOf(item).note ?? []),
  };
}

/** The lines of a table, and below them which of its columns had no room: nobody asks for what they do not know of. */
export function tableLines(columns: readonly TextColumn[], screen: Screen): string[] {
  const { lines, dropped } = textTable(columns, screen);
  return [...lines, ...noteLines(hiddenText(dropped), screen)];
}

/** `hidden at this width: code, runs`; nothing where all columns had room. */
export function hiddenText(dropped: readonly string[]): string[] {
  return dropped.length === 0 ? [] : [`hidden at this width: ${[...new Set(dropped)].join(', ')}`];
}

/** What is said below a table. */
export function noteLines(notes: readonly string[], screen: Screen): string[] {
  return notes.flatMap((note) => wrap(note, screen.width)).map((line) => paint('dim', line, screen.color));
}

type ColumnMaker<T> = (
  /** Or several, the widest first. */
  header: string | readonly [string, ...string[]],
  text: (row: T) => string,
  more?: Partial<Pick<TextColumn, 'priority' | 'mayBeCut' | 'givesWay' | 'hiddenAs'>> & {
    /** Texts that take less room, below the last of the headers. */
    readonly narrow?: ((row: T) => string) | undefined;
    readonly style?: ((row: T) => TextStyle | undefined) | undefined;
  },
) => TextColumn;

/** Makes columns over a list of things, a row for each. */
export function columnsOver<T>(rows: readonly T[]): { left: ColumnMaker<T>; right: ColumnMaker<T> } {
  const maker =
    (align: TextColumn['align']): ColumnMaker<T> =>
    (header, text, { narrow, style, priority = 'needed', mayBeCut = false, givesWay, hiddenAs } = {}) => {
      const [first, ...others] = typeof header === 'string' ? [header] : header;
      const cells = rows.map(text);
      const narrowForm = narrow && { header: others.at(-1) ?? first, cells: rows.map(narrow) };
      const forms = others.map((narrower) => ({ header: narrower, cells }));
      return {
        forms: [{ header: first, cells }, ...forms, ...(narrowForm === undefined ? [] : [narrowForm])],
        align,
        priority,
        mayBeCut,
        givesWay,
        hiddenAs,
        styleOf: style && ((i) => style(rows[i]!)),
      };
    };
  return { left: maker('left'), right: maker('right') };
}

/** Paints text where colours are wanted. */
export function paint(style: TextStyle | undefined, text: string, color: boolean): string {
  return color && style !== undefined ? styleText(style, text, { validateStream: false }) : text;
}

/** Breaks a text between words, so that its lines fit. A word that is too long stands alone. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && displayWidth(last) + 1 + displayWidth(word) <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function inAscii(column: TextColumn): TextColumn {
  const [first, ...others] = column.forms.map(({ header, cells, note }) => ({
    header: asciiSigns(header),
    cells: cells.map(asciiSigns),
    note: note === undefined ? undefined : asciiSigns(note),
  }));
  return { ...column, forms: [first!, ...others] };
}

const WIDE_GAP = 2;
const NARROW_GAP = 1;
/** What is left at least of a text that may be cut. */
const CUT_WIDTH = 24;

type FittedColumn = { readonly column: TextColumn; form: number };

function formOf({ column, form }: FittedColumn): ColumnForm {
  return column.forms[form]!;
}

function totalWidth(fitted: readonly FittedColumn[], gap: number): number {
  return fitted.reduce((sum, item) => sum + neededWidth(item), 0) + gap * (fitted.length - 1);
}

function neededWidth(item: FittedColumn): number {
  return item.column.mayBeCut ? Math.min(CUT_WIDTH, widthOf(item)) : widthOf(item);
}

function widthOf(item: FittedColumn): number {
  const { header, cells } = formOf(item);
  return cells.reduce((width, cell) => Math.max(width, displayWidth(cell)), displayWidth(header));
}

function renderLines(fitted: readonly FittedColumn[], screen: Screen): string[] {
  // What is left of the line goes to texts that had to be cut, then to the gaps: two spaces, from the left on.
  let room = Math.max(0, screen.width - totalWidth(fitted, NARROW_GAP));
  const widths = fitted.map((item) => {
    const more = Math.min(room, widthOf(item) - neededWidth(item));
    room -= more;
    return neededWidth(item) + more;
  });
  const gaps = fitted.map((_, i) => ' '.repeat(i < room ? WIDE_GAP : NARROW_GAP));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cell + gaps[i]!)
      .join('')
      .trimEnd();
  const cell = (text: string, i: number, style?: TextStyle) => {
    const shown = truncate(text, widths[i]!, screen.ascii ? '~' : '…');
    // Painted without its padding, so that what ends a line can be trimmed.
    const space = pad('', widths[i]! - displayWidth(shown), 'left');
    const painted = paint(style, shown, screen.color);
    return fitted[i]!.column.align === 'left' ? painted + space : space + painted;
  };
  const header = line(fitted.map((item, i) => cell(formOf(item).header, i)));
  const rowCount = fitted[0] === undefined ? 0 : formOf(fitted[0]).cells.length;
  const rows = Array.from({ length: rowCount }, (_, row) =>
    line(fitted.map((item, i) => cell(formOf(item).cells[row]!, i, item.column.styleOf?.(row)))),
  );
  return [paint('bold', header, screen.color), ...rows];
}
