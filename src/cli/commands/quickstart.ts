import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Command } from 'commander';
import { buildBaselineRun } from '../../baseline/from-bars/build-baseline-run.ts';
import { runFolder } from '../../baseline/run-folder.ts';
import { packageFile } from '../../package-files.ts';
import { nextText } from '../../report/next-text.ts';
import { readLeaderboards } from '../../report/read-leaderboard.ts';
import { formatDefaults, renderLeaderboards } from '../../report/render-leaderboard.ts';
import { leaderboardTrust } from '../../report/stored-trust.ts';
import { sizeText } from '../../size-text.ts';
import { EXIT, type ExitCode, graver, type SetExitCode } from '../exit-codes.ts';
import { writeHtmlReport } from '../html-report-file.ts';
import { openStore } from '../open-store.ts';
import { DEFAULT_STORE } from '../sweep-options.ts';
import { note, print, stdoutScreen } from '../terminal.ts';
import { runCommand } from './run.ts';

const RUN_ID = 'quickstart';
const DATA_ROOT = join('results', 'quickstart');
const REPORT_FILE = join('results', 'quickstart.html');
const ROWS_SHOWN = 10;

/** `sweep quickstart`, which `npm start` runs: the main job on bundled real data, from bars to leaderboard. */
export function quickstartCommand(setExitCode: SetExitCode): Command {
  return new Command('quickstart')
    .description(
      'build the bundled baseline run, sweep 300 configurations over it, print the leaderboard, write a report',
    )
    .action(async () => {
      const sweeps = packageFile('sweeps');
      if (existsSync(runFolder(DATA_ROOT, RUN_ID))) {
        note(`baseline run ${RUN_ID}: already built in ${DATA_ROOT}`);
      } else {
        note(`baseline run ${RUN_ID}: building it from 62 days of real BTCUSDT minutes`);
        const bars = [{ symbol: 'BTCUSDT', path: join(sweeps, 'quickstart', 'btcusdt-1m.parquet') }];
        await buildBaselineRun({ dataRoot: DATA_ROOT, runId: RUN_ID, bars });
      }
      let exitCode: ExitCode = EXIT.done;
      const run = runCommand((code) => {
        exitCode = graver(exitCode, code);
      }).exitOverride();
      await run.parseAsync([join(sweeps, 'quickstart.yaml'), '--data-root', DATA_ROOT], { from: 'user' });
      setExitCode(exitCode);
      // Failures are among the rows that follow.
      if (exitCode !== EXIT.done && exitCode !== EXIT.error) return;
      await using store = await openStore(DEFAULT_STORE, { mode: 'read' });
      const screen = stdoutScreen();
      const { wanted, fold } = formatDefaults('table', screen);
      const [leaderboard] = await readLeaderboards(store, { sweep: RUN_ID }, { wanted, fold, top: ROWS_SHOWN });
      const trust = await leaderboardTrust(store, leaderboard!, {});
      print(`\n${renderLeaderboards([{ ...leaderboard!, trust }], false, 'table', screen)}`);
      print(`\n${nextText(leaderboard!, [], relative('.', join(sweeps, 'quickstart.yaml')), screen)}`);
      const options = { db: DEFAULT_STORE, machine: true, replaces: true };
      const size = await writeHtmlReport(REPORT_FILE, store, [RUN_ID], options);
      print(`\nreport for a browser: ${REPORT_FILE} (${sizeText(size)})`);
    });
}
