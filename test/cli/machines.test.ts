import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { codeIdentity } from '../../src/code-identity.ts';
import { openVerdictStore } from '../../src/store/open-verdict-store.ts';
import type { ConfigurationRecord } from '../../src/store/records.ts';
import { beginSyntheticRun, SYNTHETIC_END, syntheticConfigurations, syntheticOutcome } from '../store/synthetic.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { ask, refusalIn, SweepProcess } from '../support/sweep-command.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { work as workOnTiny } from '../support/tiny-machines.ts';
import { TINY_DATA_ROOT } from '../support/tiny-run.ts';

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
});
after(async () => server[Symbol.asyncDispose]());

/** A sweep of eight configurations of two datasets. */
function definitionFile(folder: string): string {
  const file = join(folder, 'grid.json');
  const axes = { agesMinutes: [[3, 5], [10]], regressorKind: ['huber', 'ridge'], huberEpsilon: [1.1, 1.35, 2] };
  writeFileSync(file, JSON.stringify({ name: 'grid', baseline: { dataRoot: TINY_DATA_ROOT, runId: 'tiny' }, axes }));
  return file;
}

/** Judges all that waits, as a worker on this machine does. */
function work(url: string, host = 'worker-1') {
  const { hash, packages } = codeIdentity();
  return workOnTiny(url, {
    host: { threads: 2, timeLimitMs: 60_000, cache: null },
    provenanceOf: async (run) => ({ ...run, code: { hash, version: '0' }, packages, host }),
    hostName: host,
    idleExitMs: 500,
  });
}

