import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TextPool } from '../../src/baseline/text-pool.ts';
import { forEachSeed, type Random } from '../support/random.ts';

function randomText(random: Random): string {
  const letters = ['a', 'b', 'ż', '状', '😀', '\0'];
  return Array.from({ length: random.pick([0, 1, 2, 2, 40]) }, () => random.pick(letters)).join('');
}

function add(pool: TextPool, text: string): number {
  const bytes = new TextEncoder().encode(`<${text}>`);
  return pool.add(bytes, 1, bytes.length - 1);
}

describe('a pool of texts', () => {
  test('numbers distinct texts in order of appearance and keeps them, however many', () => {
    forEachSeed(20, (random) => {
      const pool = new TextPool();
      const known = new Map<string, number>();
      for (let i = 0; i < 400; i += 1) {
        if (random.chance(0.02)) pool.compact();
        const text = random.chance(0.5) ? randomText(random) : `sample-${random.integer(0, 300)}`;
        if (!known.has(text)) known.set(text, known.size);
        assert.equal(add(pool, text), known.get(text), text);
      }
      assert.ok(known.size > 128, 'more than the pool has room for at first');
      assert.equal(pool.count, known.size);
      assert.deepEqual(pool.texts(), [...known.keys()]);
      for (const [text, code] of known) {
        const bytes = new TextEncoder().encode(text);
        assert.deepEqual(pool.bytesOf(code), bytes);
        assert.equal(pool.sizeBytes(code), bytes.length);
        const out = new Uint8Array(bytes.length + 2);
        assert.equal(pool.copyTo(code, out, 1), bytes.length + 1);
        assert.deepEqual(out.slice(1, -1), bytes);
      }
    });
  });

  test('finds the texts of another pool, and no others', () => {
    forEachSeed(20, (random) => {
      const texts = (count: number) => [...new Set(Array.from({ length: count }, () => `${random.integer(0, 200)}`))];
      const mine = texts(100);
      const theirs = texts(100);
      const pool = TextPool.of(mine);
      const other = TextPool.of(theirs);
      if (random.chance(0.5)) pool.compact();
      if (random.chance(0.5)) other.compact();
      theirs.forEach((text, code) => {
        assert.equal(pool.find(other, code), mine.indexOf(text), text);
      });
      assert.equal(new TextPool().find(other, 0), -1);
    });
  });
});
