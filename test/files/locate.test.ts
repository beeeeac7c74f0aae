import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { describe, test } from 'node:test';
import { locate } from '../../src/files/sources/locate.ts';
import { userError } from '../support/user-error.ts';

const HASH = '0'.repeat(64);

function refused(work: () => unknown, rule: RegExp): void {
  assert.throws(work, userError(rule));
}

describe('where data lie', () => {
  test('is a folder, a web server or a bucket, with a manifest where one is named', () => {
    assert.deepEqual(locate('pub'), {
      location: { kind: 'folder', shown: 'pub', path: resolve('pub') },
      manifest: null,
    });
    assert.deepEqual(locate(`/srv/pub/manifests/${HASH}.json`), {
      location: { kind: 'folder', shown: '/srv/pub', path: '/srv/pub' },
      manifest: { by: 'hash', hash: HASH },
    });
    assert.deepEqual(locate('https://data.example.org/pub/runs/btc-1.json'), {
      location: { kind: 'web', shown: 'https://data.example.org/pub', url: new URL('https://data.example.org/pub') },
      manifest: { by: 'run', runId: 'btc-1' },
    });
    assert.deepEqual(locate('s3://my-bucket/some/prefix/').location, {
      kind: 's3',
      shown: 's3://my-bucket/some/prefix',
      bucket: 'my-bucket',
      prefix: 'some/prefix',
    });
    assert.deepEqual(locate('s3://my-bucket').location, {
      kind: 's3',
      shown: 's3://my-bucket',
      bucket: 'my-bucket',
      prefix: '',
    });
  });

  for (const host of ['localhost', '127.0.0.1', '127.8.9.1', '[::1]']) {
    test(`may be plain http on ${host}`, () => assert.equal(locate(`http://${host}:8080/x`).location.kind, 'web'));
  }

  for (const url of [
    'http://data.example.org',
    'http://localhost.example.org/x',
    'http://127.0.0.1.example.org',
    'http://10.0.0.1',
  ]) {
    test(`may not be ${url}`, () =>
      refused(() => locate(url), /plain http is taken from this machine alone; use https/));
  }

  test('is not told with a password, and none is shown', () => {
    for (const text of [
      'https://me:hunter2@data.example.org/x',
      's3://key:hunter2@bucket/x',
      'https://hunter2@example.org',
    ]) {
      refused(() => locate(text), /^data: a URL with a user or password is refused(?!.*hunter2)/);
    }
    refused(() => locate('https://example.org/x?X-Amz-Signature=hunter2'), /without "\?" and "#"(?!.*hunter2)/);
  });

  test('is nothing else', () => {
    refused(() => locate('ftp://example.org/x'), /expected a folder, https:\/\/ or s3:\/\//);
    refused(() => locate('file:///etc'), /expected a folder/);
    refused(() => locate('s3://UPPER_case/x'), /bucket/);
    refused(() => locate('https://'), /got a URL that is none/);
    refused(() => locate(''), /got nothing/);
  });
});
