import { Command, Option } from 'commander';
import { outcomeJson } from '../../report/outcome-json.ts';
import { outcomeText } from '../../report/outcome-text.ts';
import { type OutcomeTrust, outcomeTrust } from '../../report/stored-trust.ts';
import { TooMany } from '../../report/too-many.ts';
import { rowTrustText } from '../../report/trust-text.ts';
import type { VerdictChoice } from '../../store/records.ts';
import { type LooksSources, looksOfOthers, withLooksSources } from '../looks-sources.ts';
import { openStore } from '../open-store.ts';
import { asCalled } from '../program-name.ts';
import { DEFAULT_STORE, storeWords } from '../sweep-options.ts';
import { note, print, stdoutScreen } from '../terminal.ts';

/** `sweep show ID`: one verdict in full. */
export function showCommand(): Command {
  return withLooksSources(new Command('show'))
    .description('print one configuration in full: gates, metrics, certificates, provenance')
    .argument('<id>', "configuration's or verdict's id, or any prefix that names one only")
    .addOption(new Option('--db <file>', 'store to read').default(DEFAULT_STORE))
    .option('--sweep <name>', 'the verdict that this sweep shows, where the configuration has several')
    .option('--baseline <id>', 'the verdict on this baseline run')
    .option('--data <hash>', 'the verdict on these data, by the beginning of their hash')
    .option('--code <hash>', 'the verdict by this code, by the beginning of its hash or its version')
    .option('--json', 'print {configuration, status, verdict, result, provenance, trust}', false)
    .action(async (id: string, options: VerdictChoice & LooksSources & { db: string; json: boolean }) => {
      const others = await looksOfOthers(options);
      await using store = await openStore(options.db, { mode: 'read' });
      const outcome = await store.find(id, options);
      if (options.json) {
        print(outcomeJson(outcome, await trustOf(options.db, store, outcome, options.sweep, others)));
        return;
      }
      const screen = { ...stdoutScreen(), store: storeWords(options.db) };
      print(outcomeText(outcome, screen));
      // Of a sweep of many thousands it takes seconds.
      const trust = await trustOf(options.db, store, outcome, options.sweep, others);
      if (trust !== null) print(rowTrustText(trust, screen));
    });
}

/** What may be believed of it; of a sweep that is too large for that it is said why nothing is. */
async function trustOf(db: string, ...asked: Parameters<typeof outcomeTrust>): Promise<OutcomeTrust | null> {
  try {
    return await outcomeTrust(...asked);
  } catch (error) {
    if (!(error instanceof TooMany)) throw error;
    note(asCalled(error.message, storeWords(db)));
    return null;
  }
}
