import { Command, Option } from 'commander';
import { ALLOWANCES } from '../../store/merge-report.ts';
import { mergeStores } from '../../store/merge-stores.ts';
import { isPostgresUrl } from '../../store/postgres/url.ts';
import { numberFrom } from '../../sweep/parameter-rules.ts';
import { UserError } from '../../user-error.ts';
import { numberBy } from '../arguments.ts';
import { EXIT, type SetExitCode } from '../exit-codes.ts';
import { type MergeChoices, mergeAndTell } from '../merge-and-tell.ts';
import { programName } from '../program-name.ts';

/** `sweep merge INTO FROM…`: what shards or other machines have stored, in one store. */
export function mergeCommand(setExitCode: SetExitCode): Command {
  return new Command('merge')
    .description('bring what several stores hold together in one: shards of a sweep, or what other machines judged')
    .argument('<into>', 'store to put it in; it is made when it is not there')
    .argument('<from...>', 'stores to take it from; they stay as they are')
    .addOption(
      new Option('--allow <what...>', 'merge although these differ between stores of one sweep')
        .choices(ALLOWANCES)
        .default([], 'none'),
    )
    .option('--wait <seconds>', 'wait so long for a run on the store', numberBy(numberFrom(0)), 0)
    .option('--json', 'print what was merged as JSON', false)
    .addHelpText(
      'after',
      '\nAll sources or none. What is there already stays as it is: the same merge again' +
        '\nchanges nothing.' +
        `\n\nExit code ${EXIT.differs} when a verdict came out otherwise in one store than in another.`,
    )
    .action(async (into: string, from: string[], options: MergeChoices) => {
      const url = [into, ...from].find(isPostgresUrl);
      if (url !== undefined) {
        throw new UserError(
          `${url}: expected files. What a database holds comes into a file by ${programName()} pull URL --db FILE`,
        );
      }
      await mergeAndTell(into, options, (rules) => mergeStores(into, from, rules), setExitCode);
    });
}
