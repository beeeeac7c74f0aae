import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Date_, DateUnit, Float16, makeVector, type Vector, vectorFromArray } from 'apache-arrow';
import { type CodedStrings, copyIntegers, copyTimes, numberColumn, stringColumn } from '../../src/baseline/columns.ts';
import { NULL_TIME } from '../../src/baseline/null-time.ts';
import { type NumberKind, numberVector, type TimeKind, textVector, timeVector } from '../support/arrow-columns.ts';
import { assertSameBits } from '../support/closeness.ts';
import { forEachSeed, type Random } from '../support/random.ts';

/** A vector in several chunks, as a file with several row groups is read. */
function inChunks(random: Random, length: number, make: (from: number, to: number) => Vector): Vector {
  const cuts = [0, random.integer(0, length), random.integer(0, length), length].sort((a, b) => a - b);
  const chunks = cuts.slice(1).map((to, i) => make(cuts[i]!, to));
  return chunks[0]!.concat(...chunks.slice(1));
}

function textsOf({ codes, pool }: CodedStrings): (string | null)[] {
  return Array.from(codes, (code) => (code < 0 ? null : pool.text(code)));
}

function integerColumn(vector: Vector, where: string): Float64Array {
  const out = new Float64Array(vector.length);
  copyIntegers(vector, where, out, 0);
  return out;
}

function timeColumn(vector: Vector, where: string): BigInt64Array {
  const out = new BigInt64Array(vector.length);
  copyTimes(vector, where, out, 0);
  return out;
}

const INTEGER_RANGES: Partial<Record<NumberKind, [number, number]>> = {
  int8: [-128, 127],
  int16: [-32_768, 32_767],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  int64: [-(2 ** 53) + 1, 2 ** 53 - 1],
  uint8: [0, 255],
  uint16: [0, 65_535],
  uint32: [0, 2 ** 32 - 1],
  uint64: [0, 2 ** 53 - 1],
};

describe('columns of a file', () => {
  test('whole numbers of every width keep their values to both ends, nulls become NaN, in any chunks', () => {
    forEachSeed(10, (random) => {
      for (const [kind, [low, high]] of Object.entries(INTEGER_RANGES)) {
        const values = Array.from({ length: random.integer(1, 40) }, () =>
          random.chance(0.2) ? null : random.pick([low, high, 0, 1]),
        );
        const vector = inChunks(random, values.length, (from, to) =>
          numberVector(values.slice(from, to), kind as NumberKind),
        );
        const expected = values.map((value) => value ?? Number.NaN);
        assertSameBits(numberColumn(vector, kind), expected, kind);
        assertSameBits(integerColumn(vector, kind), expected, kind);
      }
    });
  });

  test('floats keep their bits, booleans are 0 and 1, in any chunks', () => {
    forEachSeed(20, (random) => {
      const values = Array.from({ length: random.integer(1, 70) }, () =>
        random.chance(0.2) ? null : random.pick([random.normal(), -0, Infinity, Number.NaN]),
      );
      const missing = (value: number | null) => value ?? Number.NaN;
      const chunks = (kind: NumberKind, given: readonly (number | null)[]) =>
        inChunks(random, given.length, (from, to) => numberVector(given.slice(from, to), kind));
      assertSameBits(numberColumn(chunks('float64', values), ''), values.map(missing), 'float64');
      const rounded = values.map((value) => (value === null ? Number.NaN : Math.fround(value)));
      assertSameBits(numberColumn(chunks('float32', values), ''), rounded, 'float32');
      const bits = values.map((value) => (value === null ? null : value > 0 ? 1 : 0));
      assertSameBits(numberColumn(chunks('bool', bits), ''), bits.map(missing), 'bool');
    });
  });

  test('text of every kind keeps its values, equal texts share a code, nulls have none, in any chunks', () => {
    const alphabet = ['', 'a', 'ab', 'b', 'żółw', '状态', '😀', 'a'.repeat(300)];
    forEachSeed(20, (random) => {
      for (const kind of ['utf8', 'large', 'dictionary'] as const) {
        const values = Array.from({ length: random.integer(1, 60) }, () =>
          random.chance(0.2) ? null : random.pick(alphabet),
        );
        const column = stringColumn(
          inChunks(random, values.length, (from, to) => textVector(values.slice(from, to), kind)),
          kind,
        );
        assert.deepEqual(textsOf(column), values);
        assert.equal(new Set(column.codes).size, new Set(values).size);
      }
    });
  });

  test('times of every kind are nanoseconds since 1970, also before it, as far as their unit goes', () => {
    const units: Readonly<Record<string, bigint>> = { s: 10n ** 9n, ms: 10n ** 6n, us: 1000n, ns: 1n };
    forEachSeed(20, (random) => {
      const seconds = () => BigInt(random.integer(-2_000_000_000, 4_000_000_000));
      for (const [unit, ns] of Object.entries(units)) {
        for (const kind of [unit, `${unit} utc`] as TimeKind[]) {
          const fraction = () => (10n ** 9n / ns > 1n ? BigInt(random.integer(0, 999)) * ns : 0n);
          const values = Array.from({ length: 20 }, () =>
            random.chance(0.2) ? null : seconds() * 10n ** 9n + fraction(),
          );
          const column = timeColumn(
            inChunks(random, values.length, (from, to) => timeVector(values.slice(from, to), kind)),
            kind,
          );
          assert.deepEqual(
            [...column],
            values.map((value) => value ?? NULL_TIME),
            kind,
          );
        }
      }
    });
  });

  test('a time that nanoseconds in 64 bits cannot hold is refused, not wrapped around', () => {
    // 9999-12-31 is what some programs write for "never".
    const never = BigInt(Date.UTC(9999, 11, 31)) / 1000n;
    const vector = timeVector([never * 10n ** 9n], 's utc');
    assert.throws(() => timeColumn(vector, 'event_time'), /event_time/);
    assert.throws(() => timeColumn(textVector(['9999-12-31']), 'event_time'), /event_time/);
  });

  test('types that are no number, text or time are refused', () => {
    const half = vectorFromArray([1, 2], new Float16());
    const day = vectorFromArray([new Date(0)], new Date_(DateUnit.DAY));
    assert.throws(
      () => numberColumn(half, 'close'),
      /^UserError: close: expected a number, got a column of type Float16\./,
    );
    assert.throws(() => numberColumn(day, 'close'), /close: expected a number/);
    assert.throws(() => timeColumn(day, 'event_time'), /event_time: expected a timestamp or ISO text/);
    assert.throws(
      () => stringColumn(makeVector(new Float32Array(1)), 'symbol'),
      /symbol: expected text, got a column of type Float32/,
    );
  });
});

