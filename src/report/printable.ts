import { createRequire } from 'node:module';

/**
 * Text from outside, safe to print on one line of a terminal: control characters, line ends, characters that turn the
 * direction of writing, and halves of surrogate pairs are shown as escapes (`\x1b`, `\u202e`), never sent.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
    return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

/** The same of a text of several lines. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/** JSON, indented, ending in a line end; what `printable` escapes is escaped in its strings, as JSON escapes it. */
export function printableJson(value: unknown): string {
  return `${escapedJson(JSON.stringify(value, null, 2))}\n`;
}

/** The same on one line, without the line end. */
export function printableJsonLine(value: unknown): string {
  return escapedJson(JSON.stringify(value));
}

function escapedJson(json: string): string {
  // Outside of strings JSON has none of these but its own line ends.
  return json.replace(UNPRINTABLE, (character) => {
    if (character === '\n') return character;
    return [...Array(character.length).keys()]
      .map((i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`)
      .join('');
  });
}

// Controls (C0, delete, C1), format characters (direction, joiners, byte order mark), line and paragraph separators,
// unpaired surrogates.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** How many columns a terminal gives printable text: two for East Asian and pictographic characters, none for marks. */
export function displayWidth(text: string): number {
  return PLAIN.test(text) ? text.length : loadedStringWidth()(text);
}

type StringWidth = (text: string) => number;
let stringWidth: StringWidth | undefined;

/** Loaded when a text needs it: its tables of characters take a third of the time in which a command starts. */
function loadedStringWidth(): StringWidth {
  stringWidth ??= (createRequire(import.meta.url)('string-width') as { readonly default: StringWidth }).default;
  return stringWidth;
}

/** Our own signs for a terminal that has none but ASCII: `>=` for `≥`. Names from outside stay as they are. */
export function asciiSigns(text: string): string {
  return text.replace(OWN_SIGNS, (sign) => ASCII_SIGNS[sign] ?? sign);
}

const ASCII_SIGNS: { readonly [sign: string]: string } = {
  '–': '-',
  '…': '...',
  '≥': '>=',
  '≤': '<=',
  '×': 'x',
  '·': '|',
  '±': '+-',
  '→': '->',
  '█': '#',
  '░': '.',
};
const OWN_SIGNS = new RegExp(`[${Object.keys(ASCII_SIGNS).join('')}]`, 'g');
/** One column each. */
const PLAIN = new RegExp(`^[\\x20-\\x7e${Object.keys(ASCII_SIGNS).join('')}]*$`);

/** Pads to a width, on the right or on the left. Text that is wider stays as it is. */
export function pad(text: string, width: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return align === 'left' ? text + space : space + text;
}

/** Cuts to a width, with an ellipsis (one column wide) where something was cut. */
export function truncate(text: string, width: number, ellipsis = '…'): string {
  if (displayWidth(text) <= width) return text;
  let kept = '';
  let room = width - displayWidth(ellipsis);
  // Between characters as a person sees them: a flag or a letter with its marks is one.
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    room -= displayWidth(segment);
    if (room < 0) break;
    kept += segment;
  }
  return `${kept}${ellipsis}`;
}
