import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { sha256Json } from '../../src/canonical-json.ts';
import type { Evaluation } from '../../src/store/records.ts';
import type { SweepLosses } from '../../src/trust/losses.ts';
import { writeStoreOfLosses } from '../support/store-of-losses.ts';
import { ask, sharedFolder } from '../support/sweep-command.ts';
import { quickstartLosses } from '../trust/goldens.ts';

const folder = sharedFolder();
const [one, two, other] = ['one.db', 'two.db', 'other.db'].map((name) => join(folder, name)) as [
  string,
  string,
  string,
];
const all = quickstartLosses();
/** Of one ages set, since its configurations are distinct there. */
const same = all.configurations.filter(({ dataset }) => dataset === all.configurations[0]!.dataset);

function part(from: number, to: number): SweepLosses {
  return { ...all, configurations: same.slice(from, to) };
}

function evaluationsWith(horizonMinutes: number) {
  const of = (days: readonly number[]): Evaluation => {
    const label = { horizonMinutes, minExpectedContinueEdgeBps: 5, stopBps: 40, targetBps: 60, costBps: 8 };
    const facts = { days: { BTCUSDT: days }, label, barGaps: 'keep' };
    return { key: sha256Json(facts), ...facts };
  };
  return { validation_locked: of([1, 2]), latest_stress: of([3, 4]) };
}

before(async () => {
  await writeStoreOfLosses(one, part(0, 12), { sweepName: 'mine', evaluations: evaluationsWith(15) });
  await writeStoreOfLosses(two, part(8, 20), { sweepName: 'theirs', evaluations: evaluationsWith(15) });
  await writeStoreOfLosses(other, part(0, 5), { sweepName: 'longer', evaluations: evaluationsWith(30) });
});

async function trust(...words: string[]) {
  const { code, stdout, stderr } = await ask(['trust', '--db', one, '--json', ...words]);
  assert.equal(code, 0, stderr);
  return { ...JSON.parse(stdout), stderr };
}

test('looks are counted over stores: what two have seen is one look', async () => {
  const [alone, joined, swapped] = [
    await trust(),
    await trust('--with', two),
    await trust('--with', two, '--with', one),
  ];
  const own = alone.looks.latest_stress;
  assert.deepEqual([alone.budget.latest_stress.looks, alone.budget.latest_stress.anyLabel], [own, own]);
  assert.ok(joined.budget.latest_stress.looks > own && joined.budget.latest_stress.looks < 2 * own);
  assert.deepEqual(swapped.budget.latest_stress, joined.budget.latest_stress);
  // What is said of the sweep itself stays.
  for (const key of ['looks', 'locked', 'rows', 'luck']) assert.deepEqual(joined[key], alone[key], key);
  // More tries, more luck.
  assert.ok(joined.budget.validation_locked.luck.long.luck95 >= alone.budget.validation_locked.luck.long.luck95);
  assert.equal(joined.budget.validation_locked.ladder.configuration.length, 24);
  const text = (await ask(['report', '--db', one, '--with', two], { env: { COLUMNS: '160' } })).stdout;
  assert.match(
    text,
    new RegExp(`looked at ${own} times \\(AUC: \\d\\), ${joined.budget.latest_stress.looks} times in all`),
  );
});

test('show and the report for a browser hold margins against the luck of all looks, and say how many these are', async () => {
  const joined = await trust('--with', two);
  const { looks, luck } = joined.budget.validation_locked;
  const id = joined.rows[0].configuration;
  const shown = await ask(['show', id, '--db', one, '--with', two, '--json']);
  assert.equal(shown.code, 0, shown.stderr);
  assert.deepEqual(JSON.parse(shown.stdout).trust.budget, joined.budget);
  const text = (await ask(['show', id, '--db', one, '--with', two], { env: { COLUMNS: '160' } })).stdout;
  assert.match(
    text,
    new RegExp(`long validation_locked mae +limit.* (inside |beyond )?${luck.long.luck95.toFixed(4)}\\n`),
  );
  assert.notEqual(luck.long.luck95.toFixed(4), joined.locked['long validation_locked'].luck95.toFixed(4));

  const file = join(folder, 'with-others.html');
  const { code, stderr } = await ask(['report', '--db', one, '--with', two, '--html', file]);
  assert.equal(code, 0, stderr);
  const most = Math.max(looks, joined.budget.latest_stress.looks);
  const own = Math.max(joined.looks.validation_locked, joined.looks.latest_stress);
  assert.ok(most > own);
  assert.ok(readFileSync(file, 'utf8').includes(`${most} looks at the locked splits, ${own} of them by this sweep`));
});

test('looks under another label definition are a budget of their own, told beside it', async () => {
  const [alone, joined] = [await trust(), await trust('--with', other)];
  const { looks, anyLabel } = joined.budget.latest_stress;
  assert.equal(looks, alone.budget.latest_stress.looks);
  assert.ok(anyLabel > looks);
  assert.match(
    joined.stderr,
    /other\.db: none of its looks is at these locked splits under their label definition and gap policy; \d+ are at their days under another\n/,
  );
  const text = (await ask(['trust', '--db', one, '--with', other], { env: { COLUMNS: '120' } })).stdout;
  assert.match(text, new RegExp(`${looks} times \\(AUC: \\d\\), ${anyLabel} under any\\s+label definition`));
  assert.match(text, new RegExp(`\\nlong latest_stress +${looks} +${anyLabel} `));
  assert.match(text, /\ntold best of latest_stress: mae 0\.\d{5} \([0-9a-f]{7}\), \d+ moves? in \d+ looks/);
});

test('a ledger counts as the stores that it was made of', async () => {
  const ledger = join(folder, 'team.jsonl');
  // Unsealing what is open already adds what is known.
  for (const [db, sweep] of [
    [one, 'mine'],
    [two, 'theirs'],
  ] as const) {
    const { code, stderr } = await ask(['unseal', '--sweep', sweep, '--all', '--db', db, '--ledger', ledger]);
    assert.equal(code, 0, stderr);
  }
  const [byStore, byLedger, byBoth] = [
    await trust('--with', two),
    await trust('--ledger', ledger),
    await trust('--with', two, '--ledger', ledger),
  ];
  for (const { budget } of [byLedger, byBoth]) {
    for (const split of ['validation_locked', 'latest_stress']) {
      assert.deepEqual(
        [budget[split].looks, budget[split].sameKey],
        [byStore.budget[split].looks, byStore.budget[split].sameKey],
      );
      const [luck, expected] = [budget[split].luck.short.luck95, byStore.budget[split].luck.short.luck95];
      assert.ok(Math.abs(luck - expected) < 1e-7);
    }
  }
  // Lines of two that were written apart.
  const lines = readFileSync(ledger, 'utf8').trimEnd().split('\n');
  writeFileSync(ledger, `${[...lines.toReversed(), ...lines.slice(3)].join('\n')}\n`);
  const { budget } = await trust('--ledger', ledger);
  assert.equal(budget.latest_stress.looks, byStore.budget.latest_stress.looks);
});

test('of a store whose data nobody has told of looks at those data alone are counted, and it says so', async () => {
  const untold = join(folder, 'untold.db');
  await writeStoreOfLosses(untold, part(0, 6), { sweepName: 'untold' });
  const { stdout } = await ask(['trust', '--db', untold, '--with', two], { env: { COLUMNS: '200' } });
  assert.match(
    stdout,
    /\nvalidation_locked: what it is of is not in the store yet: looks at these data alone; the next sweep run adds it\n/,
  );
});
