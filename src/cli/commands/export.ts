import { realpathSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Command, Option } from 'commander';
import { exportBatches, exportCsv } from '../../report/export.ts';
import { exportParquet } from '../../report/export-parquet.ts';
import { messageOf, UserError } from '../../user-error.ts';
import { writeFileWhole } from '../../whole-files.ts';
import { openStore } from '../open-store.ts';
import { DEFAULT_STORE } from '../sweep-options.ts';
import { note, printAll } from '../terminal.ts';

type Options = { db: string; sweep?: string; format?: 'csv' | 'parquet'; out?: string };

/** `sweep export`: every verdict with every metric, one row each. */
export function exportCommand(): Command {
  return new Command('export')
    .description('write all verdicts with every metric as CSV or parquet')
    .addOption(new Option('--db <file>', 'store to read').default(DEFAULT_STORE))
    .option('--sweep <name>', 'only this sweep (default: the whole store)')
    .addOption(
      new Option('--format <format>', "csv or parquet (default: by the file's name, else csv)").choices([
        'csv',
        'parquet',
      ] as const),
    )
    .option('--out <file>', 'file to write (default: standard output, CSV only)')
    .action(async (options: Options) => {
      const format = options.format ?? (options.out?.endsWith('.parquet') === true ? 'parquet' : 'csv');
      if (format === 'parquet' && options.out === undefined) {
        throw new UserError('export: parquet needs a file. Name it with --out FILE.parquet');
      }
      await using store = await openStore(options.db, { mode: 'read' });
      if (options.out === undefined) {
        await printAll(exportCsv(store, { sweep: options.sweep }));
        return;
      }
      await writeWhole(options.out, options.db, async (file) => {
        if (format === 'csv') {
          await pipeline(Readable.from(exportCsv(store, { sweep: options.sweep })), file.createWriteStream());
        } else await file.writeFile(await exportParquet(exportBatches(store, { sweep: options.sweep })));
      });
      note(`written: ${options.out}`);
    });
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
    await writeFileWhole(file, write);
  } catch (error) {
    if (error instanceof Error && 'code' in error) {
      throw new UserError(`${path}: could not be written (${messageOf(error)})`, { cause: error });
    }
    throw error;
  }
}
