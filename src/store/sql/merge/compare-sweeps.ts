import { shortHash } from '../../../short-hash.ts';
import { type DefinitionChange, definitionChange, storedDefinition } from '../../../sweep/definition-change.ts';
import { UserError } from '../../../user-error.ts';
import { codeText } from '../../code-text.ts';
import type { Allowance } from '../../merge-report.ts';
import type { SweepSummary } from '../../records.ts';
import { type Connection, inTurn, type Sql } from '../connection.ts';
import { readSweeps } from '../sweep-summaries.ts';
import { readSweepRow, sweepRowOf } from '../sweeps.ts';

/** What of a sweep has to be the same in stores that are merged. */
export type SweepFacts = Pick<SweepSummary, 'name' | 'code' | 'dataHash' | 'baselineRunIds' | 'shards'> & {
  readonly location: string;
  readonly definition: unknown;
};

export function* sweepFactsOf(location: string, connection: Connection): Sql<SweepFacts[]> {
  return yield* inTurn(yield* readSweeps(connection), function* (sweep) {
    const { definition } = yield* readSweepRow(connection, yield* sweepRowOf(connection, sweep.name));
    return { ...sweep, location, definition };
  });
}

type Difference = { readonly kind: Allowance; readonly text: string };

/**
 * Sweeps of one name are one sweep: the first store's stands, the others are held against it.
 *
 * @throws UserError naming the first difference that is not allowed, and how many more there are
 */
export function refuseDifferences(facts: readonly SweepFacts[], allow: readonly Allowance[]): void {
  const differences = [...Map.groupBy(facts, ({ name }) => name).values()].flatMap((same) => {
    const [first, ...others] = same;
    return others.flatMap((other) => differencesOf(first!, other));
  });
  const [first, ...others] = differences.filter(({ kind }) => !allow.includes(kind));
  if (first === undefined) return;
  const more = others.length === 0 ? '' : ` (and ${others.length} more such differences)`;
  throw new UserError(
    `${first.text}${more}. Nothing was merged. Merge what is of one sweep, or allow it with --allow ${first.kind}`,
  );
}

function differencesOf(one: SweepFacts, other: SweepFacts): Difference[] {
  const found: Difference[] = [];
  const sweep = `sweep ${JSON.stringify(one.name)}`;
  const say = (kind: Allowance, what: string) => {
    found.push({ kind, text: `${sweep}: ${other.location} ${what} than ${one.location}` });
  };
  const change = changeOf(one, other);
  if (change.kind !== 'same') {
    const texts = change.kind === 'other' ? change.differences : change.added;
    found.push({
      kind: 'definition',
      text: `${sweep}: ${other.location} has another definition than ${one.location} (${texts.join('; ')})`,
    });
  }
  if (one.code.hash !== other.code.hash)
    say('code', `is by other code (${codeText(other.code)}, not ${codeText(one.code)})`);
  if (one.dataHash !== other.dataHash)
    say('data', `is on other data (${shortHash(other.dataHash)}, not ${shortHash(one.dataHash)})`);
  const [ours, theirs] = [countOf(one), countOf(other)];
  if (ours !== null && theirs !== null && ours !== theirs) {
    say('count', `is of another number of shards (${theirs}, not ${ours})`);
  }
  return found;
}

function changeOf(one: SweepFacts, other: SweepFacts): DefinitionChange {
  const same = JSON.stringify(one.definition) === JSON.stringify(other.definition);
  // A definition of an older version's rules need not be readable to be the same.
  if (same) return { kind: 'same' };
  return definitionChange(storedDefinition(one.definition, one.name), storedDefinition(other.definition, other.name));
}

/** Into how many shards it was dealt; null where it was not, or in several ways. */
function countOf({ shards }: SweepFacts): number | null {
  const counts = new Set(shards.map(({ count }) => count));
  return counts.size === 1 ? [...counts][0]! : null;
}
