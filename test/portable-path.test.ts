import assert from 'node:assert/strict';
import { join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { pathFrom, portablePath } from '../src/portable-path.ts';

test('a path with a folder in common is relative, and comes back', () => {
  const store = resolve('results');
  assert.equal(portablePath(store, 'data'), '../data');
  assert.equal(portablePath(store, join('results', 'quickstart')), 'quickstart');
  assert.equal(portablePath(store, 'results'), '.');
  for (const path of ['data', join('results', 'quickstart'), 'results', '.']) {
    assert.equal(pathFrom(store, portablePath(store, path)), path);
  }
});

test('a path that has only the root of the disk in common stays as it is', () => {
  assert.equal(portablePath('/srv/stores', '/mnt/data'), '/mnt/data');
  assert.equal(pathFrom('/srv/stores', '/mnt/data'), '/mnt/data');
});

test('what was moved together is found where it is now', () => {
  const portable = portablePath('/a/project/results', '/a/project/data');
  assert.equal(pathFrom('/b/elsewhere/results', portable), '/b/elsewhere/data');
  assert.equal(relative('/b/elsewhere/results', '/b/elsewhere/data'), portable);
});
