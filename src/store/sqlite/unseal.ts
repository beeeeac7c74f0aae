import type { OutcomeQuery, Unsealed, UnsealTarget, VerdictChoice } from '../records.ts';
import type { Connection } from './connection.ts';
import { selectedBy, VerdictReader } from './read-verdicts.ts';
import { openVerdict } from './sealed-verdicts.ts';
import { locate } from './verdict-names.ts';

/** See `VerdictStore.unseal`. */
export function unseal(connection: Connection, target: UnsealTarget): Unsealed {
  return connection.write(() => {
    const rows = 'id' in target ? rowsOfOne(connection, target) : rowsOfSweep(connection, target);
    let opened = 0;
    for (const row of rows) if (openVerdict(connection, row)) opened += 1;
    return { opened, before: rows.length - opened };
  });
}

function rowsOfOne(
  connection: Connection,
  { id, choice }: { readonly id: string; readonly choice: VerdictChoice },
): number[] {
  const found = locate(connection, id, choice);
  // What could not be judged has nothing to look at.
  return found.kind === 'completed' ? [found.row] : [];
}

function rowsOfSweep(connection: Connection, query: OutcomeQuery & { readonly sweep: string }): number[] {
  return [...new VerdictReader(connection).read(selectedBy(connection, query), [], null)].map(({ row }) => row);
}
