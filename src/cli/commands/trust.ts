import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { Command, Option } from 'commander';
import { AUC_MIN, MAE_RATIO_MAX } from '../../experiment/gates.ts';
import { withSettings } from '../../report/configuration-settings.ts';
import { printableJson } from '../../report/printable.ts';
import { looksAt, type SweepBudget, strangers, sweepBudget } from '../../report/sweep-budget.ts';
import { sweepLosses } from '../../report/sweep-losses.ts';
import { trustText } from '../../report/trust-text.ts';
import { systemWords } from '../../system-words.ts';
import type { SweepLosses } from '../../trust/losses.ts';
import { parseLosses } from '../../trust/losses-file.ts';
import { type SweepTrust, trustOfSweep } from '../../trust/trust-of-sweep.ts';
import { UserError } from '../../user-error.ts';
import { lastSweep } from '../last-sweep.ts';
import { type LooksSources, looksOfOthers, withLooksSources } from '../looks-sources.ts';
import { openStore } from '../open-store.ts';
import { DEFAULT_STORE, storeWords } from '../sweep-options.ts';
import { note, print, stdoutScreen } from '../terminal.ts';

type Options = LooksSources & {
  db: string;
  sweep?: string;
  data?: string;
  code?: string;
  losses?: string;
  explain: boolean;
  json: boolean;
};

/** `sweep trust`: what may be believed of a sweep, against chance and choice. */
export function trustCommand(): Command {
  return withLooksSources(new Command('trust'))
    .description('say what may be believed of a sweep: noise of its days, luck of its tries, what choosing gained')
    .addOption(new Option('--db <file>', 'store to read').default(DEFAULT_STORE))
    .option('--sweep <name>', 'this sweep (default: the one that ran last)')
    .option('--data <hash>', 'verdicts on these data, in place of those of its last run')
    .option('--code <hash>', 'verdicts by this code, in place of that of its last run')
    .addOption(
      new Option(
        '--losses <file>',
        'losses by day in place of a store (.json or .json.gz; format: docs/trust.md)',
      ).conflicts(['db', 'sweep', 'data', 'code', 'with', 'ledger']),
    )
    .option('--explain', 'say what each number means', false)
    .option('--json', 'print all of it as JSON', false)
    .action(async (options: Options) => {
      const { sweep, trust, budget } = await (options.losses === undefined
        ? storedTrust(options)
        : trustOf(readLosses(options.losses), options));
      if (options.json) print(printableJson({ ...trust, ...(budget === null ? {} : { budget }) }));
      else
        print(trustText(sweep, trust, { ...stdoutScreen(), store: storeWords(options.db) }, options.explain, budget));
    });
}

type Believed = { readonly sweep: string; readonly trust: SweepTrust; readonly budget: SweepBudget | null };

function trustOf(losses: SweepLosses, { json }: Pick<Options, 'json'>): Believed {
  const limits = { aucMin: AUC_MIN, maeRatioMax: MAE_RATIO_MAX };
  const trust = trustOfSweep(losses, limits, { byPlace: !json });
  return { sweep: losses.sweep, trust, budget: null };
}

/** With what everybody spent of its locked splits. */
async function storedTrust(options: Options): Promise<Believed> {
  const { db, sweep, data, code } = options;
  const others = await looksOfOthers(options);
  await using store = await openStore(db, { mode: 'read' });
  const query = { sweep: sweep ?? (await lastSweep(store)), data, code };
  const believed = trustOf(await sweepLosses(store, query), options);
  const { trust } = believed;
  if ('refused' in trust && others.length === 0) return believed;
  const looks = await looksAt(store, query, others);
  for (const sentence of strangers(looks, others)) note(sentence);
  return 'refused' in trust ? believed : { ...believed, budget: sweepBudget(looks, trust.blocks) };
}

function readLosses(file: string): SweepLosses {
  let json: unknown;
  try {
    const bytes = readFileSync(file);
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    json = JSON.parse((isGzip ? gunzipSync(bytes) : bytes).toString('utf8'));
  } catch (cause) {
    throw new UserError(
      `${file}: losses of a sweep cannot be read (${systemWords(cause)}). Their format is in docs/trust.md.`,
      { cause },
    );
  }
  return withSettings(parseLosses(json, file), json);
}
