import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { drawAll, openFile } from '../../support/opened-page.ts';
import { ask } from '../../support/sweep-command.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { runSweepFile, writeDefinition } from '../../support/tiny-sweep.ts';

type Row = {
  readonly rank: number;
  readonly id: string;
  readonly verdict: string;
  readonly ages: readonly number[];
  readonly kind: string;
  readonly tune_mae: number;
  readonly gates: number;
  readonly margin: number;
};
type Leaderboard = {
  readonly counts: { readonly judged: number; readonly pass: number };
  readonly bestPass: string | null;
  readonly rows: readonly Row[];
};
/** Of a sweep of too few days nothing is said. */
type Trust = { readonly refused: string } | { readonly looks: { readonly validation_locked: number } };

/** The page of a sweep that ran, as the program writes it. */
describe('the page of a real sweep', () => {
  test('its numbers are those of sweep report --json and sweep trust --json', async (context) => {
    const folder = await temporaryFolder(context);
    const db = join(folder, 'sweeps.db');
    const definition = writeDefinition(folder, {
      name: 'real',
      axes: {
        agesMinutes: [
          [5, 15],
          [3, 5, 10],
        ],
        regressorKind: ['huber', 'ridge'],
        huberAlpha: [0.001, 0.1],
        huberEpsilon: [1.35, 1.6],
        ridgeAlpha: [1, 100],
        regressionTargetClipBps: [0, 60],
      },
    });
    await runSweepFile(definition, db);
    const file = join(folder, 'real.html');
    assert.equal((await ask(['report', '--db', db, '--html', file])).code, 0);
    const board: Leaderboard = JSON.parse((await ask(['report', '--db', db, '--json', '--top', '1000'])).stdout);
    const trust: Trust = JSON.parse((await ask(['trust', '--db', db, '--json'])).stdout);

    const opened = await openFile(file);
    const { page } = opened;
    await drawAll(page);
    const { judged, pass } = board.counts;
    assert.match(
      (await page.textContent('h1')) ?? '',
      pass === 0 ? /^(None|0) of 24/ : new RegExp(`^${pass} of ${judged} `),
    );
    if (board.bestPass !== null) {
      assert.ok((await page.textContent('.lead'))?.includes(board.bestPass.slice(0, 7)));
    }
    const said = (await page.textContent('#believe')) ?? '';
    if ('refused' in trust) assert.ok(said.includes('Cannot be said'), said);
    else assert.ok(said.includes(`looked at ${trust.looks.validation_locked} times`), said);
    const shown = await page.evaluate(() => {
      const heads = [...document.querySelectorAll('.configurations thead th')].map(({ textContent }) =>
        (textContent ?? '').replace(/ [↑↓]$/, ''),
      );
      return [...document.querySelectorAll('.configurations tbody tr:not(.spacer)')].map((row) =>
        Object.fromEntries([...row.children].map(({ textContent }, i) => [heads[i], textContent ?? ''])),
      );
    });
    assert.equal(shown.length, board.rows.length);
    const minus = (text: string) => text.replace('-', '−');
    board.rows.forEach((row, i) => {
      const line = shown[i]!;
      assert.equal(line['#'], String(row.rank));
      assert.ok(row.id.startsWith(line['id']!), line['id']);
      assert.equal(line['verdict']!.replace('✓ ', ''), row.verdict);
      assert.equal(line['ages'], row.ages.join(','));
      assert.equal(line['kind'], row.kind);
      assert.equal(line['tune MAE']!.split(' ')[0], row.tune_mae.toFixed(5));
      assert.equal(line['gates'], `${row.gates}/8`);
      assert.equal(line['margin'], `${row.margin < 0 ? '' : '+'}${minus(row.margin.toFixed(4))}`);
    });
    opened.assertQuiet();
    await opened.close();
  });
});
