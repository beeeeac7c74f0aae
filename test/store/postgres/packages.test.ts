import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { missingPackage } from '../../../src/store/postgres/pool.ts';
import { UserError } from '../../../src/user-error.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url));

/** Which of the two packages a command has loaded, told by the process when it ends. */
function loadedBy(folder: string, ...args: string[]): string {
  const hook = join(folder, 'hook.cjs');
  writeFileSync(
    hook,
    `process.on('exit', () => {
      const files = Object.keys(require('module')._cache);
      const found = ['pg', 'pg-boss', 'pg-pool'].filter((name) => files.some((file) => file.includes('/node_modules/' + name + '/')));
      require('fs').writeFileSync(${JSON.stringify(join(folder, 'found'))}, found.join());
    });`,
  );
  const script = `
    try { require('child_process').execFileSync(process.execPath, ['--require', process.argv[1], ...process.argv.slice(2)], { stdio: 'ignore' }) }
    catch {}
    process.stdout.write(require('fs').readFileSync(${JSON.stringify(join(folder, 'found'))}, 'utf8'));`;
  return execFileSync(process.execPath, ['-e', script, hook, MAIN, ...args], { cwd: folder, encoding: 'utf8' });
}

describe('the packages that speak to PostgreSQL', () => {
  test('are loaded by what needs a database, and by nothing that works with files', (t) => {
    const folder = temporaryFolder(t);
    assert.equal(loadedBy(folder, 'list', '--db', 'none.db'), '');
    assert.equal(loadedBy(folder, 'run', '--help'), '');
    assert.match(loadedBy(folder, 'list', '--db', 'postgres://nobody@127.0.0.1:1/none'), /\bpg\b/);
  });

  test('are optional: where one is missing, a sentence says what to install', () => {
    const missing = Object.assign(new Error("Cannot find package 'pg'"), { code: 'ERR_MODULE_NOT_FOUND' });
    const told = missingPackage(missing, 'pg');
    assert.ok(told instanceof UserError);
    assert.match(told.message, /the package pg is not installed.*npm install pg pg-boss$/);
    const other = new Error('something else');
    assert.equal(missingPackage(other, 'pg'), other);
  });
});
