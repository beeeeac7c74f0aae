import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { EXIT, type ExitCode, graver } from '../../src/cli/exit-codes.ts';

test('where several exit codes hold, the first of 130, 1, 2, 4, 5, 6, 3, 0 is given, in whatever order they come', () => {
  const order: readonly ExitCode[] = [130, 1, 2, 4, 5, 6, 3, 0];
  assert.deepEqual([...order].sort(), Object.values(EXIT).sort(), 'all of them are here');
  for (const [i, code] of order.entries()) {
    for (const other of order.slice(i)) assert.deepEqual([graver(code, other), graver(other, code)], [code, code]);
  }
});

test('the README has a line for each exit code', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const listed = [...readme.matchAll(/^\| (\d+) \| /gm)].map((match) => Number(match[1]));
  assert.deepEqual(
    listed,
    [...Object.values(EXIT)].sort((a, b) => a - b),
  );
});
