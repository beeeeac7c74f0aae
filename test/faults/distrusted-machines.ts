import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expectWhole, type Field, send, untilJudged, work } from './field.ts';
import { machineFaults, NAMES } from './machine-faults.ts';
import { namedHost } from './network.ts';
import { otherCode, runSweepProcess } from './program.ts';
import { differences, readContents } from './store-contents.ts';

/** Exit codes: a verdict came out otherwise; done. */
const DIFFERS = 4;
const DONE = 0;

/** Machines whose verdicts are not to be taken as they come. */
export const distrustedMachines = machineFaults(() => [
  { name: 'a worker of other code', disturb: workerOfOtherCode },
  { name: 'a host that stores another number than it has found, `--audit 1`', disturb: tamperingHost, needs: NAMES },
]);

/** A worker whose code hash is another one beside one of the sweep's own. */
async function workerOfOtherCode(field: Field): Promise<string> {
  const { account, server, url } = field;
  const coordinator = send(field);
  const other = work(field, { program: otherCode(await field.makeFolder()) });
  account.expect(await other.says('are for code'), 'a worker of other code did not say what it passes by');
  const worker = work(field);
  await expectWhole(field, await coordinator.ended, worker);
  other.kill('SIGTERM');
  const ended = await other.ended;
  account.expectEnded(ended, [DONE], 'the worker of other code');
  account.expect(ended.stdout.startsWith('worker: 0 slices, 0 verdicts'), `the worker of other code: ${ended.stdout}`);
  const [[runs]] = (await server.query(url, 'SELECT count(*)::int FROM sweep.runs')) as [[number]];
  account.expect(runs === 2, `${runs} runs, of the coordinator and of one worker`);
  return 'it said so once, took nothing and ended with exit code 0; as undisturbed';
}

/** A worker that stores another number than it has found, and judges first; another machine audits it. */
async function tamperingHost(field: Field): Promise<string> {
  const { account, ids, random, server, undisturbed, url } = field;
  const id = ids[random.integer(0, ids.length - 1)]!;
  const coordinator = send(field, '--audit', '1');
  const liar = work(field, { env: { SWEEP_INJECT_FAULT: `tamper:${id}` }, start: { before: namedHost('liar') } });
  await untilJudged(field, ids.length, liar);
  const waiting = async () => {
    const sql =
      "SELECT count(*)::int, count(*) FILTER (WHERE state <> 'created')::int FROM pgboss.job WHERE group_id = 'liar'";
    const [[sent = 0, taken = 0] = []] = (await server.query(url, sql)) as [number, number][];
    return { sent, taken };
  };
  while ((await waiting()).sent === 0) await sleep(50);
  // It asks every half second, and nobody else is there.
  await sleep(3_000);
  account.expect((await waiting()).taken === 0, 'a host was given its own audit');
  const honest = work(field, { start: { before: namedHost('honest') } });
  account.expectEnded(await coordinator.ended, [DIFFERS], 'the coordinator');
  for (const [worker, code] of [
    [liar, DONE],
    [honest, DIFFERS],
  ] as const) {
    worker.kill('SIGTERM');
    account.expectEnded(await worker.ended, [code], code === DONE ? 'the host that tampers' : 'the host that audits');
  }
  await expectAlarm(field, id);
  account.expectEnded(await runSweepProcess(['rm', 'faults', '--db', url, '--yes']), [DONE], 'rm');
  const again = send(field, '--audit', '1');
  const others = ['honest', 'other'].map((name) => work(field, { start: { before: namedHost(name) } }));
  const [worker, ...rest] = others;
  await expectWhole(field, await again.ended, worker!);
  for (const other of rest) {
    other.kill('SIGTERM');
    account.expectEnded(await other.ended, [DONE], 'another worker');
  }
  account.expect(undisturbed.verdicts.size === ids.length, 'the undisturbed run is not whole');
  return 'one alarm, exit code 4, all else as undisturbed; whole after sweep rm and the same command without it';
}

/** One alarm of this configuration, whose right digest is the auditor's; every other verdict is as undisturbed. */
async function expectAlarm(field: Field, id: string): Promise<void> {
  const { account, ids, undisturbed, url } = field;
  const status = await runSweepProcess(['status', url, '--json']);
  account.expectEnded(status, [DIFFERS], 'status');
  const { alarms } = JSON.parse(status.stdout) as { alarms: Readonly<Record<string, string>>[] };
  const [alarm] = alarms;
  const who = [alarms.length, alarm?.['configurationId'], alarm?.['storedBy'], alarm?.['otherBy']];
  account.expect(who.join() === [1, id, 'liar', 'honest'].join(), `the alarms: ${status.stdout}`);
  const db = join(await field.makeFolder(), 'pulled.db');
  account.expectEnded(await runSweepProcess(['pull', url, '--db', db]), [DONE], 'pull');
  const contents = await readContents(db);
  account.expect(
    contents?.verdicts.size === ids.length && contents.failures.size === 0,
    'a configuration without a row',
  );
  const differs = differences(undisturbed.verdicts, contents?.verdicts ?? new Map());
  account.expect(
    differs.length === 1 && differs[0]!.startsWith(`${id} `),
    `not the tampered one alone: ${differs.join()}`,
  );
  const [, [digest] = []] = [...undisturbed.verdicts].find(([key]) => key.startsWith(`${id} `)) ?? [];
  account.expect(alarm?.['otherDigest'] === String(digest).toLowerCase(), 'the auditor came to another verdict');
}
