import type { Random } from '../support/random.ts';

/** Whole numbers that lengths, counts and offsets are at their worst with. */
const HARD_NUMBERS = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];

/** A damaged copy: a few changes of single bits, bytes and runs of bytes, or a cut. */
export function mutateBytes(bytes: Uint8Array, random: Random): Uint8Array {
  let mutant: Uint8Array = Uint8Array.from(bytes);
  for (let left = random.pick([1, 1, 1, 2, 4, 16]); left > 0; left -= 1) mutant = mutateOnce(mutant, bytes, random);
  return mutant;
}

/** A place in the data, more often than by chance in the first or last thousand bytes: headers and footers are there. */
function placeIn(length: number, random: Random): number {
  if (length === 0) return 0;
  const whole = random.integer(0, length - 1);
  return random.pick([whole, whole, whole % 1000, length - 1 - (whole % Math.min(1000, length))]);
}

/** `value` as a protobuf or thrift varint. */
export function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

function mutateOnce(mutant: Uint8Array, original: Uint8Array, random: Random): Uint8Array {
  const at = placeIn(mutant.length, random);
  const size = random.pick([1, 2, 8, 64, 1000]);
  const before = mutant.subarray(0, at);
  switch (
    random.pick([
      'flip',
      'flip',
      'byte',
      'number',
      'varint',
      'cut',
      'remove',
      'repeat',
      'insert',
      'zero',
      'move',
    ] as const)
  ) {
    case 'flip':
      mutant[at] = (mutant[at] ?? 0) ^ (1 << random.integer(0, 7));
      return mutant;
    case 'byte':
      mutant[at] = random.integer(0, 255);
      return mutant;
    case 'number': {
      if (mutant.length < 4) return mutant;
      const view = new DataView(mutant.buffer, mutant.byteOffset, mutant.length);
      view.setUint32(Math.min(at, mutant.length - 4), random.pick(HARD_NUMBERS), random.chance(0.8));
      return mutant;
    }
    case 'varint': {
      const huge = varint(2n ** BigInt(random.integer(7, 63)) - BigInt(random.integer(0, 1)));
      return joined(before, huge, mutant.subarray(at + random.pick([1, 2, huge.length])));
    }
    case 'cut':
      return mutant.slice(0, at);
    case 'remove':
      return joined(before, mutant.subarray(at + size));
    case 'repeat':
      return joined(before, mutant.subarray(at, at + size), mutant.subarray(at));
    case 'insert':
      return joined(
        before,
        Uint8Array.from({ length: size }, () => random.integer(0, 255)),
        mutant.subarray(at),
      );
    case 'zero':
      mutant.fill(random.pick([0, 255]), at, at + size);
      return mutant;
    case 'move': {
      const from = placeIn(original.length, random);
      mutant.set(original.subarray(from, Math.min(from + size, from + mutant.length - at)), at);
      return mutant;
    }
  }
}

/** A damaged copy of a text: values, words and marks replaced, repeated, nested; sometimes its bytes damaged, too. */
export function mutateText(text: string, random: Random): Uint8Array {
  let mutant = text;
  for (let left = random.pick([1, 1, 2, 3]); left > 0; left -= 1) mutant = mutateTextOnce(mutant, random);
  const bytes = new TextEncoder().encode(mutant);
  return random.chance(0.1) ? mutateBytes(bytes, random) : bytes;
}

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[A-Za-z_]\w*|[^\s\w]/g;

const HARD_VALUES = [
  'null',
  'true',
  '0',
  '-1',
  '-0',
  '1e999',
  '-1e999',
  '1e308',
  '5e-324',
  '0.1',
  'NaN',
  'Infinity',
  '1e21',
  '9007199254740993',
  '123456789012345678901234567890',
  '""',
  '"x"',
  '[]',
  '{}',
  '[[]]',
  '"\\u0000"',
  '"\\ud800"',
  '"\\u202e\\u001b[31m"',
  '"../../../etc/passwd"',
  '"__proto__"',
  '"/dev/zero"',
  '"a\\nb"',
  '"\'; DROP TABLE runs; --"',
];

function mutateTextOnce(text: string, random: Random): string {
  const tokens = [...text.matchAll(TOKEN)];
  const token = tokens.length === 0 ? undefined : random.pick(tokens);
  const from = token?.index ?? 0;
  const end = from + (token?.[0].length ?? 0);
  const put = (value: string) => text.slice(0, from) + value + text.slice(end);
  switch (
    random.pick([
      'value',
      'value',
      'swap',
      'remove',
      'repeat',
      'nest',
      'long',
      'mark',
      'control',
      'wide',
      'cut',
    ] as const)
  ) {
    case 'value':
      return put(random.pick(HARD_VALUES));
    case 'swap':
      return put(tokens.length === 0 ? '' : random.pick(tokens)[0]);
    case 'remove':
      return put('');
    case 'repeat': {
      const line = text.slice(text.lastIndexOf('\n', from) + 1, (text.indexOf('\n', from) + 1 || text.length + 1) - 1);
      return `${text.slice(0, from)}${`${line}\n`.repeat(random.pick([1, 2, 100]))}${text.slice(from)}`;
    }
    case 'nest': {
      const depth = random.pick([2, 100, 20_000]);
      const [open, close] = random.pick([
        ['[', ']'],
        ['{"a":', '}'],
        ['(', ')'],
      ] as const);
      return put(open.repeat(depth) + (token?.[0] ?? '1') + (random.chance(0.8) ? close.repeat(depth) : ''));
    }
    case 'long':
      return put(random.pick(['1', 'x', '"', '[', ' ', '\t', '\u{1f600}']).repeat(random.pick([300, 100_000])));
    case 'mark':
      return put(
        random.pick([
          ':',
          ',',
          '#',
          '&a',
          '*a',
          '!!binary',
          '|',
          '>',
          '%',
          '---\n',
          '...\n',
          '<<',
          '? ',
          '\\',
          '"',
          "'",
        ]),
      );
    case 'control':
      return put(random.pick(['\0', '\x1b[2J', '\x9b31m', '\r', '\b', '\u2028', '\u202e', '\ufeff', '\ufffe']));
    case 'wide':
      return put(random.pick(['١٢', '１', 'é', 'e\u0301', 'ﬁ', '𝟙', 'Ⅷ', '½', '\u{e0041}']));
    case 'cut':
      return text.slice(0, from);
  }
}
