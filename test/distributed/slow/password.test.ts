import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type PostgresServer, startPostgres } from '../../support/postgres.ts';
import { type Ended, SweepProcess, sharedFolder } from '../../support/sweep-command.ts';
import { TINY_DATA_ROOT } from '../../support/tiny-run.ts';
import { writeDefinition } from '../../support/tiny-sweep.ts';

/** Nothing else is this text. */
const PASSWORD = `password-${randomUUID()}`;
/** That a password would be found is shown by a name, which has to be in all places. */
const SWEEP = `sweep-${randomUUID()}`;

const folder = sharedFolder();
let server: PostgresServer;
let url: string;
before(async () => {
  server = await startPostgres({ withPassword: ['her'] });
  const owner = await server.createDatabase();
  await server.query(owner, `CREATE ROLE her LOGIN PASSWORD '${PASSWORD}'`);
  const database = new URL(owner).pathname.slice(1);
  // From here on the server's log has every statement and its values.
  await server.query(
    owner,
    `ALTER DATABASE ${database} OWNER TO her; ALTER DATABASE ${database} SET log_statement = 'all'`,
  );
  url = owner.replace('postgres@', 'her@');
});
after(async () => server?.[Symbol.asyncDispose]());

function program(...args: string[]): SweepProcess {
  return new SweepProcess(args, { cwd: folder, env: { PGPASSWORD: PASSWORD } });
}

/** The command lines of all processes of this machine, as `ps` shows them. */
function commandLines(): string {
  if (!existsSync('/proc/self/cmdline')) return execFileSync('ps', ['-axww', '-o', 'args'], { encoding: 'utf8' });
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return processes.map((id) => contentOf(`/proc/${id}/cmdline`).toString().replaceAll('\0', ' ')).join('\n');
}

/** Of a process that has ended meanwhile: nothing. */
function contentOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    return Buffer.alloc(0);
  }
}

/** Every row of every table of a database as text, bytes in hexadecimal digits. */
async function dump(): Promise<string> {
  const owner = url.replace('her@', 'postgres@');
  const tables = await server.query(
    owner,
    "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('sweep', 'pgboss', 'public')",
  );
  const texts: string[] = [];
  for (const [table] of tables) {
    const rows = await server.query(owner, `SELECT each::text FROM ${String(table)} AS each`);
    texts.push(`${String(table)}`, ...rows.map(([text]) => String(text)));
  }
  return texts.join('\n');
}

/** Also as it would stand in bytes, in a URL, or in what is sent as base64. */
function holds(text: string, marked: string): boolean {
  const forms = [marked, Buffer.from(marked).toString('hex'), Buffer.from(marked).toString('base64').slice(0, -4)];
  return forms.some((form) => text.includes(form));
}

test('the password is nowhere: not in the store, not in what is printed, logged or written, not in lists of processes', {
  timeout: 120_000,
}, async () => {
  const axes = { agesMinutes: [[3, 5], [10]], regressorKind: ['ridge' as const], ridgeAlpha: [1, 10] };
  const file = writeDefinition(folder, { name: SWEEP, axes });
  const shown: string[] = [];
  const ended: Ended[] = [];
  const coordinator = program('run', file, '--engine', url);
  const worker = program('worker', url, '--data-root', TINY_DATA_ROOT, '--threads', '1', '--no-self-test');
  assert.ok(await coordinator.reads(/on the way/));
  let isOver = false;
  const over = coordinator.ended.then((end) => {
    isOver = true;
    ended.push(end);
  });
  while (!isOver) {
    shown.push(commandLines());
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await over;
  assert.equal(ended[0]!.code, 0, ended[0]!.stderr);
  const stored = await dump();

  ended.push(await program('report', url).ended, await program('status', url, '--json').ended);
  ended.push(await program('pull', url, '--db', 'pulled.db').ended);
  for (const { code, stderr } of ended) assert.equal(code, 0, stderr);
  await server.stop('immediate');
  ended.push(await program('report', url).ended, await program('run', file, '--engine', url).ended);
  worker.kill('SIGTERM');
  await server.start();
  ended.push(await worker.ended);
  ended.push(await new SweepProcess(['report', url], { env: { PGPASSWORD: `${PASSWORD} of another` } }).ended);
  const refused = ended.filter(({ code }) => code === 2);
  assert.ok(
    refused.some(({ stderr }) => /no answer/.test(stderr)) &&
      refused.some(({ stderr }) => /refused the login/.test(stderr)),
  );

  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const places = {
    'lists of processes': shown.join('\n'),
    'the store': stored,
    'what was printed': ended.map(({ stdout, stderr }) => stdout + stderr).join('\n'),
    "the server's log": server.log(),
    'files that were written': files
      .map((each) => contentOf(join(each.parentPath, each.name)).toString('latin1'))
      .join('\n'),
  };
  for (const [place, text] of Object.entries(places)) {
    assert.ok(holds(text, SWEEP), `${place}: what has to be there is found`);
    assert.equal(holds(text, PASSWORD), false, place);
  }
});