describe('sweep run --engine', () => {
  test('sends a sweep, which status follows, workers judge, and the same command finds judged', async (t) => {
    const file = definitionFile(await temporaryFolder(t));
    const url = await server.createDatabase();
    const sent = await ask(['run', file, '--engine', url, '--no-wait']);
    assert.equal(sent.code, 0, sent.stderr);
    assert.match(
      sent.stdout,
      /^grid: 0 of 8 configurations judged, \d+ slices sent.*\n8 left\. How far it is: .*status postgres:/,
    );

    const waiting = JSON.parse((await ask(['status', url, '--json'])).stdout);
    assert.equal(waiting.sweeps[0].pending, 8);
    assert.ok(waiting.sweeps[0].slices.waiting >= 4);
    assert.equal(waiting.sweeps[0].perHour, null);

    const again = await ask(['run', file, '--engine', url, '--no-wait']);
    assert.match(again.stdout, /0 slices sent/);

    assert.equal((await work(url)).completed, 8);
    const done = JSON.parse((await ask(['status', url, '--json'])).stdout);
    assert.deepEqual(
      [done.sweeps[0].pending, done.sweeps[0].error, done.sweeps[0].slices.waiting, done.sweeps[0].slices.active],
      [0, 0, 0, 0],
    );
    assert.equal(done.sweeps[0].slices.completed, waiting.sweeps[0].slices.waiting);
    assert.ok(done.sweeps[0].perHour > 0);
    assert.deepEqual(done.alarms, []);

    const followed = await ask(['run', file, '--engine', url]);
    assert.equal(followed.code, 0, followed.stderr);
    assert.match(
      followed.stdout,
      /^grid: 8 of 8 configurations judged, 0 slices sent.*\nleaderboard: .*report postgres:.* --sweep grid/,
    );
    const shown = await ask(['status', url]);
    assert.equal(shown.code, 0);
    assert.match(shown.stdout, /^sweep +configurations +pending +error +waiting +active +done +dead/);
    assert.match(shown.stdout, /\nnobody is at work\n/);
  });

  test('is left by Ctrl-C with exit code 130: what was sent stays', async (t) => {
    const file = definitionFile(await temporaryFolder(t));
    const url = await server.createDatabase();
    const run = new SweepProcess(['run', file, '--engine', url]);
    assert.ok(await run.reads(/on the way/));
    run.kill('SIGINT');
    const { code, stdout, stderr } = await run.ended;
    assert.equal(code, 130, stderr);
    assert.match(stderr, /leaving: workers go on/);
    assert.match(stdout, /\n8 left\. How far it is: .*status postgres:/);
    assert.equal((await work(url)).completed, 8);
  });

  test('waits with its audit for another host, which status tells; left, it is not done', async (t) => {
    const file = definitionFile(await temporaryFolder(t));
    const url = await server.createDatabase();
    const run = new SweepProcess(['run', file, '--engine', url, '--audit', '0.2']);
    assert.ok(await run.reads(/on the way/));
    assert.equal((await work(url)).completed, 8);
    let status = await ask(['status', url]);
    while (!status.stdout.includes('audit')) status = await ask(['status', url]);
    assert.match(status.stdout, /\naudit: 1 slice of grid for another host than worker-1\n/);
    run.kill('SIGINT');
    const { code, stdout } = await run.ended;
    assert.equal(code, 130);
    assert.match(
      stdout,
      /\naudit: 0 slices judged again, each by another host; 1 left in the queue for another host than/,
    );
    assert.equal((await work(url, 'worker-2')).slices, 1);
    assert.deepEqual(JSON.parse((await ask(['status', url, '--json'])).stdout).audits, []);
  });

  const REFUSED: readonly (readonly [args: readonly string[], says: RegExp])[] = [
    [['--engine', 'postgres://h/d', '--db', 'x.db'], /'--engine <url>' cannot be used with option '--db <file>'/],
    [['--engine', 'postgres://h/d', '--shard', '1/2'], /'--engine <url>' cannot be used with option '--shard <i\/n>'/],
    [['--engine', 'postgres://h/d', '--time-limit', '3'], /'--engine <url>' cannot be used with option '--time-limit/],
    [['--engine', 'postgres://h/d', '--fresh'], /^sweep: --fresh: of other machines .* --audit 1/],
    [['--engine', 'somewhere'], /"somewhere": no PostgreSQL URL\. Expected postgres:\/\//],
    [['--engine', 'mysql://db/sweeps'], /"mysql:\/\/db\/sweeps": no PostgreSQL URL\. Expected postgres:\/\//],
    [['--engine', 'postgres://127.0.0.1:9/d'], /no answer .*Check that the server runs/],
    [['--engine', 'postgres://h/d', '--audit', '2'], /--audit.*expected a number from 0 to 1, got "2"/],
    [['--engine', 'postgres://h/d', '--audit', '1', '--no-wait'], /^sweep: --audit: sent when everything is judged/],
    [['--no-wait'], /^sweep: --no-wait: with --engine URL/],
    [['--audit', '0.1'], /^sweep: --audit: with --engine URL/],
    [['--db', 'postgres://h/d'], /^sweep: --db: expected a file, got postgres:\/\/h\/d\. .*--engine URL/],
  ];
  for (const [args, says] of REFUSED) {
    test(`refuses ${args.join(' ')} in one line`, async (t) => {
      const refused = await ask(['run', definitionFile(await temporaryFolder(t)), ...args]);
      assert.equal(refused.code, 2);
      assert.match(refusalIn(refused), says);
    });
  }
});

describe('sweep db init', () => {
  test('makes the tables once, and lets roles judge or read and no more', async (t) => {
    const url = await server.createDatabase();
    await server.query(url, 'CREATE ROLE "some worker" LOGIN');
    await server.query(url, 'CREATE ROLE looker LOGIN');
    const made = await ask(['db', 'init', url, '--worker', 'some worker', '--reader', 'looker']);
    assert.equal(made.code, 0, made.stderr);
    assert.match(made.stdout, /: tables made; some worker may judge; looker may read\n$/);
    assert.match(
      (await ask(['db', 'init', url])).stdout,
      /: tables are there; some worker may judge; looker may read\n$/,
    );

    const as = (role: string) => url.replace('postgres@', `${encodeURIComponent(role)}@`);
    const file = definitionFile(await temporaryFolder(t));
    assert.equal((await ask(['run', file, '--engine', url, '--no-wait'])).code, 0);
    assert.equal((await work(as('some worker'))).completed, 8);
    assert.equal((await ask(['run', file, '--engine', url])).code, 0);
    for (const command of ['status', 'report']) assert.equal((await ask([command, as('looker')])).code, 0, command);

    const refused = await ask(['rm', 'grid', '--yes', '--db', as('some worker')]);
    assert.equal(refused.code, 2);
    assert.match(refusalIn(refused), /permission denied.*Grant it/);
    const verdicts = await server.query(url, 'SELECT count(*)::int FROM sweep.verdicts');
    assert.deepEqual(verdicts, [[8]]);
  });

  test('names a role that the server does not have', async () => {
    const refused = await ask(['db', 'init', await server.createDatabase(), '--worker', 'nobody-here']);
    assert.equal(refused.code, 2);
    assert.match(refusalIn(refused), /the server has no role "nobody-here"\. Make it there: CREATE ROLE/);
  });
});

describe('sweep status', () => {
  test('of a database without tables says what makes them', async () => {
    const refused = await ask(['status', await server.createDatabase()]);
    assert.equal(refused.code, 2);
    assert.match(refusalIn(refused), /Make its tables first: sweep db init/);
  });

  test('tells hosts that are alive from those that are not heard of', async () => {
    const url = await server.createDatabase();
    await ask(['db', 'init', url]);
    {
      await using store = await openVerdictStore(url, { mode: 'write' });
      await beginSyntheticRun(store, syntheticConfigurations(3), { sweepName: 'common', host: 'box-7' });
    }
    // Some seconds may pass until it is asked, and are told, too.
    await server.query(url, "UPDATE sweep.run_leases SET until = now() + interval '52 seconds'");
    assert.match(
      (await ask(['status', url])).stdout,
      /\nbox-7 +common +0 +([89]|[12]\d)(\.\d)? s ago +[0-9a-f-]{36}\n/,
    );
    await server.query(url, "UPDATE sweep.run_leases SET until = now() - interval '40 seconds'");
    assert.match((await ask(['status', url])).stdout, /\nbox-7 +common +0 +1 min [45]\d s ago: taken for dead/);
  });

  test('raises the alarm where a verdict came out otherwise: both digests and hosts, exit code 4', async () => {
    const url = await server.createDatabase();
    await ask(['db', 'init', url]);
    const [record] = syntheticConfigurations(1) as [ConfigurationRecord];
    for (const [seed, host] of [
      [1, 'box-1'],
      [2, 'box-2'],
    ] as const) {
      await using store = await openVerdictStore(url, { mode: 'write' });
      const runId = await beginSyntheticRun(store, [record], { sweepName: 'common', host });
      await store.finishRun(runId, SYNTHETIC_END, await store.record(runId, [syntheticOutcome(record, seed)]));
    }
    const alarm = await ask(['status', url]);
    assert.equal(alarm.code, 4);
    assert.match(alarm.stdout, /ALARM: 1 verdict came out otherwise on another host; the stored ones stand\n/);
    assert.match(alarm.stdout, new RegExp(`${record.id}: [0-9a-f]{12} by box-1, [0-9a-f]{12} by box-2\\n`));
  });
});
