import { UserError } from '../../user-error.ts';

export type SslMode = 'disable' | 'require' | 'verify-ca' | 'verify-full';

/** A PostgreSQL database, as a user names it. */
export type PostgresLocation = {
  /** The URL as it is shown, stored and logged. It never has a password. */
  readonly shown: string;
  readonly url: URL;
  readonly sslMode: SslMode;
};

/** Whether a text that names a store names one in PostgreSQL. */
export function isPostgresUrl(text: string): boolean {
  return /^postgres(ql)?:/i.test(text);
}

/**
 * Reads `postgres://USER@HOST:PORT/DATABASE?sslmode=…`. Beyond this machine the server's certificate is verified unless the
 * URL says otherwise.
 *
 * @throws UserError when it is none, or has a password
 */
export function postgresLocation(text: string): PostgresLocation {
  refusePassword(text);
  const url = isPostgresUrl(text) ? URL.parse(text) : null;
  if (url === null) {
    throw new UserError(`${JSON.stringify(text)}: no PostgreSQL URL. Expected postgres://USER@HOST:PORT/DATABASE`);
  }
  if (url.pathname.length < 2) {
    throw new UserError(`${text}: names no database. Expected postgres://USER@HOST:PORT/DATABASE`);
  }
  const sslmode = url.searchParams.get('sslmode');
  if (sslmode !== null && !SSL_MODES.includes(sslmode)) {
    throw new UserError(`${text}: sslmode: expected one of ${SSL_MODES.join(', ')}, got ${JSON.stringify(sslmode)}`);
  }
  return { shown: text, url, sslMode: (sslmode ?? (isHere(url) ? 'disable' : 'verify-full')) as SslMode };
}

/**
 * @param text anything that was typed: a URL may stand within it, as in `--db=postgres://…`
 * @throws UserError when there is a PostgreSQL URL in it that has a password. What was typed is not repeated
 */
export function refusePassword(text: string): void {
  const [url] = /\bpostgres(ql)?:.*$/is.exec(text) ?? [];
  if (url === undefined) return;
  if (!PASSWORDS.some((pattern) => pattern.test(url))) return;
  throw new UserError(
    'a PostgreSQL URL with a password in it: others can read command lines. Leave it out, and give it by PGPASSWORD or a ' +
      'password file (~/.pgpass, PGPASSFILE)',
  );
}

/** Also where what should be escaped in it is not, or slashes are missing. A port is no password, nor is an @ in the query. */
const PASSWORDS = [/^\w+:\/*[^@/?]*:[^?]*@/, /^\w+:\/*[^@/?]*:[^/]*@/, /[?&]password=/i];

/** As libpq has them; `prefer`, which falls back to plain text without a word, is not among them. */
const SSL_MODES: readonly string[] = ['disable', 'require', 'verify-ca', 'verify-full'] satisfies SslMode[];

/** A socket of this machine, or its loopback. */
function isHere(url: URL): boolean {
  const host = url.searchParams.get('host') ?? decodeURIComponent(url.hostname);
  return host === '' || host.startsWith('/') || /^(localhost|127(\.\d+){3}|\[?::1\]?)$/.test(host);
}
