import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Command, Option } from 'commander';
import { exportBatches, exportCsv } from '../../report/export.ts';
import { exportParquet } from '../../report/export-parquet.ts';
import { LOSSES_SCHEMA, type LossesQuery, lossesBatches, lossesJson } from '../../report/losses-export.ts';
import type { VerdictStore } from '../../store/verdict-store.ts';
import { UserError } from '../../user-error.ts';
import { lastSweep } from '../last-sweep.ts';
import { openStore } from '../open-store.ts';
import { DEFAULT_STORE } from '../sweep-options.ts';
import { note, printAll } from '../terminal.ts';
import { writeUserFile } from '../user-file.ts';

const FORMATS = ['csv', 'parquet', 'json'] as const;
type Format = (typeof FORMATS)[number];
type Options = LossesQuery & { db: string; losses: boolean; format?: Format; out?: string; force: boolean };

/** `sweep export`: every verdict with every metric, one row each; or its losses by day. */
export function exportCommand(): Command {
  return new Command('export')
    .description('write all verdicts with every metric, or their losses by day, as CSV, parquet or JSON')
    .addOption(new Option('--db <file>', 'store to read').default(DEFAULT_STORE))
    .option('--sweep <name>', 'only this sweep (default: the whole store; losses as JSON: the one that ran last)')
    .option('--data <hash>', 'on these data, by the beginning of their hash')
    .option('--code <hash>', 'by this code, by the beginning of its hash or its version')
    .option('--losses', 'losses by day: of each verdict, model, split and UTC day', false)
    .addOption(
      new Option(
        '--format <format>',
        "csv, parquet or, of losses, json (default: by the file's name, else csv)",
      ).choices(FORMATS),
    )
    .option('--out <file>', 'file to write (default: standard output, not for parquet)')
    .option('--force', 'with --out: replace a file that is there', false)
    .action(async (options: Options) => {
      const format = options.format ?? FORMATS.find((known) => options.out?.endsWith(`.${known}`)) ?? 'csv';
      if (format === 'parquet' && options.out === undefined) {
        throw new UserError('export: parquet needs a file. Name it with --out FILE.parquet');
      }
      if (format === 'json' && !options.losses) {
        throw new UserError('export: JSON is for --losses. Verdicts as JSON: `sweep report --all --json`');
      }
      if (options.force && options.out === undefined) {
        throw new UserError('--force: for --out FILE. Standard output replaces nothing');
      }
      await using store = await openStore(options.db, { mode: 'read' });
      if (options.out === undefined) {
        await printAll(await textOf(store, options, format));
        return;
      }
      const rules = { replaces: options.force, store: options.db };
      await writeUserFile(options.out, rules, async (file) => {
        if (format === 'parquet') await file.writeFile(await parquetOf(store, options));
        else await pipeline(Readable.from(await textOf(store, options, format)), file.createWriteStream());
      });
      note(`written: ${options.out}`);
    });
}

async function textOf(store: VerdictStore, options: Options, format: Format): Promise<AsyncGenerator<string>> {
  if (format === 'json') return lossesJson(store, { ...options, sweep: options.sweep ?? (await lastSweep(store)) });
  return options.losses
    ? exportCsv(lossesBatches(store, options), LOSSES_SCHEMA)
    : exportCsv(exportBatches(store, options));
}

function parquetOf(store: VerdictStore, options: Options): Promise<Uint8Array> {
  return options.losses
    ? exportParquet(lossesBatches(store, options), LOSSES_SCHEMA)
    : exportParquet(exportBatches(store, options));
}
