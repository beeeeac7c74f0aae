import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { type Column, readColumns } from '../../../src/page-data/columns.ts';
import { readReport } from '../../../src/page-data/reading.ts';
import { ROW_VERDICTS, ROW_WORDS, type SweepFacts } from '../../../src/page-data/report.ts';
import { packedColumns, reportFacts } from '../../../src/report/facts/report-facts.ts';
import { readReportSource } from '../../../src/report/facts/report-source.ts';
import { openVerdictStore } from '../../../src/store/open-verdict-store.ts';
import { plainText } from '../../support/plain-text.ts';
import { writeStoreOfLosses } from '../../support/store-of-losses.ts';
import { ask, sharedFolder } from '../../support/sweep-command.ts';
import { quickstartLosses } from '../../trust/goldens.ts';

const folder = sharedFolder();
const db = join(folder, 'quickstart.db');
const OPTIONS = { withMachine: true, db: [] };

async function computed() {
  await using store = await openVerdictStore(db, { mode: 'read' });
  return await reportFacts([await readReportSource(store, { sweep: 'quickstart' })], '0.0.0', OPTIONS);
}

async function json(...args: readonly string[]) {
  const { code, stdout, stderr } = await ask([...args, '--db', db, '--json']);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

describe('facts of 300 configurations on real losses', () => {
  let facts: SweepFacts;
  let columns: ReadonlyMap<string, Column>;
  let made: Awaited<ReturnType<typeof computed>>;
  const numbers = (name: string): number[] => {
    const column = columns.get(name);
    assert.ok(column !== undefined && column.type !== 'hex12', name);
    return Array.from<number>(column.values);
  };
  before(async () => {
    await writeStoreOfLosses(db, quickstartLosses(), { failures: 2 });
    made = await computed();
    const { report, bytes } = await readReport(JSON.stringify(made.report), packedColumns(made.bytes));
    facts = report.sweeps[0];
    columns = readColumns(facts, bytes);
  });

  test('rows are those of sweep report --json, in its order, number by number', async () => {
    const { rows, counts, errors, axes } = await json('report');
    assert.deepEqual([facts.counts.pass, facts.counts.notReady], [counts.pass, counts.notReady]);
    assert.deepEqual([facts.counts.error, facts.counts.pending, facts.rows.count], [2, 0, 302]);
    const ids = columns.get('id')!.values;
    const ofErrors = errors.length === 0 ? [] : errors.map(({ id }: { id: string }) => id.slice(0, 12));
    assert.deepEqual(
      Array.from<string | number>(ids).slice(0, 300),
      rows.map(({ id }: { id: string }) => id.slice(0, 12)),
    );
    assert.ok(ofErrors.every((id: string) => Array.from<string | number>(ids).slice(300).includes(id)));
    const read = (name: string) => numbers(name).slice(0, 300);
    const wanted = (name: string) => rows.map((row: Record<string, unknown>) => row[name]);
    assert.deepEqual(read('rank'), wanted('rank'));
    assert.deepEqual(read('mae_tune'), wanted('tune_mae'));
    assert.deepEqual(read('auc_tune'), wanted('tune_auc'));
    assert.deepEqual(read('gates'), wanted('gates'));
    assert.deepEqual(read('margin'), wanted('margin'));
    assert.deepEqual(
      read('weakest').map((place) => facts.gates.gates[place]!.name),
      wanted('weakest_gate'),
    );
    assert.deepEqual(
      read('verdict').map((place) => ROW_VERDICTS[place]),
      wanted('verdict'),
    );
    assert.deepEqual(
      read('axis_agesMinutes').map((place) => facts.axes[0]!.values[place]!.text),
      rows.map(({ ages }: { ages: number[] }) => ages.join()),
    );
    const medians = axes.map((axis: { axis: string; spread: number }) => [axis.axis, axis.spread]);
    assert.deepEqual(
      facts.importance.medians.map(({ axis, effect }) => [axis, effect]),
      medians,
    );
  });

  test('every gate has the margin, limit and bar of sweep show --json', async () => {
    const { result } = await json('show', facts.named[1]!.configuration);
    const row = facts.named[1]!.row;
    facts.gates.gates.forEach(({ side, split, metric, limit }, g) => {
      const value = result[`${side.toLowerCase()}_market_plus_state`][split][metric];
      const other = result[`${side.toLowerCase()}_market_only`][split][metric];
      const sign = metric === 'continue_auc' ? 1 : -1;
      const [toLimit, toOther] = [sign * (value - limit), sign * (value - other)];
      assert.ok(Math.abs(numbers(`margin_${g}`)[row]! - Math.min(toLimit, toOther)) < 1e-15);
      assert.equal((numbers('bar_bits')[row]! >> g) & 1, Number(toOther < toLimit));
      assert.equal((numbers('gate_bits')[row]! >> g) & 1, Number(toLimit >= 0 && toOther > 0));
      const name = `${side.toLowerCase()}_market_only_${split}_${metric === 'continue_auc' ? 'auc' : 'mae'}`;
      assert.equal(numbers(name)[row], other);
    });
  });

  test('what may be believed of rows is what sweep trust --json says', async () => {
    const trust = await json('trust');
    assert.deepEqual(facts.rows.trusted, 300);
    const ids = Array.from<string | number>(columns.get('id')!.values);
    for (const row of trust.rows) {
      const i = ids.indexOf(row.configuration.slice(0, 12));
      assert.equal(numbers('tune_half')[i], row.half);
      assert.equal(numbers('gain')[i], row.gain);
      assert.equal(numbers('gain_half')[i], row.gainHalf);
      assert.equal(numbers('plateau')[i], Number(row.plateau));
      assert.equal(numbers('decided')[i], Number(row.decided));
      assert.equal(ROW_WORDS[numbers('word')[i]!], row.weakest);
      const gates: [
        string,
        { margin: number; se: number; flip: number; of: string; say: string; list: { flip: number; say: string } },
      ][] = Object.entries(row.gates);
      gates.forEach(([, gate], g) => {
        assert.equal(numbers(`trust_margin_${g}`)[i], gate.margin);
        assert.equal(numbers(`trust_flip_${g}`)[i], gate.flip);
        assert.equal(numbers(`trust_list_flip_${g}`)[i], gate.list.flip);
        assert.equal(ROW_WORDS[numbers(`trust_word_${g}`)[i]!], gate.say);
        assert.equal(ROW_WORDS[numbers(`trust_list_word_${g}`)[i]!], gate.list.say);
        assert.equal(numbers(`trust_of_${g}`)[i], Number(gate.of === 'market_only'));
        // t of 9 and of 5 degrees of freedom, from a table.
        const t = facts.gates.gates[g]!.split === 'validation_locked' ? 2.26215716 : 2.57058184;
        assert.ok(Math.abs(numbers(`trust_half_${g}`)[i]! - t * gate.se) < 1e-8);
      });
    }
    const [, , margin, , market, looks] = facts.checks;
    assert.deepEqual(
      facts.checks.map(({ name }) => name),
      ['distinct', 'edge', 'margin', 'carry-over', 'market-only', 'looks'],
    );
    assert.match(market!.title, new RegExp(`in ${trust.beatMarketOnly} of 302$`));
    assert.equal(market!.state, 'good');
    assert.match(looks!.title, new RegExp(`^${Math.max(...Object.values<number>(trust.looks))} looks`));
    assert.equal(margin!.state, 'doubt');
    assert.equal(facts.answers.answers.length, 5);
  });

  test('sums by day end at what the whole split says', async () => {
    const { result } = await json('show', facts.named[0]!.configuration);
    const { curves, table } = facts.days;
    assert.equal(curves.length, 6 * facts.named.length);
    for (const [i, curve] of curves.slice(0, 6).entries()) {
      const side = curve.side.toLowerCase();
      const { rows, marketOnly, marketPlusState, constant } = table[i]!;
      const ratio = result[`${side}_market_plus_state`][curve.split].edge_mae_vs_constant_ratio;
      assert.ok(Math.abs(marketPlusState / constant! - ratio) < 1e-12);
      assert.ok(Math.abs(curve.againstMarketOnly.at(-1)! - (marketOnly - marketPlusState)) < 1e-9);
      assert.ok(Math.abs(curve.againstConstant!.at(-1)! - (constant! - marketPlusState)) < 1e-9);
      assert.equal(
        curve.rows.reduce((sum, count) => sum + count, 0),
        rows,
      );
      assert.match(curve.days[0]!, /^\d{4}-\d\d-\d\d$/);
    }
  });

  test('the headline says how many pass, and why to doubt it', () => {
    const { title, lead } = facts.headline;
    assert.match(
      plainText(title),
      /^\d+ of 302 configurations pass all eight gates.*, but by margins that these days cannot settle\.$/,
    );
    assert.match(
      plainText(lead),
      /^The best by tune that passes is [0-9a-f]{7,} \(ages .*\), rank \d+ of 300: it clears its weakest gate/,
    );
    assert.ok(lead.some(({ configuration }) => configuration === facts.named[0]!.configuration));
  });

  test('the same store gives the same report, to the last byte', async () => {
    const again = await computed();
    assert.equal(JSON.stringify(again.report), JSON.stringify(made.report));
    assert.equal(packedColumns(again.bytes), packedColumns(made.bytes));
  });
});
