import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import type { Pool, PoolClient, PoolConfig } from 'pg';
import { systemWords } from '../../system-words.ts';
import { UserError } from '../../user-error.ts';
import { QUICK_MS } from './limits.ts';
import type { PostgresLocation } from './url.ts';

/** A process needs one connection for its store and one beside it; a thousand hosts have a thousand times as many. */
const MOST_CONNECTIONS = 2;
const CONNECT_TIMEOUT_MS = 5_000;
/** Of a link on which an answer is waited for; the system's own is two hours. */
const KEEP_ALIVE_AFTER_MS = 10_000;

/** @throws UserError where the packages that speak to PostgreSQL are not installed: a local run needs none of them */
async function loadPostgres(): Promise<typeof import('pg')['default']> {
  try {
    const module = await import('pg');
    return module.default;
  } catch (error) {
    throw missingPackage(error, 'pg');
  }
}

/** What an optional package's absence is to a user, or what was thrown. */
export function missingPackage(error: unknown, name: string): unknown {
  if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) return error;
  return new UserError(
    `PostgreSQL: the package ${name} is not installed, which sweeps on one machine do not need. Install both: ` +
      'npm install pg pg-boss',
    { cause: error },
  );
}

/** Connections to a database, made when they are needed. Statements have `QUICK_MS`, unless `query_timeout` gives them more. */
export async function openPool(location: PostgresLocation, options: Partial<PoolConfig> = {}): Promise<Pool> {
  const pg = await loadPostgres();
  const pool = new pg.Pool({
    ...serverOf(location),
    max: MOST_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUICK_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    application_name: 'sweep',
    allowExitOnIdle: true,
    ...options,
  });
  // A link that is lost while nobody asks anything is noticed by who asks next; without a listener it ends the process.
  pool.on('error', () => {});
  pool.on('connect', (client: PoolClient) => {
    client.on('error', () => {});
  });
  return pool;
}

/** What `pg` is told of a server. What is left out comes from PGPORT, PGUSER, PGPASSWORD and the like. */
export function serverOf({ url, sslMode, shown }: PostgresLocation): PoolConfig {
  const host = url.searchParams.get('host') ?? decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, '$1');
  const user = decodeURIComponent(url.username) || url.searchParams.get('user');
  return {
    // Not PGHOST, which may be far away: whether TLS is wanted was decided for this machine.
    host: host === '' ? 'localhost' : host,
    ...(url.port === '' ? {} : { port: Number(url.port) }),
    ...(user ? { user } : {}),
    database: decodeURIComponent(url.pathname.slice(1)),
    ssl: sslOf(url, sslMode, shown),
  };
}

function sslOf(url: URL, mode: PostgresLocation['sslMode'], shown: string): ConnectionOptions | false {
  if (mode === 'disable') return false;
  const file = (name: string): string | undefined => {
    const path = url.searchParams.get(name);
    if (path === null) return undefined;
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      throw new UserError(`${shown}: ${name}: ${path} cannot be read (${systemWords(error)})`, { cause: error });
    }
  };
  const [ca, cert, key] = [file('sslrootcert'), file('sslcert'), file('sslkey')];
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    rejectUnauthorized: mode !== 'require',
    ...(mode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
  };
}
