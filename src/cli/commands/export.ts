import { realpathSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Command, Option } from 'commander';
import { exportBatches, exportCsv } from '../../report/export.ts';
import { exportParquet } from '../../report/export-parquet.ts';
import { LOSSES_SCHEMA, type LossesQuery, lossesBatches, lossesJson } from '../../report/losses-export.ts';
import { lastSweep } from '../../report/read-leaderboard.ts';
import { keepStores } from '../../store/keep-stores.ts';
import type { VerdictStore } from '../../store/verdict-store.ts';
import { messageOf, UserError } from '../../user-error.ts';
import { writeFileWhole } from '../../whole-files.ts';
import { openStore } from '../open-store.ts';
import { DEFAULT_STORE } from '../sweep-options.ts';
import { note, printAll } from '../terminal.ts';

const FORMATS = ['csv', 'parquet', 'json'] as const;
type Format = (typeof FORMATS)[number];
type Options = LossesQuery & { db: string; losses: boolean; format?: Format; out?: string };

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
    .action(async (options: Options) => {
      const format = options.format ?? FORMATS.find((known) => options.out?.endsWith(`.${known}`)) ?? 'csv';
      if (format === 'parquet' && options.out === undefined) {
        throw new UserError('export: parquet needs a file. Name it with --out FILE.parquet');
      }
      if (format === 'json' && !options.losses) {
        throw new UserError('export: JSON is for --losses. Verdicts as JSON: sweep report --all --json');
      }
      await using store = await openStore(options.db, { mode: 'read' });
      if (options.out === undefined) {
        await printAll(await textOf(store, options, format));
        return;
      }
      await writeWhole(options.out, options.db, async (file) => {
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

/**
 * Writes under a temporary name first, so that the file is whole or not there. Through a link to what it means; a device
 * or a pipe is written to as it is.
 *
 * @param source what must not be replaced
 */
async function writeWhole(path: string, source: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  try {
    const existing = statSync(path, { throwIfNoEntry: false });
    if (existing !== undefined && !existing.isFile()) {
      await using device = await open(path, 'w');
      await write(device);
      return;
    }
    const file = existing === undefined ? path : realpathSync(path);
    if (file === realpathSync(source)) {
      throw new UserError(`${path}: the store itself, which an export must not replace. Name another file with --out`);
    }
    keepStores(path, file);
    await writeFileWhole(file, write);
  } catch (error) {
    if (error instanceof Error && 'code' in error) {
      throw new UserError(`${path}: could not be written (${messageOf(error)})`, { cause: error });
    }
    throw error;
  }
}
