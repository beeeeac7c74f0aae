import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Account } from './account.ts';
import { runSweepProcess } from './program.ts';
import { runArguments, type Scenario } from './scenario.ts';

/** A clock for the whole process, threads included, that is an hour behind at each reading. */
const SHIM = `
const RealDate = Date;
let behindMs = 0;
globalThis.Date = class extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(globalThis.Date.now());
    else super(...args);
  }
  static now() {
    behindMs += 3_600_000;
    return RealDate.now() - behindMs;
  }
};
`;

/** The clock is set back again and again, from the start to the end of a run. */
export const clockSetBack: Scenario = async ({ definition, makeFolder, undisturbed, size }) => {
  const account = new Account('the clock set back an hour at every reading');
  const run = async () => {
    const folder = await makeFolder();
    const shim = join(folder, 'clock.mjs');
    await writeFile(shim, SHIM);
    const db = join(folder, 'sweeps.db');
    const env = { NODE_OPTIONS: `--import ${pathToFileURL(shim).href}` };
    for (const start of ['first', 'second']) {
      const ended = await runSweepProcess(runArguments(definition, db, ['--cache', join(folder, 'cache')]), { env });
      account.expectEnded(ended, [0], `${start} run under a clock that goes back`);
    }
    const report = await runSweepProcess(['report', '--db', db], { env });
    account.expectEnded(report, [0], 'report under a clock that goes back');
    await account.expectWhole(db, undisturbed, 'a clock that goes back');
    return 'as undisturbed';
  };
  for (let i = 0; i < (size === 'short' ? 1 : 5); i += 1) await account.attempt(run);
  return [account.row()];
};
