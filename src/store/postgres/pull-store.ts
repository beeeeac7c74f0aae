import { statusOf } from '../../system-words.ts';
import { UserError } from '../../user-error.ts';
import type { MergedSource, MergeOptions, MergeReport } from '../merge-report.ts';
import { checkRows } from '../sql/check-rows.ts';
import { refuseDifferences, type SweepFacts, sweepFactsOf } from '../sql/merge/compare-sweeps.ts';
import { copyStore } from '../sql/merge/copy-store.ts';
import { ConflictFinder } from '../sql/merge/find-conflicts.ts';
import { atOnce } from '../sqlite/connection.ts';
import { MIGRATIONS } from '../sqlite/migrations/index.ts';
import { type OpenDatabase, openDatabase } from '../sqlite/open-database.ts';
import { explain as explainSqlite } from '../sqlite/sqlite-errors.ts';
import { PostgresStatements } from './connection.ts';
import { LONG_MS } from './limits.ts';
import { openPool } from './pool.ts';
import { explain } from './postgres-errors.ts';
import { postgresLocation } from './url.ts';

/** See `pullStore`. All that is read is of one moment of the database, whoever writes it meanwhile. */
export async function pullPostgresStore(text: string, into: string, options: MergeOptions): Promise<MergeReport> {
  const location = postgresLocation(text);
  const { shown } = location;
  const pool = await openPool(location);
  try {
    const client = await pool.connect();
    let isOver = false;
    try {
      const from = new PostgresStatements(client, LONG_MS);
      await from.answer(from.begin('read'));
      const report = await pullFrom(from, shown, into, options);
      await from.answer(from.end('COMMIT'));
      isOver = true;
      return report;
    } finally {
      // A transaction that is not over ends with its connection: nothing was written in it.
      client.release(!isOver);
    }
  } catch (error) {
    // What is damaged is the source: the target was held against its digests when it was opened.
    throw explainSqlite(into, explain(shown, error));
  } finally {
    await pool.end();
  }
}

/** Within a transaction that reads. */
async function pullFrom(
  from: PostgresStatements,
  shown: string,
  into: string,
  options: MergeOptions,
): Promise<MergeReport> {
  const problems: string[] = [];
  await from.answer(checkRows(from, problems, () => false));
  if (problems.length > 0) {
    throw new UserError(
      `${shown}: damaged (${problems[0]}${problems.length === 1 ? '' : `, and ${problems.length - 1} more`}), nothing was ` +
        'pulled. Restore the database from a backup, or run the sweep again in another',
    );
  }
  const facts = await from.answer(sweepFactsOf(shown, from));
  const finder = new ConflictFinder();
  // A target that is not there is not made for a pull that is refused.
  const isThere = statusOf(into) !== undefined;
  using known = isThere ? new Target(await openTarget(into, options)) : null;
  if (known !== null) {
    refuseDifferences([...known.factsOf(into), ...facts], options.allow);
    known.addTo(finder, into);
  }
  await from.answer(finder.add(shown, from));
  if (finder.conflicts.length > 0) return { kind: 'refused', conflicts: finder.conflicts };
  using made = known === null ? new Target(await openTarget(into, options)) : null;
  const counts = await (known ?? made!).copy(from);
  return { kind: 'merged', sources: [{ location: shown, ...counts }], sweeps: facts.map(({ name }) => name) };
}

function openTarget(into: string, options: MergeOptions): Promise<OpenDatabase> {
  return openDatabase(
    into,
    {
      mode: 'write',
      waitMs: options.waitMs,
      onWait: options.onWait,
      onMigrate: (step) => options.onMigrate?.(into, step),
    },
    MIGRATIONS,
  );
}

/** The store in a file that is pulled into. */
class Target implements Disposable {
  readonly #database: OpenDatabase;

  constructor(database: OpenDatabase) {
    this.#database = database;
  }

  factsOf(location: string): SweepFacts[] {
    return this.#database.use((connection) => atOnce(sweepFactsOf(location, connection.statements)));
  }

  addTo(finder: ConflictFinder, location: string): void {
    this.#database.use((connection) => atOnce(finder.add(location, connection.statements)));
  }

  /** In one transaction of the file, which waits for the server's rows. */
  async copy(from: PostgresStatements): Promise<Omit<MergedSource, 'location'>> {
    // Looks whether the path still names the file, before and after.
    const to = this.#database.use((connection) => connection);
    const counts = await from.answer(to.writing(() => copyStore(from, to.statements)));
    this.#database.use(() => {});
    return counts;
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}
