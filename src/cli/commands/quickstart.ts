import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { buildBaselineRun } from '../../baseline/from-bars/build-baseline-run.ts';
import { runFolder } from '../../baseline/run-folder.ts';
import { readLeaderboard } from '../../report/leaderboard.ts';
import { renderLeaderboard } from '../../report/render-leaderboard.ts';
import { EXIT, type ExitCode, graver, type SetExitCode } from '../exit-codes.ts';
import { openStore } from '../open-store.ts';
import { DEFAULT_STORE } from '../sweep-options.ts';
import { note, print, stdoutScreen } from '../terminal.ts';
import { runCommand } from './run.ts';

const RUN_ID = 'quickstart';
const DATA_ROOT = join('results', 'quickstart');
const ROWS_SHOWN = 10;

/** `sweep quickstart`, which `npm start` runs: the main job on bundled real data, from bars to leaderboard. */
export function quickstartCommand(setExitCode: SetExitCode): Command {
  return new Command('quickstart')
    .description('build the bundled baseline run, sweep 300 configurations over it, print the leaderboard')
    .action(async () => {
      const sweeps = packageFolder('sweeps');
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
      if (exitCode !== EXIT.done && exitCode !== EXIT.failures) return;
      await using store = await openStore(DEFAULT_STORE, { mode: 'read' });
      const leaderboard = await readLeaderboard(store, { sweep: RUN_ID, top: ROWS_SHOWN });
      print(`\n${renderLeaderboard(leaderboard, 'table', stdoutScreen())}`);
      const best = leaderboard.rows[0]?.judged.configurationId.slice(0, leaderboard.shortIdLength) ?? 'ID';
      print(
        [
          '',
          'next',
          `  npx sweep show ${best}                                  the best one in full`,
          `  npx sweep reproduce ${best}                             run it alone, write its nine files, compare`,
          `  npx sweep report --sweep ${RUN_ID} --status pass        what passed all eight gates`,
          `  npx sweep report --sweep ${RUN_ID} --where kind=ridge   one part of the grid`,
          `  npx sweep plan ${relative('.', join(sweeps, 'quickstart.yaml'))}                   what a definition would run; then change it`,
        ].join('\n'),
      );
    });
}

/** A folder of this package, wherever the package lies. */
function packageFolder(name: string): string {
  const up = import.meta.url.endsWith('.ts') ? '../../..' : '../../../..';
  return fileURLToPath(new URL(`${up}/${name}`, import.meta.url));
}
