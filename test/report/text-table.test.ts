import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import stringWidth from 'string-width';
import { displayWidth } from '../../src/report/printable.ts';
import { columnsOver, tableLines, textTable, wrap } from '../../src/report/text-table.ts';

const ROWS = [
  { name: 'one', count: 1, remark: 'short' },
  { name: 'seventeen', count: 17, remark: 'a remark that is rather long' },
];
const { left, right } = columnsOver(ROWS);
const COLUMNS = [
  left('name', (row) => row.name),
  right(['how many', 'n'], (row) => String(row.count)),
  left('mood', () => 'fine', { priority: 'wanted' }),
  left('colour', () => 'blue', { priority: 'extra' }),
];

describe('a table', () => {
  test('with room enough has all columns, aligned', () => {
    assert.deepEqual(textTable(COLUMNS, { width: 80, color: false }), {
      lines: [
        'name       how many  mood  colour',
        'one               1  fine  blue',
        'seventeen        17  fine  blue',
      ],
      dropped: [],
      notes: [],
    });
  });

  test('with less room loses extras, then gets narrower, then closer, then loses what was only wanted', () => {
    const at = (width: number) => {
      const { lines, dropped } = textTable(COLUMNS, { width, color: false });
      return [lines[0], dropped];
    };
    assert.deepEqual(at(32), ['name       how many  mood', ['colour']]);
    assert.deepEqual(at(24), ['name        n  mood', ['colour']]);
    assert.deepEqual(at(17), ['name       n mood', ['colour']]);
    assert.deepEqual(at(16), ['name        n', ['colour', 'mood']]);
    assert.deepEqual(at(1), ['name       n', ['colour', 'mood']]);
  });

  test('says below it which columns it has lost, each by a name of its own', () => {
    assert.deepEqual(tableLines(COLUMNS, { width: 80, color: false }).length, 3);
    assert.deepEqual(tableLines(COLUMNS, { width: 30, color: false }).slice(3), ['hidden at this width: colour']);
    assert.deepEqual(tableLines(COLUMNS, { width: 12, color: false }).slice(3), [
      'hidden at',
      'this width:',
      'colour, mood',
    ]);
    const again = left('mood', () => 'fine', { priority: 'wanted', hiddenAs: 'second mood' });
    assert.deepEqual(textTable([...COLUMNS, again], { width: 12, color: false }).dropped, [
      'colour',
      'second mood',
      'mood',
    ]);
  });

  test('cuts only what may be cut, and only as far as it has to', () => {
    const columns = [left('name', (row) => row.name), left('remark', (row) => row.remark, { mayBeCut: true })];
    const { lines } = textTable(columns, { width: 36, color: false });
    assert.deepEqual(lines, ['name      remark', 'one       short', 'seventeen a remark that is rather l…']);
    assert.ok(lines.every((line) => displayWidth(line) <= 36));
    assert.equal(textTable(columns, { width: 40, color: false }).lines[2], 'seventeen  a remark that is rather long');
  });

  test('explains a narrower form only where it is used', () => {
    const cells = ROWS.map(() => 'a long text');
    const column = {
      forms: [
        { header: 'text', cells },
        { header: 'text', cells: ['a', 'a'], note: 'a = a long text' },
      ] as const,
      align: 'left' as const,
      priority: 'needed' as const,
    };
    assert.deepEqual(textTable([column], { width: 80, color: false }).notes, []);
    assert.deepEqual(textTable([column], { width: 5, color: false }).notes, ['a = a long text']);
  });

  test('counts the columns that a terminal gives a text, not its characters', () => {
    assert.equal(displayWidth('abc'), 3);
    for (const sign of '–…≥≤×·±→█░') assert.deepEqual([displayWidth(sign), stringWidth(sign)], [1, 1], sign);
    assert.equal(displayWidth('比特币'), 6);
    assert.equal(displayWidth('e\u0301'), 1);
    assert.equal(displayWidth('🚀'), 2);
    assert.equal(displayWidth('🇯🇵'), 2);
    assert.equal(displayWidth('❤\ufe0f'), 2);
    const columns = columnsOver(['比特币', 'btc']);
    const { lines } = textTable([columns.left('name', (name) => name), columns.right('n', () => '1')], {
      width: 80,
      color: false,
    });
    assert.deepEqual(lines, ['name    n', '比特币  1', 'btc     1']);
  });

  test('without rows is its header', () => {
    const { left: none } = columnsOver<string>([]);
    assert.deepEqual(textTable([none('name', (name) => name)], { width: 80, color: false }).lines, ['name']);
  });
});

test('text is wrapped between words, and a word that is too long stands alone', () => {
  assert.deepEqual(wrap('a bb ccc dddddddd e', 6), ['a bb', 'ccc', 'dddddddd', 'e']);
});
