import { Command, Option } from 'commander';
import { collect } from '../arguments.ts';
import { print } from '../terminal.ts';

/** `sweep db`: the database of sweeps on many machines. */
export function dbCommand(): Command {
  return new Command('db').description('a PostgreSQL database for sweeps on many machines').addCommand(initCommand());
}

function initCommand(): Command {
  return new Command('init')
    .description('make the tables of store and queue in a database, or bring older ones forward')
    .argument('<url>', 'postgres://USER@HOST/DATABASE; the database itself is there already (createdb)')
    .addOption(roles('--worker', 'let this role judge: it may add verdicts and change none; again for more'))
    .addOption(roles('--reader', 'let this role read verdicts and nothing else; again for more'))
    .addHelpText(
      'after',
      '\nsweep run --engine makes missing tables, too; tables of an older version are' +
        '\nbrought forward by this command alone. Roles are those of the server: CREATE' +
        '\nROLE makes them. Again, it changes nothing.',
    )
    .action(async (url: string, options: { worker: string[]; reader: string[] }) => {
      const { initDatabase } = await import('../../distributed/init-database.ts');
      const { schema, roles } = await initDatabase(url, { workers: options.worker, readers: options.reader });
      const granted = [
        ...roles.workers.map((role) => `${role} may judge`),
        ...roles.readers.map((role) => `${role} may read`),
      ];
      print([`${url}: ${changeText(schema)}`, ...granted].join('; '));
    });
}

function changeText({ from, to }: { readonly from: number; readonly to: number }): string {
  if (from === 0) return 'tables made';
  return from === to ? 'tables are there' : `tables brought from schema ${from} to ${to}`;
}

function roles(flag: string, description: string): Option {
  return new Option(`${flag} <role>`, description).argParser(collect).default([], 'none');
}
