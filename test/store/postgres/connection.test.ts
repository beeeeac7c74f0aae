import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { dialectOf, PostgresStatements } from '../../../src/store/postgres/connection.ts';
import { QUICK_MS } from '../../../src/store/postgres/limits.ts';
import { initPostgresStore } from '../../../src/store/postgres/open-postgres-store.ts';
import { startPostgres } from '../../support/postgres.ts';

test('values are numbered, and what is quoted or a comment stays as it is', () => {
  const texts = [
    ['SELECT a FROM t WHERE b = ? AND c IN (?, ?)', 'SELECT a FROM t WHERE b = $1 AND c IN ($2, $3)'],
    ["SELECT '?', ? WHERE a = 'it''s ?' OR b = ?", "SELECT '?', $1 WHERE a = 'it''s ?' OR b = $2"],
    ['SELECT "what?" FROM "a ""?"" b" WHERE c = ?', 'SELECT "what?" FROM "a ""?"" b" WHERE c = $1'],
    ['SELECT a -- why?\n, ? /* or ? \n this? */ + ?', 'SELECT a -- why?\n, $1 /* or ? \n this? */ + $2'],
    ["SELECT '--', ?, '/*', ?", "SELECT '--', $1, '/*', $2"],
    ['FROM a CROSS JOIN b AS c ON c.id = ? JOIN d', 'FROM a JOIN b AS c ON c.id = $1 JOIN d'],
    ["SELECT 'a CROSS JOIN b ON c'", "SELECT 'a CROSS JOIN b ON c'"],
  ] as const;
  for (const [ours, theirs] of texts) {
    assert.equal(dialectOf(ours), theirs);
    assert.equal(dialectOf(ours), theirs, 'again, as it is remembered');
  }
});

test('every number that JavaScript has comes back from double precision as it was, -0 among them', async () => {
  await using server = await startPostgres();
  const url = await server.createDatabase();
  await initPostgresStore(url);
  await using parts = new AsyncDisposableStack();
  const pool = parts.adopt(new pg.Pool({ connectionString: url }), (each) => each.end());
  const client = parts.adopt(await pool.connect(), (each) => each.release());
  const numbers = [0, -0, 5e-324, -5e-324, 1 + 2 ** -52, 0.1, 1e300, Number.MAX_VALUE, -Infinity, NaN, 2 ** 53 - 1];
  const statements = new PostgresStatements(client, QUICK_MS);
  const rows = await statements.answer(
    statements.read(function* () {
      const asked = numbers.map(() => '?::double precision').join(', ');
      return yield* statements.all(`SELECT ${asked}, '?'`, ...numbers);
    }),
  );
  assert.deepEqual(rows, [[...numbers, '?']]);
});
