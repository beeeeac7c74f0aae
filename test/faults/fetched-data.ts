import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { baselineData } from '../../src/execution/baseline-data.ts';
import { CERTIFICATE } from '../support/data-server.ts';
import { TINY_DATA_ROOT } from '../support/tiny-run.ts';
import { Account } from './account.ts';
import { runSweepProcess, startSweep } from './program.ts';
import type { Scenario } from './scenario.ts';
import { mountSmallDisk } from './small-disk.ts';

const SERVER = fileURLToPath(new URL('./serve-data.ts', import.meta.url));
const KEEP = { barGaps: 'keep' } as const;
const FILES = 9;
/** More than a fetched `tiny` and its parts take. */
const ENOUGH_KB = 16_384;

/** A baseline run is fetched by two machines over links that break, and onto a disk that is full. */
export const fetchedData: Scenario = async (context) => {
  const links = new Account('links that break while two machines fetch a baseline run over https');
  const disk = new Account('the disk full while a baseline run is fetched');
  const published = join(await context.makeFolder(), 'published');
  const made = await runSweepProcess(['data', 'publish', 'tiny', published, '--data-root', TINY_DATA_ROOT]);
  links.expectEnded(made, [0], 'publishing');
  const tries = context.size === 'short' ? 1 : 6;
  const whole = (await baselineData(TINY_DATA_ROOT, 'tiny', undefined, KEEP)).hash;
  const isWhole = async (stdout: string) => (await baselineData(stdout.trim(), 'tiny', undefined, KEEP)).hash === whole;

  using network = smallNetwork();
  for (let i = 0; network !== null && i < tries; i += 1) {
    await links.attempt(async () => {
      const breaks = context.random.integer(1, 6);
      const server = spawn(
        'ip',
        ['netns', 'exec', network.server, process.execPath, SERVER, published, String(breaks)],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      );
      let asked = '';
      server.stdout.setEncoding('utf8').on('data', (text: string) => {
        asked += text;
      });
      while (!/^port \d+$/m.test(asked)) await once(server.stdout, 'data');
      const url = `https://${SERVER_ADDRESS}:${/^port (\d+)$/m.exec(asked)?.[1]}/runs/tiny.json`;
      const caches = [await context.makeFolder(), await context.makeFolder()];
      // Two processes on each of two machines, at once.
      const ends = await Promise.all(
        [0, 0, 1, 1].map((host) => {
          const args = ['data', 'fetch', url, '--cache', caches[host] ?? ''];
          const start = { before: ['ip', 'netns', 'exec', network.hosts[host] ?? ''] };
          return startSweep(args, { start, env: { NODE_EXTRA_CA_CERTS: CERTIFICATE } }).ended;
        }),
      );
      server.kill();
      for (const ended of ends) {
        links.expectEnded(ended, [0], `try ${i + 1}`);
        if (ended.exitCode === 0) links.expect(await isWhole(ended.stdout), `try ${i + 1}: other data`);
      }
      const counted = asked.split('\n').filter((line) => line.endsWith(' whole'));
      const different = new Set(counted).size;
      links.expect(
        different === 2 * FILES,
        `try ${i + 1}: ${different} contents were asked for, not ${FILES} a machine`,
      );
      // A link that breaks before a byte has come is asked from the beginning again.
      links.expect(
        counted.length <= 2 * FILES + breaks,
        `try ${i + 1}: ${counted.length} whole contents were asked for`,
      );
      return 'gone on where they broke: whole, verified, once a machine';
    });
  }

  await using small = await mountSmallDisk(join(await context.makeFolder(), 'disk'), ENOUGH_KB);
  for (let i = 0; small !== null && i < tries; i += 1) {
    await disk.attempt(async () => {
      const cache = join(small.folder, `cache-${i}`);
      const fetch = () => runSweepProcess(['data', 'fetch', published, '--run-id', 'tiny', '--cache', cache]);
      // A page is what the smallest of its files takes; the lock alone takes some.
      small.resize(context.random.integer(64, 700) + i * 2_000);
      const ended = await fetch();
      if (ended.exitCode !== 0)
        disk.expectRefused(ended, /ENOSPC|no space left|database or disk is full/i, `full disk, try ${i + 1}`);
      small.resize(ENOUGH_KB);
      const again = await fetch();
      disk.expectEnded(again, [0], `full disk, try ${i + 1}, with room again`);
      if (again.exitCode === 0) disk.expect(await isWhole(again.stdout), `full disk, try ${i + 1}: other data`);
      return ended.exitCode === 0 ? 'it had just enough room' : 'stopped with one line; whole when there was room';
    });
  }
  context.say(`fetched data: ${links.tried + disk.tried} tries`);
  return [
    network === null ? { ...links.row(), happened: 'not tried: no network of its own can be made here' } : links.row(),
    small === null ? { ...disk.row(), happened: 'not tried: a small file system cannot be mounted here' } : disk.row(),
  ];
};

/** Stands in the certificate of the tests. */
const SERVER_ADDRESS = '10.77.0.3';

type SmallNetwork = Disposable & { readonly server: string; readonly hosts: readonly string[] };

/** Three machines on one switch, as network namespaces; null where this machine has none to give: it takes Linux and root. */
function smallNetwork(): SmallNetwork | null {
  const mark = `sweep${process.pid}`;
  const [server, one, two] = [`${mark}s`, `${mark}a`, `${mark}b`];
  const remove = () => {
    for (const name of [server, one, two]) tryIp('netns', 'del', name);
  };
  try {
    for (const name of [server, one, two]) ip('netns', 'add', name);
    ip('-n', server, 'link', 'add', 'switch', 'type', 'bridge');
    ip('-n', server, 'addr', 'add', `${SERVER_ADDRESS}/24`, 'dev', 'switch');
    ip('-n', server, 'link', 'set', 'switch', 'up');
    for (const [i, host] of [one, two].entries()) {
      ip('link', 'add', 'wire', 'netns', host, 'type', 'veth', 'peer', 'name', `port${i}`, 'netns', server);
      ip('-n', server, 'link', 'set', `port${i}`, 'master', 'switch', 'up');
      ip('-n', host, 'addr', 'add', `10.77.0.${i + 1}/24`, 'dev', 'wire');
      ip('-n', host, 'link', 'set', 'wire', 'up');
    }
  } catch {
    remove();
    return null;
  }
  return { server, hosts: [one, two], [Symbol.dispose]: remove };
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: 'ignore' });
}

function tryIp(...args: string[]): void {
  try {
    ip(...args);
  } catch {
    // It was not made.
  }
}
