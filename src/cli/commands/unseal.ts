import { Command, Option } from 'commander';
import { countOf } from '../../counts.ts';
import { commandLine } from '../../report/command-line.ts';
import { printable, printableJson } from '../../report/printable.ts';
import type { Unsealed, UnsealTarget, VerdictChoice } from '../../store/records.ts';
import type { VerdictStore } from '../../store/verdict-store.ts';
import { UserError } from '../../user-error.ts';
import { addToLedger, ledgerOrNone } from '../looks-sources.ts';
import { openStore } from '../open-store.ts';
import { programName } from '../program-name.ts';
import { DEFAULT_STORE, storeWords } from '../sweep-options.ts';
import { print } from '../terminal.ts';

type Options = VerdictChoice & { db: string; all: boolean; ledger?: string; json: boolean };

/** `sweep unseal ID`: looks at gates that a run has sealed. */
export function unsealCommand(): Command {
  return new Command('unseal')
    .description(
      'look at gates that a run has sealed: from then on every command shows them, and the looks are counted',
    )
    .argument('[id]', "configuration's or verdict's id, or any prefix that names one only")
    .addOption(new Option('--db <file>', 'store to change').default(DEFAULT_STORE))
    .option('--sweep <name>', 'the verdict that this sweep shows; with --all every one that it shows')
    .option('--all', 'look at all of a sweep', false)
    .option('--baseline <id>', 'the verdict on this baseline run')
    .option('--data <hash>', 'the verdict on these data, by the beginning of their hash')
    .option('--code <hash>', 'the verdict by this code, by the beginning of its hash or its version')
    .option('--ledger <file>', 'add the looks at these locked splits to this ledger (docs/trust.md)')
    .option('--json', 'print what was opened as JSON', false)
    .action(async (id: string | undefined, options: Options) => {
      const target = targetOf(id, options);
      await using store = await openStore(options.db, { mode: 'write' });
      if (options.ledger !== undefined) ledgerOrNone(options.ledger);
      const unsealed = await store.unseal(target);
      if (options.ledger !== undefined) await addToLedger(options.ledger, store, await sweepOf(store, target));
      if (options.json) print(printableJson({ ...('id' in target ? { id } : { sweep: target.sweep }), ...unsealed }));
      else print(unsealedText(target, unsealed, options.db));
    });
}

/** Whose data were looked at. */
async function sweepOf(store: VerdictStore, target: UnsealTarget): Promise<string> {
  if (!('id' in target)) return target.sweep;
  const { run, sweeps } = await store.find(target.id, target.choice);
  return target.choice.sweep ?? sweeps[0] ?? run.sweepName;
}

function targetOf(id: string | undefined, { sweep, all, baseline, data, code }: Options): UnsealTarget {
  if (id !== undefined && !all) return { id, choice: { sweep, baseline, data, code } };
  if (id === undefined && all && sweep !== undefined) return { sweep, data, code };
  throw new UserError('unseal: expected either an ID, or --sweep NAME and --all for every verdict that a sweep shows');
}

function unsealedText(target: UnsealTarget, { opened, before }: Unsealed, db: string): string {
  const what = printable('id' in target ? target.id : target.sweep);
  const words = [...('id' in target ? ['show', target.id] : ['report', '--sweep', target.sweep])];
  const next = commandLine(programName(), [...words, ...storeWords(db)]);
  if (opened === 0) return `${what}: nothing was sealed. ${next}`;
  const more = before > 0 ? `, ${countOf(before, 'verdict')} open before` : '';
  return `${what}: gates of ${countOf(opened, 'verdict')} unsealed${more}. ${next}`;
}
