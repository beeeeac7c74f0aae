import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { readColumns } from '../../../src/page-data/columns.ts';
import { ROW_VERDICTS } from '../../../src/page-data/report.ts';
import { reportFacts } from '../../../src/report/facts/report-facts.ts';
import { readReportSource } from '../../../src/report/facts/report-source.ts';
import { openVerdictStore } from '../../../src/store/open-verdict-store.ts';
import { beginSyntheticRun, SYNTHETIC_END, syntheticConfigurations, syntheticOutcome } from '../../store/synthetic.ts';
import { plainText } from '../../support/plain-text.ts';
import { sharedFolder } from '../../support/sweep-command.ts';

const path = join(sharedFolder(), 'sealed.db');
const LOCKED = /^(margin|mae_(validation|latest)|trust_)|_(validation_locked|latest_stress)_/;

async function factsNow() {
  await using store = await openVerdictStore(path, { mode: 'read' });
  const source = await readReportSource(store, { sweep: 'synthetic' });
  const { report, bytes } = await reportFacts([source], '0.0.0', { withMachine: true, db: [] });
  const [facts] = report.sweeps;
  return { facts, columns: readColumns(facts, bytes), title: plainText(facts.headline.title) };
}

test('of sealed verdicts a report has no number of locked splits, until they are unsealed', async () => {
  const records = syntheticConfigurations(12);
  {
    await using store = await openVerdictStore(path, { mode: 'write' });
    const runId = await beginSyntheticRun(store, records, { seals: true });
    const outcomes = records.map((record) => syntheticOutcome(record));
    await store.finishRun(runId, SYNTHETIC_END, await store.record(runId, outcomes));
  }
  const sealed = await factsNow();
  assert.equal(sealed.title, '12 configurations judged, the gates of all sealed.');
  assert.deepEqual([sealed.facts.counts.sealed, sealed.facts.counts.notReady], [12, 0]);
  for (const [name, { values }] of sealed.columns) {
    if (LOCKED.test(name)) assert.ok(Array.from<string | number>(values).every(Number.isNaN), name);
  }
  const sealedWord = ROW_VERDICTS.indexOf('sealed');
  assert.ok(Array.from<string | number>(sealed.columns.get('verdict')!.values).every((word) => word === sealedWord));
  assert.deepEqual(
    sealed.facts.gates.gates.map(({ of, passed, largest }) => [of, passed, largest]),
    new Array(8).fill([0, 0, null]),
  );
  assert.ok(
    sealed.facts.heatMaps.every(({ panels }) => panels.every(({ missed }) => missed.every((count) => count === null))),
  );
  assert.ok(sealed.facts.days.curves.every(({ split }) => split === 'tune'));
  assert.ok(sealed.facts.checks.every(({ state, name }) => state === 'open' || name === 'looks'));

  const [first] = records;
  {
    await using store = await openVerdictStore(path, { mode: 'write' });
    await store.unseal({ id: first!.id, choice: {} });
  }
  const one = await factsNow();
  assert.match(one.title, /^(1|None) of 1 configuration passes all eight gates.*; 11 more are sealed\.$/);
  assert.deepEqual(
    one.facts.gates.gates.map(({ of }) => of),
    new Array(8).fill(1),
  );
  const margins = Array.from<string | number>(one.columns.get('margin_0')!.values);
  assert.equal(margins.filter((margin) => !Number.isNaN(margin)).length, 1);
});
