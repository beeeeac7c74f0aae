import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadSqlite, type Sqlite } from '../../../src/store/sqlite/load-sqlite.ts';
import { UserError } from '../../../src/user-error.ts';

test('on a Node without SQLite, or with too old a one, the store says which Node it needs', async () => {
  const missing = () => Promise.reject(new Error('No such built-in module: node:sqlite'));
  const old = async () => ({ StatementSync: class {} }) as unknown as Sqlite; // stands for a module that lacks a method
  for (const load of [missing, old]) {
    await assert.rejects(loadSqlite(load, 'v20.19.0'), (error) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, /^the store needs Node ≥ 22\.16, this is v20\.19\.0\. Install Node 24/);
      return true;
    });
  }
});
