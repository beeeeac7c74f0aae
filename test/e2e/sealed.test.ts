import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { GATE_SPLITS, MODEL_KEYS } from '../../src/experiment/results.ts';
import { readColumns } from '../../src/page-data/columns.ts';
import { COLUMNS_ELEMENT, HEADER_ELEMENT, readReport } from '../../src/page-data/reading.ts';
import { openVerdictStore } from '../../src/store/open-verdict-store.ts';
import type { SweepLosses } from '../../src/trust/losses.ts';
import { writeStoreOfLosses } from '../support/store-of-losses.ts';
import { ask, sharedFolder } from '../support/sweep-command.ts';
import { runSweepFile, writeDefinition } from '../support/tiny-sweep.ts';
import { quickstartLosses } from '../trust/goldens.ts';

const CONFIGURATIONS = 8;
const folder = sharedFolder();
const db = join(folder, 'sealed.db');
const openDb = join(folder, 'open.db');
/** The same losses twice, in a store whose gates are sealed and in one whose gates are not. */
const losses = firstOf(quickstartLosses());

before(async () => {
  await writeStoreOfLosses(db, losses, { sweepName: 'kept', seals: true });
  await writeStoreOfLosses(openDb, losses, { sweepName: 'kept' });
});

/** Some configurations of each dataset. */
function firstOf(all: SweepLosses): SweepLosses {
  const every = Math.floor(all.configurations.length / CONFIGURATIONS);
  const configurations = all.configurations.filter((_, i) => i % every === 0).slice(0, CONFIGURATIONS);
  return { ...all, configurations };
}

/** Numbers that nobody may be shown: metrics of locked splits and losses of their days, as text of nine digits. */
async function secrets(ids?: readonly string[]): Promise<string[]> {
  await using store = await openVerdictStore(openDb, { mode: 'read' });
  const found: string[] = [];
  for (const { configurationId } of (await store.outcomes()).judged) {
    if (ids !== undefined && !ids.includes(configurationId)) continue;
    const outcome = await store.find(configurationId);
    assert.ok(outcome.kind === 'completed' && !outcome.isSealed);
    for (const model of MODEL_KEYS) {
      for (const split of GATE_SPLITS) {
        const { edge_mae, edge_mae_vs_constant_ratio, continue_auc } = outcome.result[model][split]!;
        for (const value of [edge_mae, edge_mae_vs_constant_ratio!, continue_auc!]) found.push(digits(value));
      }
    }
    for (const { split, absErrorSums } of outcome.dailyLosses) {
      if (split !== 'tune') found.push(...Array.from(absErrorSums, digits));
    }
  }
  return [...new Set(found)];
}

function digits(value: number): string {
  return String(value).slice(0, 10);
}

const READERS: readonly (readonly string[])[] = [
  ['report', '--top', 'all'],
  ['report', '--top', 'all', '--sort', 'margin', '--show', 'validation_locked.continue_auc,margin,weakest_gate'],
  ['report', '--json', '--show', 'latest_stress.edge_mae'],
  ['report', '--format', 'csv', '--show', 'latest_stress.edge_mae'],
  ['report', '--format', 'markdown'],
  ['report', '--status', 'sealed'],
  ['list'],
  ['list', '--json'],
  ['trust'],
  ['trust', '--json'],
  ['export'],
  ['export', '--losses'],
  ['export', '--losses', '--format', 'json'],
];

test('no command shows gates or anything measured on a locked split while they are sealed', async () => {
  const hidden = await secrets();
  assert.ok(hidden.length > 500, `${hidden.length} numbers`);
  await using store = await openVerdictStore(db, { mode: 'read' });
  const [a, b] = (await store.outcomes()).judged.map(({ configurationId }) => configurationId);
  const shown = await ask(['export', '--db', openDb]);
  assert.ok(
    hidden.some((number) => shown.stdout.includes(number)),
    'the search finds what is shown',
  );
  for (const words of [
    ...READERS,
    ['show', a!],
    ['show', a!, '--json'],
    ['compare', a!, b!],
    ['compare', a!, b!, '--json'],
    ['compare', 'kept', 'kept', '--json'],
  ]) {
    const { code, stdout, stderr } = await ask([...words, '--db', db], { env: { COLUMNS: '200' } });
    const name = words.join(' ');
    assert.equal(code, 0, `${name}: ${stderr}`);
    const leaks = hidden.filter((number) => `${stdout}${stderr}`.includes(number));
    assert.deepEqual(leaks.slice(0, 3), [], `${name} shows them`);
    assert.doesNotMatch(stdout, /PASS_TO|NOT_READY|\b[0-8]\/8\b/, name);
    assert.doesNotMatch(stdout, / [1-9]\d* (pass|not ready)\b|: (pass|not ready)\n/, name);
  }
});

