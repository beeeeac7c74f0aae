import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { csvLine } from '../../src/report/csv.ts';
import { durationText, marginText, ratioText, shortNumbers } from '../../src/report/number-text.ts';
import { printable, printableJson, printableJsonLine, truncate } from '../../src/report/printable.ts';

describe('text from outside', () => {
  test('is printed with its control characters as escapes', () => {
    assert.equal(printable('\u001b[31mred\u0007\r\n\u009b'), '\\x1b[31mred\\x07\\x0d\\x0a\\x9b');
    assert.equal(printable('a\u202eb\u2028c\ufeff'), 'a\\u202eb\\u2028c\\ufeff');
    assert.equal(printable('\u{e0041}\ud800'), '\\u{e0041}\\ud800');
    assert.equal(printable('Größe 比特币 🚀'), 'Größe 比特币 🚀');
  });

  test('is escaped in JSON so that it still reads back the same', () => {
    const value = { '\u202ename': 'a\u001b\u009b\u{e0041}\n"\\', list: [1] };
    const text = printableJson(value);
    assert.doesNotMatch(text, /(?!\n)[\p{Cc}\p{Cf}]/u);
    assert.deepEqual(JSON.parse(text), value);
  });

  test('is printed as JSON through that one door by every command', () => {
    const folder = new URL('../../src/cli/', import.meta.url);
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    assert.ok(files.length > 15, files.join());
    const text = files.map((name) => readFileSync(new URL(name, folder), 'utf8')).join('\n');
    // Elsewhere it quotes what was given, in an error, or makes a value that is parsed again.
    assert.deepEqual(text.match(/.*(?:print|write|note)\(.*JSON\.stringify.*/g), null);
    assert.deepEqual(text.match(/.*JSON\.stringify\([^)]*, null, \d.*/g), null);
    assert.ok(text.match(/printableJson/g)!.length > 5);
  });

  test('is escaped in JSON on one line', () => {
    const value = { path: 'a\n\u009b\u202e' };
    assert.doesNotMatch(printableJsonLine(value), /[\p{Cc}\p{Cf}]/u);
    assert.deepEqual(JSON.parse(printableJsonLine(value)), value);
  });

  test('is cut with an ellipsis, between characters', () => {
    assert.equal(truncate('比特币', 5), '比特…');
    assert.equal(truncate('比特币', 6), '比特币');
    assert.equal(truncate('🚀🚀', 3), '🚀…');
    assert.equal(truncate('🇯🇵🇯🇵', 3), '🇯🇵…');
    assert.equal(truncate('e\u0301e\u0301e', 2), 'e\u0301…');
    assert.equal(truncate('abc', 2, '~'), 'a~');
  });

  test('in CSV is quoted where it must be, and never a formula', () => {
    assert.equal(csvLine(['a', 'b,c', 'say "x"', null, 1.5, true]), 'a,"b,c","say ""x""",,1.5,true\n');
    assert.equal(csvLine(['=1+1', '+1', '-1', '@x', '\t=1', -1]), "'=1+1,'+1,'-1,'@x,\\x09=1,-1\n");
    assert.equal(csvLine(['two\nlines', '=a\r', '\x1b[2J', '\u202e']), "two\\x0alines,'=a\\x0d,\\x1b[2J,\\u202e\n");
  });
});

describe('numbers', () => {
  test('of a margin have their sign, and a small one never looks like none', () => {
    assert.deepEqual([0.01234, -0.01234, 0, 0.00002, -0.00004, null].map(marginText), [
      '+0.0123',
      '-0.0123',
      '+0.0000',
      '+2e-5',
      '-4e-5',
      '–',
    ]);
  });

  test('of ratios have five decimals', () => {
    assert.deepEqual([0.953123456, 1, null].map(ratioText), ['0.95312', '1.00000', '–']);
  });

  test('of a grid have as few digits as tell them apart', () => {
    const text = shortNumbers([0.00316227766017, 0.001, 1000000]);
    assert.deepEqual([0.00316227766017, 0.001, 1000000].map(text), ['0.003162', '0.001', '1000000']);
    const close = shortNumbers([1.000000001, 1.000000002]);
    assert.equal(close(1.000000001), '1.000000001');
  });

  test('of a duration have the unit that fits', () => {
    assert.deepEqual([3.4, 999, 4_210, 99_900, 200_000].map(durationText), [
      '3 ms',
      '999 ms',
      '4.2 s',
      '99.9 s',
      '3 min 20 s',
    ]);
  });
});
