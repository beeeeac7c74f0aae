import { execFileSync, spawnSync } from 'node:child_process';

/** A host of its own on this machine: a network namespace, and the link to it. */
export type OtherHost = Disposable & {
  /** Under which it sees this machine. */
  readonly address: string;
  /** What a program is started with, to run there. */
  readonly before: readonly string[];
  /** The link is pulled out, or put back. */
  link(state: 'up' | 'down'): void;
  /** What is sent there disappears without a word, or arrives again. */
  drops(isDropping: boolean): void;
};

/** What a program is started with to see another name of its machine. @throws where this process may not: it takes root */
export function namedHost(name: string): readonly string[] {
  const named = 'echo "$0" > /proc/sys/kernel/hostname && exec "$@"';
  return ['unshare', '--uts', 'sh', '-c', named, name];
}

/** Whether `namedHost` can be had here. */
export function canNameHosts(): boolean {
  const [command = '', ...args] = [...namedHost('probe'), 'hostname'];
  return process.getuid?.() === 0 && spawnSync(command, args, { encoding: 'utf8' }).stdout === 'probe\n';
}

let made = 0;

/** Whether hosts can be made here: it takes root, namespaces and iproute2. */
export function canMakeHosts(): boolean {
  if (process.getuid?.() !== 0) return false;
  const name = `sweep${process.pid}`;
  try {
    execFileSync('ip', ['netns', 'add', name], { stdio: 'ignore' });
    execFileSync('ip', ['netns', 'del', name], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** @throws where this process may not: it takes root, and iproute2 */
export function makeOtherHost(): OtherHost {
  made += 1;
  const [name, ours, theirs] = [
    `sweep${process.pid}x${made}`,
    `sw${process.pid % 10_000}a${made}`,
    `sw${process.pid % 10_000}b${made}`,
  ];
  const net = `10.${77 + (made % 100)}.${process.pid % 250}`;
  const ip = (...args: string[]) => execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  ip('netns', 'add', name);
  ip('link', 'add', ours, 'type', 'veth', 'peer', 'name', theirs, 'netns', name);
  ip('addr', 'add', `${net}.1/24`, 'dev', ours);
  ip('link', 'set', ours, 'up');
  ip('-n', name, 'addr', 'add', `${net}.2/24`, 'dev', theirs);
  ip('-n', name, 'link', 'set', theirs, 'up');
  ip('-n', name, 'link', 'set', 'lo', 'up');
  return {
    address: `${net}.1`,
    before: ['ip', 'netns', 'exec', name],
    link: (state) => void ip('link', 'set', ours, state),
    drops: (isDropping) => void ip('route', isDropping ? 'add' : 'del', 'blackhole', `${net}.2/32`),
    [Symbol.dispose]() {
      ip('netns', 'del', name);
    },
  };
}

/** From which such hosts come. */
export const OTHER_HOSTS = '10.0.0.0/8';
