import { Command, Option } from 'commander';
import { mergeConflictsText, mergeText } from '../../report/merge-text.ts';
import { printableJson } from '../../report/printable.ts';
import { ALLOWANCES, type Allowance } from '../../store/merge-report.ts';
import { isPostgresUrl } from '../../store/postgres/url.ts';
import { pullStore } from '../../store/pull-store.ts';
import { numberFrom } from '../../sweep/parameter-rules.ts';
import { UserError } from '../../user-error.ts';
import { numberBy } from '../arguments.ts';
import { EXIT, type SetExitCode } from '../exit-codes.ts';
import { mergedSweeps, sweepJson } from '../merged-sweeps.ts';
import { migrationText } from '../open-store.ts';
import { programName } from '../program-name.ts';
import { DEFAULT_STORE } from '../sweep-options.ts';
import { note, print } from '../terminal.ts';

type Options = { db: string; allow: Allowance[]; wait: number; json: boolean };

/** `sweep pull URL`: what many machines have stored, in a file. */
export function pullCommand(setExitCode: SetExitCode): Command {
  return new Command('pull')
    .description('copy what is stored in a PostgreSQL database into a file, where every command reads it')
    .argument('<url>', 'postgres://USER@HOST/DATABASE; the password comes from PGPASSWORD or a password file')
    .addOption(new Option('--db <file>', 'store to put it in; it is made when it is not there').default(DEFAULT_STORE))
    .addOption(
      new Option('--allow <what...>', 'pull although these differ from what the file has of a sweep')
        .choices(ALLOWANCES)
        .default([]),
    )
    .option('--wait <seconds>', 'wait so long for a run on the file', numberBy(numberFrom(0)), 0)
    .option('--json', 'print what was pulled as JSON', false)
    .addHelpText(
      'after',
      '\nWhat the file has already stays as it is: the same pull again changes nothing,' +
        '\nand brings what was judged since.' +
        `\n\nExit code ${EXIT.differs} when a verdict came out otherwise in the file than in the database.`,
    )
    .action(async (url: string, options: Options) => {
      const { db } = options;
      if (isPostgresUrl(db)) throw new UserError(`--db: expected the file to pull into, got ${db}`);
      const report = await pullStore(url, db, {
        allow: options.allow,
        waitMs: options.wait * 1000,
        onWait: (holder) => note(`${db}: waiting for ${holder}`),
        onMigrate: (path, migration) => note(migrationText(path, migration)),
      });
      if (report.kind === 'refused') {
        setExitCode(EXIT.differs);
        print(options.json ? printableJson({ into: db, ...report }) : mergeConflictsText(report.conflicts));
        return;
      }
      const sweeps = await mergedSweeps(db, report.sweeps);
      if (options.json) print(printableJson({ into: db, sources: report.sources, sweeps: sweeps.map(sweepJson) }));
      else print(mergeText(db, report.sources, sweeps, programName()));
    });
}
