/**
 * Holds the page of a stored sweep against what the commands print of it: every number of its rows against `sweep report
 * --json`, what may be believed of rows against `sweep trust --json`; and opens it in a real browser, which must ask for
 * nothing, complain of nothing and find nothing inaccessible, light and dark (`npm test` installs the browser).
 *
 *   npm run build && node scripts/check-page.ts STORE [SWEEP]
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Column, readColumns } from '../src/page-data/columns.ts';
import { readReport } from '../src/page-data/reading.ts';
import { ROW_VERDICTS, ROW_WORDS } from '../src/page-data/report.ts';
import { packedColumns, reportFacts } from '../src/report/facts/report-facts.ts';
import { readReportSource } from '../src/report/facts/report-source.ts';
import { openVerdictStore } from '../src/store/open-verdict-store.ts';
import { axeViolations, drawAll, openFile, overflows } from '../test/support/opened-page.ts';
import { ask } from '../test/support/sweep-command.ts';

const [db, name] = process.argv.slice(2);
if (db === undefined) throw new Error('usage: node scripts/check-page.ts STORE [SWEEP]');
const which = name === undefined ? [] : ['--sweep', name];
let compared = 0;

const board = await json('report');
const trust = await json('trust');
await using store = await openVerdictStore(db, { mode: 'read' });
const source = await readReportSource(store, { sweep: name ?? board.sweep });
const made = await reportFacts([source], '0.0.0', { withMachine: true, db: [] });
const { report, bytes } = await readReport(JSON.stringify(made.report), packedColumns(made.bytes));
const [facts] = report.sweeps;
const columns = readColumns(facts, bytes);
checkRows();
if (!('refused' in trust)) checkTrust();
console.log(`${facts.name}: ${compared} numbers and words of the page are those of report --json and trust --json`);
await checkInBrowser();
// The browser is the test runner's to close, which there is none of.
process.exit();

function checkRows(): void {
  const { rows, counts } = board;
  same('passes', facts.counts.pass, counts.pass);
  const read = (column: string) => numbers(column).slice(0, rows.length);
  for (const [column, field] of [
    ['rank', 'rank'],
    ['mae_tune', 'tune_mae'],
    ['auc_tune', 'tune_auc'],
    ['gates', 'gates'],
    ['margin', 'margin'],
  ] as const) {
    const values = read(column);
    for (const [i, row] of rows.entries()) same(`${column} of row ${i + 1}`, values[i], row[field]);
  }
  const [ids, weakest, verdicts, ages] = [texts('id'), read('weakest'), read('verdict'), read('axis_agesMinutes')];
  const agesAxis = facts.axes.find((axis) => axis.name === 'agesMinutes');
  rows.forEach((row: { id: string; weakest_gate: string; verdict: string; ages: number[] }, i: number) => {
    same(`id of row ${i + 1}`, ids[i], row.id.slice(0, 12));
    same(`weakest gate of row ${i + 1}`, facts.gates.gates[weakest[i]!]?.name, row.weakest_gate);
    same(`verdict of row ${i + 1}`, ROW_VERDICTS[verdicts[i]!], row.verdict);
    if (agesAxis !== undefined) same(`ages of row ${i + 1}`, agesAxis.values[ages[i]!]!.text, row.ages.join());
  });
}

function checkTrust(): void {
  const ids = texts('id');
  for (const row of trust.rows) {
    const i = ids.indexOf(row.configuration.slice(0, 12));
    const of = (column: string) => numbers(column)[i];
    same('±', of('tune_half'), row.half);
    same('gain', of('gain'), row.gain);
    same('± of the gain', of('gain_half'), row.gainHalf);
    same('plateau', of('plateau'), Number(row.plateau));
    same('decided', of('decided'), Number(row.decided));
    same('weakest', ROW_WORDS[of('word')!], row.weakest);
    Object.values<{ margin: number; flip: number; say: string; list: { flip: number; say: string } }>(
      row.gates,
    ).forEach((gate, g) => {
      same('margin', of(`trust_margin_${g}`), gate.margin);
      same('flip', of(`trust_flip_${g}`), gate.flip);
      same('flip in the list', of(`trust_list_flip_${g}`), gate.list.flip);
      same('word', ROW_WORDS[of(`trust_word_${g}`)!], gate.say);
      same('word in the list', ROW_WORDS[of(`trust_list_word_${g}`)!], gate.list.say);
    });
  }
}

async function checkInBrowser(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'check-page-'));
  try {
    const file = join(folder, 'page.html');
    const { code, stderr } = await ask(['report', '--db', db!, '--html', file, ...which]);
    assert.equal(code, 0, stderr);
    for (const colorScheme of ['light', 'dark'] as const) {
      const opened = await openFile(file, { colorScheme, viewport: { width: 1440, height: 900 } });
      await drawAll(opened.page);
      assert.deepEqual(await overflows(opened.page), []);
      assert.deepEqual(await axeViolations(opened.page), []);
      opened.assertQuiet();
      await opened.close();
      console.log(`${colorScheme}: no request, no complaint, nothing that axe finds (A, AA)`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function same(what: string, shown: unknown, wanted: unknown): void {
  compared += 1;
  // What is not known is NaN in a column, null in JSON.
  const known = typeof shown === 'number' && Number.isNaN(shown) ? null : shown;
  assert.equal(known, wanted, what);
}

function columnOf(column: string): Column {
  const found = columns.get(column);
  if (found === undefined) throw new Error(`the page has no column ${column}`);
  return found;
}

function numbers(column: string): number[] {
  return Array.from(columnOf(column).values as ArrayLike<number>);
}

function texts(column: string): string[] {
  return Array.from(columnOf(column).values as ArrayLike<string>);
}

async function json(command: string) {
  const { code, stdout, stderr } = await ask([command, '--db', db!, '--json', ...which]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}
