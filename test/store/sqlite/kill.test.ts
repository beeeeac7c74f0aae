import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openVerdictStore } from '../../../src/store/open-verdict-store.ts';
import { randomFrom } from '../../support/random.ts';
import { syntheticConfigurations, syntheticOutcome } from '../synthetic.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const WRITER = fileURLToPath(new URL('write-batches.ts', import.meta.url));
const KILLS = 8;
const BATCH_SIZE = 25;

test('a writer killed at any moment loses nothing that record had stored, and no half of a batch', async (t) => {
  const path = join(temporaryFolder(t), 'sweeps.db');
  const random = randomFrom(20_261_122);
  const acknowledgedCounts: number[] = [];
  for (let kill = 0; kill < KILLS; kill += 1) {
    const acknowledged = await writeUntilKilled(path, 1 + random.integer(0, 6), random.uniform() * 5);
    await using store = await openVerdictStore(path, { mode: 'write' });
    assert.deepEqual(await store.check(), []);
    const { judged } = await store.outcomes();
    assert.ok(judged.length >= acknowledged, `${judged.length} stored, ${acknowledged} were acknowledged`);
    assert.equal(judged.length % BATCH_SIZE, 0);
    acknowledgedCounts.push(acknowledged);
  }
  assert.ok(acknowledgedCounts.at(-1)! > 0);
  await using store = await openVerdictStore(path, { mode: 'read' });
  const [record] = syntheticConfigurations(3000);
  const found = await store.find(record!.id);
  assert.deepEqual(found.kind === 'completed' && found.result, syntheticOutcome(record!).result);
});

/**
 * Starts a process that stores batch after batch, from where the store ends, and kills it a moment after it has said
 * that so many batches of its own are stored.
 *
 * @returns how many verdicts it said were stored, before its start included
 */
async function writeUntilKilled(path: string, batches: number, delayMs: number): Promise<number> {
  const child = spawn(process.execPath, [WRITER, path, String(BATCH_SIZE)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let acknowledged = 0;
  let seen = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = text.trim().split('\n');
    seen += lines.length;
    acknowledged = Number(lines.at(-1));
    // A moment that is not the moment of the acknowledgement.
    if (seen >= batches) setTimeout(() => child.kill('SIGKILL'), delayMs);
  });
  const [code, signal] = await once(child, 'exit');
  assert.equal(signal, 'SIGKILL', `the writer ended by itself with ${code}`);
  return acknowledged;
}
