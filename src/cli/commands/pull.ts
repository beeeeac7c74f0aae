import { Command, Option } from 'commander';
import { ALLOWANCES } from '../../store/merge-report.ts';
import { isPostgresUrl } from '../../store/postgres/url.ts';
import { pullStore } from '../../store/pull-store.ts';
import { numberFrom } from '../../sweep/parameter-rules.ts';
import { UserError } from '../../user-error.ts';
import { numberBy } from '../arguments.ts';
import { EXIT, type SetExitCode } from '../exit-codes.ts';
import { type MergeChoices, mergeAndTell } from '../merge-and-tell.ts';
import { DEFAULT_STORE } from '../sweep-options.ts';

type Options = MergeChoices & { db: string };

/** `sweep pull URL`: what many machines have stored, in a file. */
export function pullCommand(setExitCode: SetExitCode): Command {
  return new Command('pull')
    .description('copy what is stored in a PostgreSQL database into a file, where every command reads it')
    .argument('<url>', 'postgres://USER@HOST/DATABASE; the password comes from PGPASSWORD or a password file')
    .addOption(new Option('--db <file>', 'store to put it in; it is made when it is not there').default(DEFAULT_STORE))
    .addOption(
      new Option('--allow <what...>', 'pull although these differ from what the file has of a sweep')
        .choices(ALLOWANCES)
        .default([], 'none'),
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
      await mergeAndTell(db, options, (rules) => pullStore(url, db, rules), setExitCode);
    });
}