describe('ISO 8601 text', () => {
  const utc = (text: string) => timeColumn(textVector([text]), 'event_time')[0];
  const ns = (text: string) => BigInt(Date.parse(text)) * 1_000_000n;

  test('is read as UTC unless it names a zone', () => {
    const noon = ns('2023-10-15T12:00:00Z');
    for (const text of [
      '2023-10-15T12:00:00Z',
      '2023-10-15T12:00:00',
      '2023-10-15 12:00:00',
      '2023-10-15T12:00Z',
      '2023-10-15 12:00',
      '2023-10-15T12:00:00.000000000Z',
      '2023-10-15T12:00:00,000',
      '2023-10-15 12:00:00 UTC',
      '2023-10-15T12:00:00+00:00',
      '2023-10-15T21:00:00+09:00',
      '2023-10-15T21:00:00+0900',
      '2023-10-15T21:00:00+09',
      '2023-10-15T06:30:00-05:30',
      ' 2023-10-15T12:00:00Z ',
    ]) {
      assert.equal(utc(text), noon, text);
    }
    assert.equal(utc('2023-10-15'), ns('2023-10-15T00:00:00Z'));
  });

  test('keeps fractions of a second to the nanosecond, also before 1970', () => {
    assert.equal(utc('2023-10-15T12:00:00.5Z'), ns('2023-10-15T12:00:00.500Z'));
    assert.equal(utc('2023-10-15T12:00:00.000000001Z'), ns('2023-10-15T12:00:00Z') + 1n);
    assert.equal(utc('1969-12-31T23:59:59.999999999Z'), -1n);
  });

  test('of a leap day is a day like any other', () => {
    assert.equal(utc('2024-02-29'), ns('2024-02-29'));
  });

  test('that names no moment is refused', () => {
    for (const text of [
      '',
      'now',
      '2023',
      '2023-10',
      '15.10.2023',
      '2023-10-15T',
      '2023-10-15T12',
      '2023-10-15T12:00:00.0000000001Z',
      '20231015T120000Z',
      '2023-02-29',
      '2023-04-31T00:00:00Z',
      '2023-00-10',
      '2023-10-00',
      '2023-10-15T24:30:00Z',
      '2023-10-15T12:60:00Z',
      '2023-10-15T12:00:61Z',
      '2023-10-15T12:00:00+25:00',
    ]) {
      assert.throws(
        () => utc(text),
        /^UserError: event_time: expected ISO 8601 text such as 2023-10-15T00:00:00Z, got /,
        text,
      );
    }
  });
});