test('they say that it is sealed: counts, rows, gates', async () => {
  const said = async (...words: string[]) => (await ask([...words, '--db', db], { env: { COLUMNS: '120' } })).stdout;
  assert.match(
    await said('report'),
    new RegExp(`^kept {2}${CONFIGURATIONS} configurations: ${CONFIGURATIONS} sealed\n`),
  );
  assert.match(await said('report'), /locked splits sealed,\s+never looked at/);
  assert.match(await said('list'), / sealed /);
  const document = JSON.parse(await said('report', '--json'));
  assert.deepEqual(
    [
      document.counts.sealed,
      document.counts.pass,
      document.bestPass,
      document.rows[0].verdict,
      document.rows[0].status,
    ],
    [CONFIGURATIONS, 0, null, 'sealed', 'sealed'],
  );
  assert.deepEqual(
    [document.rows[0].gates, document.rows[0].margin, document.rows[0].weakest_gate],
    [null, null, null],
  );
  const shown = await said('show', document.rows[0].id);
  assert.match(shown, /^[0-9a-f]{24} {2}sealed\n/);
  assert.match(
    shown,
    /\ngates\n {2}sealed: nobody was shown them yet\. To look:\n {4}npx sweep unseal [0-9a-f]{24} --db \S+\n/,
  );
  // Commands that they name are of the store that they read.
  assert.match(await said('report'), /\(numbers: npx\s+sweep\s+show\s+ID\s+--db\s+\S+\)/);
  assert.match(
    await said('report'),
    new RegExp(`\n${CONFIGURATIONS} of those above are sealed: nobody has looked at their gates\n`),
  );
  // The same figures of tune as where nothing is sealed.
  const [sealed, open] = await Promise.all(
    [db, openDb].map(async (file) => {
      const { stdout } = await ask(['trust', '--db', file, '--json']);
      return JSON.parse(stdout);
    }),
  );
  for (const key of ['distinct', 'best', 'plateau', 'pConstant', 'pMarketOnly', 'luck', 'overfit', 'blocks', 'days']) {
    assert.deepEqual(sealed[key], open[key], key);
  }
  assert.deepEqual([sealed.sealed, sealed.locked, open.sealed], [CONFIGURATIONS, {}, 0]);
});

test('a report for a browser holds none of it either, in its header or its columns', async () => {
  const hidden = new Set(await secrets());
  const numbersIn = async (store: string): Promise<string[]> => {
    const file = join(folder, 'report.html');
    const { code, stderr } = await ask(['report', '--db', store, '--html', file, '--force']);
    assert.equal(code, 0, stderr);
    const html = readFileSync(file, 'utf8');
    const [header, columns] = [HEADER_ELEMENT, COLUMNS_ELEMENT].map(
      (id) => new RegExp(`id="${id}">([^<]*)</script>`).exec(html)![1]!,
    );
    const { report, bytes } = await readReport(header!, columns!);
    const found = report.sweeps.flatMap((sweep) =>
      [...readColumns(sweep, bytes).values()].flatMap(({ values }) => Array.from<unknown>(values)),
    );
    return [
      ...found.flatMap((value) => (typeof value === 'number' ? digits(value) : [])),
      ...header!.matchAll(/[\d.]{8,}/g),
    ]
      .map(String)
      .filter((text) => hidden.has(text.slice(0, 10)));
  };
  assert.deepEqual((await numbersIn(db)).slice(0, 3), []);
  assert.ok((await numbersIn(openDb)).length > 0, 'the search finds what is shown');
});

test('losses that were exported sealed say of tune what the store says', async () => {
  const file = join(folder, 'losses.json');
  const { code, stderr } = await ask(['export', '--losses', '--db', db, '--out', file]);
  assert.equal(code, 0, stderr);
  assert.equal(JSON.parse(readFileSync(file, 'utf8')).configurations[0].passed, null);
  const [ofFile, ofStore] = await Promise.all(
    [
      ['--losses', file],
      ['--db', db],
    ].map(async (from) => JSON.parse((await ask(['trust', ...from, '--json'])).stdout)),
  );
  // A file of losses knows nothing of other looks.
  const { budget, ...statements } = ofStore;
  assert.deepEqual(ofFile, statements);
  assert.deepEqual([budget.latest_stress.looks, budget.latest_stress.anyLabel], [0, 0]);
});

