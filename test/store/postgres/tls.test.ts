import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { initPostgresStore } from '../../../src/store/postgres/open-postgres-store.ts';
import { serverOf } from '../../../src/store/postgres/pool.ts';
import { postgresLocation } from '../../../src/store/postgres/url.ts';
import { CERTIFICATE } from '../../support/data-server.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres.ts';
import { ask, refusalIn } from '../../support/sweep-command.ts';
import { userError } from '../../support/user-error.ts';

/** What `pg` makes of a URL, where the environment says so. */
function clientOf(url: string, env: Readonly<Record<string, string>> = {}): pg.Client {
  const before = Object.keys(env).map((name) => [name, process.env[name]] as const);
  try {
    Object.assign(process.env, env);
    return new pg.Client(serverOf(postgresLocation(url)));
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

describe('which server a URL means, and whether its certificate is verified', () => {
  test('a URL without a host is this machine, without TLS, whatever PGHOST and PGSSLMODE say', () => {
    const env = { PGHOST: 'elsewhere.example', PGHOSTADDR: '192.0.2.1', PGSSLMODE: 'require' };
    for (const url of ['postgres:///db', 'postgres:///db?user=me', 'postgresql:///db?host=']) {
      const client = clientOf(url, env);
      assert.deepEqual([client.host, client.database, client.ssl], ['localhost', 'db', false], url);
    }
  });

  test('the rest that a URL leaves out comes from the environment', () => {
    const client = clientOf('postgres:///db', { PGPORT: '7654', PGUSER: 'her', PGPASSWORD: 'known to her' });
    assert.deepEqual([client.port, client.user, client.password], [7654, 'her', 'known to her']);
  });

  test('sockets and the loopback of this machine are reached without TLS, unless the URL says otherwise', () => {
    for (const host of ['localhost', '127.0.0.1', '127.8.0.1', '[::1]', '%2Frun%2Fpostgresql']) {
      assert.equal(postgresLocation(`postgres://${host}/db`).sslMode, 'disable', host);
      assert.equal(postgresLocation(`postgres://${host}/db?sslmode=verify-full`).sslMode, 'verify-full', host);
    }
    assert.equal(postgresLocation('postgres:///db?host=/run/postgresql').sslMode, 'disable');
  });

  test('beyond it certificate and name are verified, whatever PGSSLMODE says, unless the URL says otherwise', () => {
    const hosts = ['db', 'db.example', '192.0.2.1', '[2001:db8::1]', '127.1', 'localhost.example', '127.0.0.1.example'];
    for (const host of hosts) {
      assert.equal(postgresLocation(`postgres://${host}/db`).sslMode, 'verify-full', host);
      const { ssl } = clientOf(`postgres://${host}/db`, { PGSSLMODE: 'disable' });
      assert.deepEqual(ssl, { rejectUnauthorized: true }, host);
    }
    assert.equal(postgresLocation('postgres:///db?host=db.example').sslMode, 'verify-full');
    assert.equal(postgresLocation('postgres://localhost/db?host=db.example').sslMode, 'verify-full');
    assert.equal(clientOf('postgres://db.example/db?sslmode=disable').ssl, false);
    assert.deepEqual(clientOf('postgres://db.example/db?sslmode=require').ssl, { rejectUnauthorized: false });
  });

  test('a file of certificates that cannot be read is named', () => {
    assert.throws(
      () => clientOf('postgres://db.example/db?sslrootcert=/nowhere/ca.pem'),
      userError(/^postgres:\/\/db\.example\/db\?sslrootcert=\S+: sslrootcert: \/nowhere\/ca\.pem cannot be read/),
    );
  });
});

describe('a server with a certificate that no known authority has signed', () => {
  let server: PostgresServer;
  let url: string;
  before(async () => {
    server = await startPostgres({ hasTls: true });
    url = await server.createDatabase();
    await initPostgresStore(url);
  });
  after(async () => server?.[Symbol.asyncDispose]());

  const trusting = `sslrootcert=${encodeURIComponent(CERTIFICATE)}`;
  /** This machine under a name that the certificate does not have, and that nobody would take for this machine. */
  const elsewhere = () => url.replace('127.0.0.1', '127.1');

  async function list(asked: string): Promise<void> {
    const { code, stderr } = await ask(['list', '--db', asked]);
    assert.deepEqual([code, stderr], [0, '']);
  }

  async function refusal(asked: string): Promise<string> {
    const refused = await ask(['list', '--db', asked]);
    assert.equal(refused.code, 2);
    assert.equal(refused.stderr.trim().split('\n').length, 1, refused.stderr);
    return refusalIn(refused);
  }

  test('is refused in one line that names the remedy, also where no sslmode is said', async () => {
    for (const asked of [`${url}?sslmode=verify-full`, `${url}?sslmode=verify-ca`, elsewhere()]) {
      assert.match(
        await refusal(asked),
        /its certificate is not trusted \(.+\)\. Name its authority with sslrootcert=FILE/,
      );
    }
  });

  test('is trusted by its authority in sslrootcert, and spoken to encrypted', async () => {
    await list(`${url}?sslmode=verify-full&${trusting}`);
    await using pool = await encrypted(`${url}?sslmode=verify-full&${trusting}`);
    assert.deepEqual(await pool.ask('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()'), [{ ssl: true }]);
  });

  test('is refused under a name that is not in the certificate, also with its authority', async () => {
    const said = await refusal(`${elsewhere()}?${trusting}`);
    assert.match(said, /its certificate is for another host \(.*127\.1.*\)\. Name the host as the certificate does/);
    assert.doesNotMatch(said, /sslrootcert=FILE/);
  });

  test('is taken as it is when the URL asks for no more', async () => {
    await list(`${elsewhere()}?sslmode=verify-ca&${trusting}`);
    await list(`${elsewhere()}?sslmode=require`);
    await list(`${elsewhere()}?sslmode=disable`);
  });
});

test('a server without TLS that is asked for it is refused in one line that names the remedy', async () => {
  await using server = await startPostgres();
  const refused = await ask(['list', '--db', server.urlOf('postgres').replace('127.0.0.1', '127.1')]);
  assert.equal(refused.code, 2);
  assert.match(refusalIn(refused), /the server has no TLS\. Switch it on there, or say sslmode=disable/);
});

async function encrypted(url: string) {
  const client = new pg.Client(serverOf(postgresLocation(url)));
  await client.connect();
  return {
    ask: async (sql: string) => (await client.query(sql)).rows,
    [Symbol.asyncDispose]: () => client.end(),
  };
}
