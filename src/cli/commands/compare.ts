import { Command, Option } from 'commander';
import {
  type ComparedSweep,
  compareSweeps,
  sweepComparisonDocument,
  sweepComparisonText,
} from '../../report/compare-sweeps.ts';
import { compareVerdicts, verdictComparisonText } from '../../report/compare-verdicts.ts';
import { printableJson } from '../../report/printable.ts';
import { refuseTooMany } from '../../report/too-many.ts';
import { verdictOf } from '../../report/verdict-words.ts';
import type { VerdictStore } from '../../store/verdict-store.ts';
import { wholeNumberFrom } from '../../sweep/parameter-rules.ts';
import { UserError } from '../../user-error.ts';
import { numberBy } from '../arguments.ts';
import { openStore } from '../open-store.ts';
import { DEFAULT_STORE } from '../sweep-options.ts';
import { print, stdoutScreen } from '../terminal.ts';

type Options = { db: string; sweep?: string; top: number; json: boolean };

const ROWS_SHOWN = 20;

/** `sweep compare A B`: two verdicts, or two sweeps. */
export function compareCommand(): Command {
  return new Command('compare')
    .description('compare two verdicts side by side, or say what moved from one sweep to another')
    .argument('<a>', "a configuration's id or a sweep's name")
    .argument('<b>', 'the same of the other')
    .addOption(new Option('--db <file>', 'store to read').default(DEFAULT_STORE))
    .option('--sweep <name>', 'for verdicts: their outcomes in this sweep')
    .option('--top <n>', 'for sweeps: how many that moved to show', numberBy(wholeNumberFrom(1)), ROWS_SHOWN)
    .option('--json', 'print the comparison as JSON, every metric or every configuration that moved', false)
    .action(async (a: string, b: string, { db, sweep, top, json }: Options) => {
      await using store = await openStore(db, { mode: 'read' });
      const names = new Set((await store.sweeps()).map(({ name }) => name));
      if (names.has(a) && names.has(b)) {
        const comparison = compareSweeps(await readSweep(store, a), await readSweep(store, b));
        print(
          json
            ? printableJson(sweepComparisonDocument(comparison))
            : sweepComparisonText(comparison, top, stdoutScreen()),
        );
        return;
      }
      refuseMixed(a, b, names);
      const comparison = compareVerdicts(await store.find(a, { sweep }), await store.find(b, { sweep }));
      print(json ? printableJson(comparison) : verdictComparisonText(comparison, stdoutScreen()));
    });
}

/** @throws UserError when one names a sweep and the other does not */
function refuseMixed(a: string, b: string, sweeps: ReadonlySet<string>): void {
  if (sweeps.has(a) === sweeps.has(b)) return;
  const [sweep, other] = sweeps.has(a) ? [a, b] : [b, a];
  const known = [...sweeps].map((name) => JSON.stringify(name)).join(', ');
  throw new UserError(
    `compare: ${JSON.stringify(sweep)} is a sweep, ${JSON.stringify(other)} is none (this store has ${known}). Name two sweeps, or two verdicts by their ids`,
  );
}

async function readSweep(store: VerdictStore, name: string): Promise<ComparedSweep> {
  await refuseTooMany(store, name, 'outcomes');
  const outcomes = await store.outcomes({ sweep: name });
  const verdicts = outcomes.judged.map((judged) => ({ judged, verdict: verdictOf(judged, judged.unconverged) }));
  return { name, outcomes, verdicts };
}
