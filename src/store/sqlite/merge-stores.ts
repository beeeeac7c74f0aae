import { shellWord } from '../../shell-word.ts';
import { statusOf } from '../../system-words.ts';
import { UserError } from '../../user-error.ts';
import type { MergedSource, MergeOptions, MergeReport } from '../merge-report.ts';
import type { Connection, Sql } from '../sql/connection.ts';
import { refuseDifferences, type SweepFacts, sweepFactsOf } from '../sql/merge/compare-sweeps.ts';
import { copyStore } from '../sql/merge/copy-store.ts';
import { ConflictFinder } from '../sql/merge/find-conflicts.ts';
import { checkStore } from './check-store.ts';
import { atOnce } from './connection.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { DEFAULT_BUSY_TIMEOUT_MS, type OpenDatabase, openDatabase } from './open-database.ts';
import { explained } from './sqlite-errors.ts';
import { whenFree } from './when-free.ts';

/** A store that is open, under the name that the user gave it. */
type Opened = { readonly location: string; readonly database: OpenDatabase };

/** See `mergeStores`. */
export async function mergeSqliteStores(
  into: string,
  sources: readonly string[],
  options: MergeOptions,
): Promise<MergeReport> {
  for (const source of sources) refuseItself(into, source);
  using opened = new DisposableStack();
  const open = async (location: string, mode: 'read' | 'write'): Promise<Opened> => {
    const database = await openDatabase(
      location,
      {
        mode,
        waitMs: options.waitMs,
        onWait: options.onWait,
        onMigrate: (step) => options.onMigrate?.(location, step),
      },
      MIGRATIONS,
    );
    opened.defer(() => database.close());
    return { location, database };
  };
  const from: Opened[] = [];
  for (const source of sources) from.push(await open(source, 'read'));
  for (const source of from) refuseDamaged(source);
  // A target that is not there is not made for a merge that is refused.
  const isThere = statusOf(into) !== undefined;
  const known = isThere ? await open(into, 'write') : null;
  const all = known === null ? from : [known, ...from];
  refuseDifferences(all.flatMap(factsOf), options.allow);
  const finder = new ConflictFinder();
  for (const store of all) read(store, (connection) => finder.add(store.location, connection));
  if (finder.conflicts.length > 0) return { kind: 'refused', conflicts: finder.conflicts };
  const target = known ?? (await open(into, 'write'));
  const merged: MergedSource[] = [];
  for (const source of from) {
    merged.push(await whenFree(() => mergeOne(source, target), DEFAULT_BUSY_TIMEOUT_MS));
  }
  return { kind: 'merged', sources: merged, sweeps: [...new Set(from.flatMap(factsOf).map(({ name }) => name))] };
}

function refuseItself(into: string, source: string): void {
  const [target, other] = [into, source].map((path) => statusOf(path));
  if (target === undefined || other === undefined || target.dev !== other.dev || target.ino !== other.ino) return;
  throw new UserError(`${source}: is the store that is merged into. Name the others only`);
}

/** @throws UserError naming what is damaged first */
function refuseDamaged(source: Opened): void {
  const [first, ...others] = explained(source.location, () => source.database.use(checkStore));
  if (first === undefined) return;
  const more = others.length === 0 ? '' : `, and ${others.length} more`;
  throw new UserError(
    `${source.location}: damaged (${first}${more}), nothing was merged. \`sweep doctor --db ${shellWord(source.location)}\` names all of it; ` +
      'take a copy that is whole, or run its shard again',
  );
}

function factsOf(store: Opened): SweepFacts[] {
  return read(store, (connection) => sweepFactsOf(store.location, connection));
}

function read<T>({ location, database }: Opened, work: (connection: Connection) => Sql<T>): T {
  return explained(location, () => database.use((connection) => atOnce(work(connection.statements))));
}

/** All of a source, or nothing of it. */
function mergeOne(source: Opened, target: Opened): MergedSource {
  return explained(target.location, () =>
    target.database.use((to) =>
      to.write(() => {
        // Who reads a source without a log reads it again where somebody began to write it meanwhile.
        to.exec('SAVEPOINT source');
        const counts = read(source, (from) => {
          to.exec('ROLLBACK TO source');
          return from.read(() => copyStore(from, to.statements));
        });
        return { location: source.location, ...counts };
      }),
    ),
  );
}
