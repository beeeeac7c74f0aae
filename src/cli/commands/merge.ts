import { Command, Option } from 'commander';
import { mergeConflictsText, mergeText } from '../../report/merge-text.ts';
import { printableJson } from '../../report/printable.ts';
import { ALLOWANCES, type Allowance } from '../../store/merge-report.ts';
import { mergeStores } from '../../store/merge-stores.ts';
import { isPostgresUrl } from '../../store/postgres/url.ts';
import { numberFrom } from '../../sweep/parameter-rules.ts';
import { UserError } from '../../user-error.ts';
import { numberBy } from '../arguments.ts';
import { EXIT, type SetExitCode } from '../exit-codes.ts';
import { mergedSweeps, sweepJson } from '../merged-sweeps.ts';
import { migrationText } from '../open-store.ts';
import { programName } from '../program-name.ts';
import { note, print } from '../terminal.ts';

type Options = { allow: Allowance[]; wait: number; json: boolean };

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
    .action(async (into: string, from: string[], options: Options) => {
      const url = [into, ...from].find(isPostgresUrl);
      if (url !== undefined) {
        throw new UserError(
          `${url}: expected files. What a database holds comes into a file by ${programName()} pull URL --db FILE`,
        );
      }
      const report = await mergeStores(into, from, {
        allow: options.allow,
        waitMs: options.wait * 1000,
        onWait: (holder) => note(`${into}: waiting for ${holder}`),
        onMigrate: (path, migration) => note(migrationText(path, migration)),
      });
      if (report.kind === 'refused') {
        setExitCode(EXIT.differs);
        print(options.json ? printableJson({ into, ...report }) : mergeConflictsText(report.conflicts));
        return;
      }
      const sweeps = await mergedSweeps(into, report.sweeps);
      if (options.json) print(printableJson({ into, sources: report.sources, sweeps: sweeps.map(sweepJson) }));
      else print(mergeText(into, report.sources, sweeps, programName()));
    });
}
