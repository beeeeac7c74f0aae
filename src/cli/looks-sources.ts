import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { expectFolder } from '../expected-folder.ts';
import { makeFolders } from '../make-folders.ts';
import { storedLooks } from '../report/stored-looks.ts';
import { looksOfSweep, type NamedBook } from '../report/sweep-budget.ts';
import { keepStores } from '../store/keep-stores.ts';
import { lockFolder } from '../store/lock-folder.ts';
import type { VerdictStore } from '../store/verdict-store.ts';
import { systemWords } from '../system-words.ts';
import { joinBooks, type LooksBook } from '../trust/looks-book.ts';
import { distinctLooks } from '../trust/looks-budget.ts';
import { ledgerText, parseLedger } from '../trust/looks-ledger.ts';
import { UserError } from '../user-error.ts';
import { lockApartFrom, writeFileWhole } from '../whole-files.ts';
import { collect } from './arguments.ts';
import { openStore } from './open-store.ts';
import { note } from './terminal.ts';

/** Where looks are counted beside the store that is read. */
export type LooksSources = { with: readonly string[]; ledger?: string };

export function withLooksSources(command: Command): Command {
  return command
    .addOption(
      new Option('--with <store>', 'count the looks of this store, too; may be given again')
        .argParser(collect)
        .default([] as readonly string[], 'none'),
    )
    .option('--ledger <file>', 'count the looks of this ledger, too (format: docs/trust.md)');
}

/** Stores in the order in which they were named, then the ledger. @throws UserError when one of them cannot be read */
export async function looksOfOthers(sources: LooksSources): Promise<NamedBook[]> {
  const books: NamedBook[] = [];
  for (const path of sources.with) {
    await using store = await openStore(path, { mode: 'read' });
    books.push({ name: path, book: await storedLooks(store) });
  }
  if (sources.ledger !== undefined) books.push({ name: sources.ledger, book: readLedger(sources.ledger) });
  return books;
}

/**
 * Adds the looks that a store knows of at the locked splits of a sweep's data to a ledger, which is made where there is none.
 * It is written whole, under another name first.
 *
 * @returns how many it has then, of those and others
 */
export async function addToLedger(path: string, store: VerdictStore, sweep: string): Promise<number> {
  const found = await looksOfSweep(store, sweep);
  const file = existsSync(path) ? realpathSync(path) : resolve(path);
  keepStores(path, file);
  // Read and written by one run at a time: what another has added meanwhile stays.
  using _lock = await lockFolder(lockApartFrom(file, String(process.getuid?.() ?? '')), {
    onWait: (holder) => note(`${path}: waiting for ${holder}`),
  });
  const joined = joinBooks([ledgerOrNone(path), found]);
  const looks = [...distinctLooks(joined).values()].flat();
  try {
    makeFolders(dirname(file));
    await writeFileWhole(file, (handle) => handle.writeFile(ledgerText({ ...joined, looks })));
  } catch (cause) {
    throw new UserError(`${path}: the ledger of looks could not be written (${systemWords(cause)})`, { cause });
  }
  return looks.length;
}

/** A ledger that is there, or none yet. @throws UserError when it is damaged, or none can be made there */
export function ledgerOrNone(path: string): LooksBook {
  expectFolder(dirname(path), 'a file in a folder', 'Name another ledger', path);
  return existsSync(path) ? readLedger(path) : { evaluations: new Map(), looks: [] };
}

/** @throws UserError when there is no such file, or it is damaged */
function readLedger(path: string): LooksBook {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new UserError(
      `${path}: the ledger of looks cannot be read (${systemWords(cause)}). \`sweep run --ledger\` makes one`,
      { cause },
    );
  }
  return parseLedger(text, path);
}