test('to reproduce a sealed verdict is refused as a look, before anything is run', async () => {
  await using store = await openVerdictStore(db, { mode: 'read' });
  const { configurationId } = (await store.outcomes()).judged[0]!;
  const { code, stderr } = await ask(['reproduce', configurationId, '--db', db]);
  assert.equal(code, 2);
  assert.match(stderr, /its gates are sealed, and to reproduce it is to look at them.*sweep unseal [0-9a-f]{24}\n/);
});

test('unsealing one shows that one alone; unsealing all shows what was never sealed', async () => {
  const copy = join(folder, 'unsealed.db');
  await writeStoreOfLosses(copy, losses, { sweepName: 'kept', seals: true });
  await using open = await openVerdictStore(openDb, { mode: 'read' });
  const ids = (await open.outcomes()).judged.map(({ configurationId }) => configurationId);
  const { code, stdout } = await ask(['unseal', ids[0]!, '--db', copy]);
  assert.equal(code, 0);
  assert.match(stdout, /gates of 1 verdict unsealed/);
  const exported = (await ask(['export', '--losses', '--format', 'json', '--db', copy])).stdout;
  // Datasets that nobody has looked at stay sealed, and so do all other configurations.
  const others = (await secrets(ids.slice(1))).filter((number) => exported.includes(number));
  assert.deepEqual(others.slice(0, 3), []);
  const own = await secrets(ids.slice(0, 1));
  assert.ok(own.some((number) => exported.includes(number)));
  const trust = await ask(['trust', '--db', copy]);
  assert.equal(trust.code, 0, trust.stderr);
  assert.match(trust.stdout, new RegExp(`locked splits looked at 1 time .*${CONFIGURATIONS - 1} sealed`, 's'));

  const all = await ask(['unseal', '--sweep', 'kept', '--all', '--db', copy, '--json']);
  assert.deepEqual(JSON.parse(all.stdout), { sweep: 'kept', opened: CONFIGURATIONS - 1, before: 1 });
  const [after, never] = await Promise.all(
    [copy, openDb].map(async (file) => (await ask(['trust', '--json', '--db', file])).stdout),
  );
  assert.equal(after, never);
  assert.match((await ask(['unseal', '--sweep', 'kept', '--all', '--db', copy])).stdout, /nothing was sealed/);
});

test('unseal wants an id, or a sweep with --all', async () => {
  for (const words of [[], ['--all'], ['--sweep', 'kept'], ['abc', '--all', '--sweep', 'kept']]) {
    const { code, stderr } = await ask(['unseal', ...words, '--db', db]);
    assert.equal(code, 2);
    assert.match(stderr, /expected either an ID, or --sweep NAME and --all/);
  }
});

test('a run seals by --seal or by its definition, and --no-seal wins; a seal makes no other sweep', async () => {
  const file = writeDefinition(folder, {
    name: 'tiny-kept',
    axes: { agesMinutes: [[38]], ridgeAlpha: [1, 10], regressorKind: ['ridge'] },
  });
  const sealing = join(folder, 'sealing.yaml');
  writeFileSync(sealing, `${readFileSync(file, 'utf8')}seal: true\n`);
  const sealedCount = async (store: string) =>
    JSON.parse((await ask(['list', '--db', store, '--json'])).stdout).sweeps[0].sealed;
  const [byOption, byDefinition, byNeither] = ['option.db', 'definition.db', 'neither.db'].map((name) =>
    join(folder, name),
  );
  const { stdout } = await ask(['run', file, '--db', byOption!, '--seal']);
  assert.match(stdout, /\ntheir gates are sealed; to look at those of one: .*unseal ID --db /);
  assert.equal(await sealedCount(byOption!), 2);
  await runSweepFile(sealing, byDefinition!);
  assert.equal(await sealedCount(byDefinition!), 2);
  await runSweepFile(sealing, byNeither!, '--no-seal');
  assert.equal(await sealedCount(byNeither!), 0);
  // Run again without a seal it is the same sweep, and what is sealed stays sealed.
  const again = await ask(['run', file, '--db', byDefinition!, '--json']);
  assert.deepEqual([again.code, JSON.parse(again.stdout).known], [0, 2]);
  assert.doesNotMatch(again.stderr, /extended|replaced/);
  assert.equal(await sealedCount(byDefinition!), 2);
});
