import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { addToLedger } from '../../src/cli/looks-sources.ts';
import { openVerdictStore } from '../../src/store/open-verdict-store.ts';
import { ask, sharedFolder } from '../support/sweep-command.ts';
import { writeDefinition } from '../support/tiny-sweep.ts';

const folder = sharedFolder();
const [one, two, ledger] = ['one.db', 'two.db', 'looks.jsonl'].map((name) => join(folder, name)) as [
  string,
  string,
  string,
];
const definition = (name: string, alphas: readonly number[]) =>
  writeDefinition(folder, { name, axes: { agesMinutes: [[38]], regressorKind: ['ridge'], ridgeAlpha: alphas } });
const first = definition('first', [1, 10, 100]);
const second = definition('second', [100, 1000]);
let begun: string;

before(async () => {
  const { stderr } = await ask(['run', first, '--db', one, '--ledger', ledger]);
  begun = stderr;
  await ask(['run', second, '--db', two]);
});

test('a run says in a line how many looks it is about to spend, of how many spent', async () => {
  assert.match(begun, /^locked splits: up to 3 looks to be spent, 0 looks spent so far \(--seal spends none\)$/m);
  const again = await ask(['run', first, '--db', one]);
  assert.doesNotMatch(again.stderr, /locked splits/);
  const more = await ask(['run', second, '--db', join(folder, 'three.db'), '--ledger', ledger, '--seal']);
  assert.match(
    more.stderr,
    /^locked splits: gates are sealed, no look is spent before sweep unseal; [1-9]\d* looks spent so far$/m,
  );
});

test('a ledger gets what a run shows, and stays as it is when nothing new is shown', async () => {
  const text = readFileSync(ledger, 'utf8');
  assert.equal(text.match(/"look":/g)?.length, 2 * 3);
  assert.doesNotMatch(text, /\/(home|tmp|work)/);
  await ask(['run', first, '--db', one, '--ledger', ledger]);
  assert.equal(readFileSync(ledger, 'utf8'), text);
});

test('two runs that write one ledger at the same moment both add to it', async () => {
  const shared = join(folder, 'shared.jsonl');
  await using stores = new AsyncDisposableStack();
  const [a, b] = [
    stores.use(await openVerdictStore(one, { mode: 'read' })),
    stores.use(await openVerdictStore(two, { mode: 'read' })),
  ];
  await Promise.all([addToLedger(shared, a, 'first'), addToLedger(shared, b, 'second')]);
  const together = readFileSync(shared, 'utf8').match(/"look":/g)?.length;
  const after = join(folder, 'after.jsonl');
  await addToLedger(after, a, 'first');
  await addToLedger(after, b, 'second');
  assert.equal(together, readFileSync(after, 'utf8').match(/"look":/g)?.length);
  assert.ok(together !== undefined && together > 2 * 3, 'one of them alone has fewer');
});

test('a damaged ledger stops a run before anything is judged, and a store is never taken for one', async () => {
  const damaged = join(folder, 'damaged.jsonl');
  writeFileSync(damaged, readFileSync(ledger, 'utf8').replace('"look":"', '"look":"0'));
  const [none, db] = [join(folder, 'missing.jsonl'), join(folder, 'never.db')];
  for (const [words, message] of [
    [['run', first, '--db', db, '--ledger', damaged], /damaged\.jsonl:\d+: not a line as it was written/],
    [['report', '--db', one, '--ledger', damaged], /damaged\.jsonl:\d+: not a line as it was written/],
    [['trust', '--db', one, '--ledger', none], /missing\.jsonl: the ledger of looks cannot be read/],
    [['trust', '--db', one, '--with', none], /missing\.jsonl/],
    [['run', first, '--db', one, '--ledger', two], /two\.db:1: not a line/],
    [['trust', '--losses', none, '--ledger', ledger], /cannot be used with/],
  ] as const) {
    const { code, stderr } = await ask(words);
    assert.deepEqual([code, message.test(stderr)], [2, true], stderr);
  }
  assert.equal(existsSync(db), false);
});
