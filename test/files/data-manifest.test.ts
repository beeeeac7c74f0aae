import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { hashedManifest, type ManifestFile, parseManifest } from '../../src/files/data-manifest.ts';
import { userError } from '../support/user-error.ts';

const SHA = 'a'.repeat(64);
const file = (path: string): ManifestFile => ({ path, size: 3, sha256: SHA });

function refused(work: () => unknown, rule: RegExp): void {
  assert.throws(work, userError(rule));
}

describe('a manifest', () => {
  test('is one text, whatever the order of its files, and its hash is that of the text', () => {
    const one = hashedManifest('run-1', [file('split/a.json'), file('feature/b.parquet')]);
    const other = hashedManifest('run-1', [file('feature/b.parquet'), file('split/a.json')]);
    assert.deepEqual(one, other);
    assert.equal(one.hash, createHash('sha256').update(one.text).digest('hex'));
    assert.equal(
      one.text,
      `{"files":[{"path":"feature/b.parquet","sha256":"${SHA}","size":3},{"path":"split/a.json","sha256":"${SHA}","size":3}],"format":1,"runId":"run-1"}`,
    );
    assert.deepEqual(parseManifest(one.text, 'm'), one);
  });

  const HOSTILE = [
    '../secret',
    'a/../../secret',
    '/etc/passwd',
    './a',
    'a//b',
    'a/',
    '',
    '.hidden',
    'a/.hidden',
    '-option',
    'a\\b',
    'C:x',
    'a b',
    'a\0b',
    'a\nb',
    'ä',
    '~/x',
    'x'.repeat(256),
  ];
  for (const path of HOSTILE) {
    test(`refuses the path ${JSON.stringify(path.slice(0, 20))}, whoever wrote it`, () => {
      refused(
        () => hashedManifest('run', [file(path)]),
        /^baseline run run: files\.0\.path: expected names of letters/,
      );
      const text = JSON.stringify({ files: [{ path, sha256: SHA, size: 3 }], format: 1, runId: 'run' });
      refused(() => parseManifest(text, 'm'), /^m: files\.0\.path: /);
    });
  }

  const BROKEN: readonly (readonly [string, string, RegExp])[] = [
    ['that is no JSON', '{"files', /expected a manifest of data, got no JSON/],
    ['of another format', '{"files":[],"format":2,"runId":"r"}', /format/],
    ['without files', '{"files":[],"format":1,"runId":"r"}', /files/],
    [
      'with a run that is a path',
      `{"files":[{"path":"a","sha256":"${SHA}","size":3}],"format":1,"runId":"../r"}`,
      /runId/,
    ],
    ['with a size that is none', `{"files":[{"path":"a","sha256":"${SHA}","size":-1}],"format":1,"runId":"r"}`, /size/],
    ['with a hash that is none', '{"files":[{"path":"a","sha256":"AB","size":3}],"format":1,"runId":"r"}', /sha256/],
    [
      'with more than it should have',
      `{"files":[{"path":"a","sha256":"${SHA}","size":3}],"format":1,"runId":"r","x":1}`,
      /x/,
    ],
    ['in another form', `{"format":1,"files":[{"path":"a","sha256":"${SHA}","size":3}],"runId":"r"}`, /canonical JSON/],
  ];
  for (const [what, text, rule] of BROKEN) {
    test(`${what} is refused`, () => refused(() => parseManifest(text, 'm'), rule));
  }

  test('refuses a file twice, and a file that another takes for a folder', () => {
    refused(() => hashedManifest('r', [file('a'), file('a')]), /each once/);
    refused(() => hashedManifest('r', [file('a'), file('a-b'), file('a/c')]), /none below another: a\/c/);
  });
});
