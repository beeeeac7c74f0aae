import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { baselineData } from '../../src/execution/baseline-data.ts';
import { CERTIFICATE, DataServer } from '../support/data-server.ts';
import { ask, refusalIn, SweepProcess, sharedFolder, sweep } from '../support/sweep-command.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { TINY_DATA_ROOT } from '../support/tiny-run.ts';

const KEEP = { barGaps: 'keep' } as const;
const PUBLISHED = join(sharedFolder(), 'published');
const published = ask(['data', 'publish', 'tiny', PUBLISHED, '--data-root', TINY_DATA_ROOT]);
const hashOfTiny = baselineData(TINY_DATA_ROOT, 'tiny', undefined, KEEP).then(({ hash }) => hash);

describe('a baseline run that is fetched over https', () => {
  const trusted = { NODE_EXTRA_CA_CERTS: CERTIFICATE };
  const fetchInto = (cache: string, url: string) => [
    'data',
    'fetch',
    `${url}/runs/tiny.json`,
    '--cache',
    cache,
    '--json',
  ];

  test('a run whose link breaks in the middle is whole; one of an unknown authority is refused', async (context) => {
    await published;
    const cache = await temporaryFolder(context);
    await using server = await DataServer.start(PUBLISHED, { secure: true, breakAfter: [200_000, 50_000] });
    const stranger = await sweep(fetchInto(cache, server.url));
    assert.equal(stranger.code, 2);
    assert.match(
      refusalIn(stranger),
      /its certificate is not trusted.*NODE_EXTRA_CA_CERTS \(DEPTH_ZERO_SELF_SIGNED_CERT/,
    );
    const { code, stdout, stderr } = await sweep(fetchInto(cache, server.url), { env: trusted });
    assert.equal(code, 0, stderr);
    assert.equal(stderr.match(/going on at/g)?.length, 2, stderr);
    const { dataRoot } = JSON.parse(stdout);
    assert.equal((await baselineData(dataRoot, 'tiny', undefined, KEEP)).hash, await hashOfTiny);
  });

  test('a process that is killed in the middle leaves a part, and the next one goes on with it', async (context) => {
    await published;
    const cache = await temporaryFolder(context);
    const parts = join(cache, 'data/parts');
    const kept = () => readdirSync(parts).map((name) => statSync(join(parts, name)).size);
    await using server = await DataServer.start(PUBLISHED, { secure: true, ...stalling(300_000) });
    const first = new SweepProcess(fetchInto(cache, server.url), { env: trusted });
    await first.hasSaid('fetching 9 files');
    while (!exists(parts) || Math.max(0, ...kept()) < 300_000) await new Promise((done) => setTimeout(done, 20));
    first.kill('SIGKILL');
    await first.ended;
    assert.ok(!exists(join(cache, 'data/runs')), 'nothing is there that looks whole');
    const { code, stdout, stderr } = await sweep(fetchInto(cache, server.url), { env: trusted });
    assert.equal(code, 0, stderr);
    assert.ok(
      server.contents.some(({ range }) => range === 'bytes=300000-'),
      JSON.stringify(server.contents),
    );
    assert.equal((await baselineData(JSON.parse(stdout).dataRoot, 'tiny', undefined, KEEP)).hash, await hashOfTiny);
  });

  test('two processes of one machine fetch a run once', async (context) => {
    await published;
    const cache = await temporaryFolder(context);
    const held: ServerResponse[] = [];
    await using server = await DataServer.start(PUBLISHED, {
      secure: true,
      // The first content waits until both are there.
      answer: (request, response) => {
        if (!request.url?.includes('/content/') || held.length > 0) return false;
        held.push(response);
        return true;
      },
    });
    const one = new SweepProcess(fetchInto(cache, server.url), { env: trusted });
    assert.ok(await one.hasSaid('fetching 9 files'));
    const other = new SweepProcess(fetchInto(cache, server.url), { env: trusted });
    assert.ok(await other.hasSaid(`waiting for process ${one.pid} on`));
    // It is asked for again, and this time it comes.
    held[0]?.socket?.destroy();
    const ends = await Promise.all([one.ended, other.ended]);
    for (const { code, stderr } of ends) assert.equal(code, 0, stderr);
    const bytes = ends.map(({ stdout }) => JSON.parse(stdout).fetchedBytes);
    assert.ok(bytes[0] > 0);
    assert.equal(bytes[1], 0);
    assert.equal(server.contents.length, 9 + 1);
  });
});

/** A server that sends so much of the largest content and then nothing, the first time. */
function stalling(bytes: number) {
  let stalled = false;
  return {
    answer: (request: { url?: string | undefined }, response: ServerResponse) => {
      const file = join(PUBLISHED, request.url ?? '');
      if (stalled || !request.url?.includes('/content/') || statSync(file).size < bytes) return false;
      stalled = true;
      const content = readFileSync(file);
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, bytes));
      return true;
    },
  };
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
