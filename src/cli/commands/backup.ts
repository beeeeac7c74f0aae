import { Command, Option } from 'commander';
import { openStore } from '../open-store.ts';
import { DEFAULT_STORE } from '../sweep-options.ts';
import { note } from '../terminal.ts';

/** `sweep backup FILE`: a copy of the store, safe while a run writes it. */
export function backupCommand(): Command {
  return new Command('backup')
    .description('copy the store as it is now into a new file, also while a run writes it')
    .argument('<file>', 'file to make; it must not be there yet')
    .addOption(new Option('--db <file>', 'store to copy').default(DEFAULT_STORE))
    .option('--no-machine', 'leave hosts, users, CPUs and the places of data out: for a store that is given away')
    .addHelpText(
      'after',
      '\nA running store is three files, FILE, FILE-wal and FILE-shm: a copy of the first' +
        '\nalone lacks what the second holds. This copy is one file, and whole.',
    )
    .action(async (file: string, options: { db: string; machine: boolean }) => {
      await using store = await openStore(options.db, { mode: 'read' });
      await store.backup(file, { withoutMachine: !options.machine });
      note(`written: ${file}`);
    });
}
