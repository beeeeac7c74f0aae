import { Command, Option } from 'commander';
import { countOf } from '../../counts.ts';
import { commandLine } from '../../report/command-line.ts';
import { printable, printableJson } from '../../report/printable.ts';
import type { Removal } from '../../store/records.ts';
import { openStore } from '../open-store.ts';
import { programName } from '../program-name.ts';
import { DEFAULT_STORE, storeWords } from '../sweep-options.ts';
import { print } from '../terminal.ts';

type Options = { db: string; yes: boolean; json: boolean };

/** `sweep rm NAME`: a sweep, and what no other sweep shows. */
export function rmCommand(): Command {
  return new Command('rm')
    .description('remove a sweep with the verdicts that no other sweep shows; without --yes only say what would go')
    .argument('<sweep>', "the sweep's name")
    .addOption(new Option('--db <file>', 'store to change').default(DEFAULT_STORE))
    .option('--yes', 'do it', false)
    .option('--json', 'print what goes as JSON', false)
    .addHelpText('after', '\nLooks at the locked splits stay counted: what was seen once was seen.')
    .action(async (sweep: string, options: Options) => {
      await using store = await openStore(options.db, { mode: options.yes ? 'write' : 'read' });
      const removal = options.yes ? await store.removeSweep(sweep) : await store.removal(sweep);
      if (options.json) print(printableJson({ sweep, removed: options.yes, ...removal }));
      else print(removalText(sweep, removal, options));
    });
}

function removalText(sweep: string, removal: Removal, { db, yes }: Options): string {
  const { configurationCount, verdictCount, failureCount, noteCount, runCount, keptVerdictCount } = removal;
  const parts = [
    countOf(verdictCount, 'verdict'),
    countOf(failureCount, 'error'),
    ...(noteCount > 0 ? [countOf(noteCount, 'note')] : []),
    countOf(runCount, 'run'),
  ];
  const lines = [
    `${printable(sweep)}: ${countOf(configurationCount, 'configuration')}; ${parts.join(', ')} ${yes ? 'removed' : 'would go'}`,
  ];
  if (keptVerdictCount > 0) {
    lines.push(`${countOf(keptVerdictCount, 'verdict')} ${yes ? 'stay' : 'would stay'}: other sweeps show them`);
  }
  if (!yes) {
    const words = ['rm', sweep, ...storeWords(db), '--yes'];
    lines.push(`nothing was removed. To do it: ${commandLine(programName(), words)}`);
  }
  return lines.join('\n');
}
