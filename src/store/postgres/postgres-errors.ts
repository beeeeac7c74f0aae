import { UserError } from '../../user-error.ts';
import { DamagedValue } from '../sql/damaged-value.ts';
import { OtherSchema } from './schema.ts';

/** The server's code of an error (`23505`), Node's of a connection (`ECONNREFUSED`), or null. */
export function codeOf(thrown: unknown): string | null {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : null;
}

/** Whether the link or the server was lost, and the same may succeed in a while. */
export function isLost(thrown: unknown): boolean {
  const code = codeOf(thrown);
  if (code !== null) return LOST.has(code) || /^(08|57P)/.test(code);
  return thrown instanceof Error && LOST_MESSAGES.test(thrown.message);
}

const LOST = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  '25P03',
  '53300',
]);
// What `pg` throws of links has no code.
const LOST_MESSAGES =
  /^(Connection terminated|timeout expired|Query read timeout|timeout exceeded when trying to connect|Client has encountered a connection error)/;

/** The UserError that says it, or what was thrown. */
export function explain(location: string, thrown: unknown): unknown {
  if (thrown instanceof UserError) return thrown;
  const say = (text: string) => new UserError(`${location}: ${text}`, { cause: thrown });
  if (thrown instanceof DamagedValue) {
    return say(`damaged (${thrown.message}). Restore the database from a backup, or run the sweep again`);
  }
  if (thrown instanceof OtherSchema) return say(otherSchema(thrown));
  const message = thrown instanceof Error ? thrown.message.replaceAll(/\s+/g, ' ') : '';
  const code = codeOf(thrown);
  switch (code) {
    case '28P01':
    case '28000':
      return say(`refused the login (${message}). Check user and password: PGUSER, PGPASSWORD or a password file`);
    case '3D000':
      return say(`${message}. Make it with createdb, or name another`);
    case '3F000':
    case '42P01':
      return say('holds no sweep store. Make its tables first: sweep db init');
    case '42501':
      return say(`${message}. Grant it, or come as a role that may (docs/distributed.md)`);
    case '55P03':
      return say('others held the store for a minute. Look who it is in pg_stat_activity, and run again');
    case '57014':
      return say(
        `the server did not end a statement in time (${message}). Look at its load and its disks, and run again`,
      );
    case '53100':
      return say('no space left on the server. Free some: what was stored before is kept, a sweep continues');
    case '53300':
      return say(`${message}. Raise max_connections, or put PgBouncer before it (docs/distributed.md)`);
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return say('no such host. Check the name');
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return say(
        `its certificate is for another host (${message}). Name the host as the certificate does, or say ` +
          'sslmode=verify-ca where only the authority is to be verified',
      );
    case 'CERT_HAS_EXPIRED':
      return say(`its certificate is over (${message}). Give the server a new one`);
    default:
      // Of `pg`, before the server is asked: without a code.
      if (/client password must be a (non-empty )?string/.test(message)) {
        return say('asks for a password. Give it by PGPASSWORD or a password file (~/.pgpass, PGPASSFILE)');
      }
      if (code !== null && /^(SELF_SIGNED|UNABLE_TO|CERT_|DEPTH_ZERO|ERR_TLS)/.test(code)) {
        return say(
          `its certificate is not trusted (${message}). Name its authority with sslrootcert=FILE in the URL, or say ` +
            'sslmode=require to encrypt without knowing who answers',
        );
      }
      if (message === 'The server does not support SSL connections') {
        return say(
          'the server has no TLS. Switch it on there, or say sslmode=disable in the URL where the network is safe',
        );
      }
      return isLost(thrown)
        ? say(`no answer (${message || code}). Check that the server runs and can be reached`)
        : thrown;
  }
}

function otherSchema({ found, known }: OtherSchema): string {
  if (found > known) {
    return (
      `has schema ${found}, this version knows up to ${known}: made by a newer version. Update this program, or name ` +
      'another database'
    );
  }
  return (
    `has schema ${found}, this version needs ${known}: made by an older version. Bring it forward with sweep db init, ` +
    'which hosts of the older version do not outlast'
  );
}
