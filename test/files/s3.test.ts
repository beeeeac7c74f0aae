import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { AwsClient } from 'aws4fetch';
import { s3Source } from '../../src/files/sources/s3-source.ts';
import { isSigned, type Keys, type SeenRequest, signatureOf } from '../support/sigv4.ts';
import { ask } from '../support/sweep-command.ts';
import { everythingBelow, temporaryFolder } from '../support/temporary-folder.ts';
import { TINY_DATA_ROOT } from '../support/tiny-run.ts';
import { userError } from '../support/user-error.ts';

/**
 * The examples that Amazon publishes with their signatures:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
const AMAZON: Keys = {
  id: 'AKIAIOSFODNN7EXAMPLE',
  secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
};
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const EXAMPLES: readonly { readonly what: string; readonly request: SeenRequest; readonly signature: string }[] = [
  {
    what: 'GET object, with a range',
    request: seen('GET', '/test.txt', 'host;range;x-amz-content-sha256;x-amz-date', { range: 'bytes=0-9' }),
    signature: 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  },
  {
    what: 'PUT object',
    request: seen('PUT', '/test%24file.text', 'date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class', {
      date: 'Fri, 24 May 2013 00:00:00 GMT',
      'x-amz-content-sha256': '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
      'x-amz-storage-class': 'REDUCED_REDUNDANCY',
    }),
    signature: '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  },
  {
    what: 'GET bucket lifecycle',
    request: seen('GET', '/?lifecycle', 'host;x-amz-content-sha256;x-amz-date'),
    signature: 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  },
  {
    what: 'GET bucket, with a query',
    request: seen('GET', '/?max-keys=2&prefix=J', 'host;x-amz-content-sha256;x-amz-date'),
    signature: '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  },
];

function seen(method: string, target: string, signed: string, more: Record<string, string> = {}): SeenRequest {
  const headers = {
    host: 'examplebucket.s3.amazonaws.com',
    'x-amz-content-sha256': EMPTY,
    'x-amz-date': '20130524T000000Z',
    authorization: `SignedHeaders=${signed}`,
    ...more,
  };
  return { method, target, headers };
}

/** A bucket in a folder; refuses what is not signed, and bytes that are not what was signed. */
async function s3Server(folder: string, keys: Keys) {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const { method = '', url = '' } = request;
    asked.push(`${method} ${url}`);
    if (!isSigned({ method, target: url, headers }, keys)) return response.writeHead(403).end();
    const path = join(folder, url);
    if (method === 'PUT') {
      const body = await bodyOf(request);
      const hash = createHash('sha256').update(body).digest('hex');
      if (hash !== headers['x-amz-content-sha256']) return response.writeHead(400).end();
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, body);
      return response.writeHead(200).end();
    }
    const body = await readFile(path).catch(() => null);
    if (body === null) return response.writeHead(404).end();
    response.writeHead(200, { 'content-length': body.length });
    return response.end(method === 'HEAD' ? undefined : body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  return {
    asked,
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe("Amazon's published signatures", () => {
  for (const { what, request, signature } of EXAMPLES) {
    test(`${what}: what checks signatures here gives them`, () => {
      assert.equal(signatureOf(request, AMAZON), signature);
    });
  }

  test('and what signs here gives the one of a request that it could make', async () => {
    const client = new AwsClient({
      accessKeyId: AMAZON.id,
      secretAccessKey: AMAZON.secret,
      service: 's3',
      region: AMAZON.region,
    });
    const { headers } = await client.sign('https://examplebucket.s3.amazonaws.com/?lifecycle', {
      headers: { 'x-amz-content-sha256': EMPTY },
      aws: { datetime: '20130524T000000Z' },
    });
    assert.match(headers.get('authorization') ?? '', new RegExp(`Signature=${EXAMPLES[2]!.signature}$`));
  });
});

describe('a baseline run in a bucket', { concurrency: false }, () => {
  const keys: Keys = { id: 'THEID', secret: 'the/Secret+key', region: 'eu-central-1' };
  const envOf = (url: string, secret = keys.secret) => ({
    AWS_ACCESS_KEY_ID: keys.id,
    AWS_SECRET_ACCESS_KEY: secret,
    AWS_REGION: keys.region,
    AWS_ENDPOINT_URL: url,
  });

  test('is published and fetched with signed requests; again nothing is uploaded', async (context) => {
    const folder = await temporaryFolder(context);
    await using server = await s3Server(join(folder, 'store'), keys);
    const env = envOf(server.url);
    const publish = ['data', 'publish', 'tiny', 's3://the-bucket/some/prefix', '--data-root', TINY_DATA_ROOT, '--json'];
    const first = await ask(publish, { env });
    assert.equal(first.code, 0, first.stderr);
    assert.equal(JSON.parse(first.stdout).newFiles, 9);
    const again = await ask(publish, { env });
    assert.equal(JSON.parse(again.stdout).newFiles, 0);
    assert.equal(server.asked.filter((line) => line.startsWith('PUT') && line.includes('/content/')).length, 9);
    const fetched = await ask(
      ['data', 'fetch', 's3://the-bucket/some/prefix', '--run-id', 'tiny', '--cache', join(folder, 'cache'), '--json'],
      { env },
    );
    assert.equal(fetched.code, 0, fetched.stderr);
    const { dataRoot, manifestHash } = JSON.parse(fetched.stdout);
    assert.equal(JSON.parse(first.stdout).manifest, `s3://the-bucket/some/prefix/manifests/${manifestHash}.json`);
    const run = join(TINY_DATA_ROOT, 'trader-v4/runs/tiny');
    const copy = (await everythingBelow(join(dataRoot, 'trader-v4/runs/tiny'))).filter(
      (name) => name !== 'data_manifest.json',
    );
    assert.deepEqual(copy, await everythingBelow(run));
    for (const { stdout, stderr } of [first, again, fetched]) assert.ok(!`${stdout}${stderr}`.includes(keys.secret));
  });

  test('is refused with another key, which nobody is shown', async (context) => {
    const folder = await temporaryFolder(context);
    await using server = await s3Server(folder, keys);
    const { code, stderr } = await ask(['data', 'publish', 'tiny', 's3://the-bucket', '--data-root', TINY_DATA_ROOT], {
      env: envOf(server.url, 'another-secret'),
    });
    assert.equal(code, 2);
    assert.match(
      stderr,
      /^sweep: data s3:\/\/the-bucket\/content\/\w{64}: the server answers 403 .*AWS_SECRET_ACCESS_KEY/,
    );
    assert.ok(!stderr.includes('another-secret'));
  });

  test('needs keys, and a server that nobody else can listen to', () => {
    const open = (env: Record<string, string>) => () => s3Source('the-bucket', '', 's3://the-bucket', env);
    assert.throws(open({}), userError(/set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment/));
    assert.throws(
      open(envOf('http://minio.example.org')),
      userError(/expected https:\/\/, got http:\/\/minio\.example\.org/),
    );
    assert.throws(open(envOf('https://me:hunter2@minio.example.org')), userError(/no user or password(?!.*hunter2)/));
    assert.throws(open(envOf('minio')), userError(/expected a URL/));
  });
});
