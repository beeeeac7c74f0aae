import type { StoredLooks } from '../store/records.ts';
import type { VerdictStore } from '../store/verdict-store.ts';
import { joinBooks, type LooksBook } from '../trust/looks-book.ts';
import { distinctLooks, type LookCounts, lookCounts, type SplitBudget, splitBudget } from '../trust/looks-budget.ts';
import { LOCKED_SPLITS, type LockedSplit, TRUST_SIDES } from '../trust/losses.ts';
import type { TrustStatement } from '../trust/trust-of-sweep.ts';
import { keyOfData, looksBook } from './stored-looks.ts';
import type { SweepQuery } from './sweep-losses.ts';
import { refuseTooManyLooks } from './too-many.ts';

/** What was spent of the locked splits that a sweep is shown on: by everybody whose looks are known. */
export type SweepBudget = Readonly<Record<LockedSplit, SplitBudget>>;
/** How often they were looked at. */
export type SweepLooks = Readonly<Record<LockedSplit, LookCounts>>;

type LuckOfSplit = { readonly luck95: number; readonly luck95MarketOnly: number };

/**
 * The luck that a margin of a gate is held against: of all looks where they are known, else of the sweep's own.
 *
 * @param place `SIDE SPLIT`
 */
export function luckAt(
  { locked }: Pick<TrustStatement, 'locked'>,
  budget: SweepBudget | null,
  place: string,
): LuckOfSplit | undefined {
  const [side, split] = place.split(' ');
  const known = LOCKED_SPLITS.find((name) => name === split);
  const ofSide = TRUST_SIDES.find((name) => name === side);
  const ofAll = known && ofSide && budget?.[known].luck?.[ofSide];
  return locked[place] && (ofAll ?? locked[place]);
}

/** Looks of another store or of a ledger, by the name of its file. */
export type NamedBook = { readonly name: string; readonly book: LooksBook };

/** @param blocks of the sweep's splits: luck speaks of looks of as many */
export function sweepBudget({ book, distinct, keys }: KnownLooks, blocks: TrustStatement['blocks']): SweepBudget {
  return bySplit((split) => splitBudget(book, distinct, keys[split], blocks[split]));
}

/** The same without luck. */
export function sweepLooks({ book, distinct, keys }: KnownLooks): SweepLooks {
  return bySplit((split) => lookCounts(book, distinct, keys[split]));
}

/**
 * The looks that are to be told beside those of a sweep itself; null where the store knows of no other sweep's, and no
 * others are named.
 */
export async function looksBeside(
  store: VerdictStore,
  query: SweepQuery,
  others: readonly NamedBook[],
): Promise<KnownLooks | null> {
  if (others.length === 0 && (await store.lookedBy()).every((sweep) => sweep === query.sweep)) return null;
  return await looksAt(store, query, others);
}

/** Looks that are known of where a sweep is shown. */
export type KnownLooks = {
  /** Of the store alone. */
  readonly own: LooksBook;
  /** Of the store, and of all others that were named. */
  readonly book: LooksBook;
  readonly distinct: ReturnType<typeof distinctLooks>;
  /** Of the sweep's locked splits. */
  readonly keys: Readonly<Record<LockedSplit, string>>;
};

/** @param others stores and ledgers to count in, in the order in which they were named */
export async function looksAt(
  store: VerdictStore,
  query: SweepQuery,
  others: readonly NamedBook[],
): Promise<KnownLooks> {
  await refuseTooManyLooks(store);
  const stored = await store.lockedLooks();
  const own = looksBook(stored);
  const book = joinBooks([own, ...others.map((other) => other.book)]);
  return { own, book, distinct: distinctLooks(book), keys: await keysOfSweep(store, stored, query) };
}

/** Of each book of others that has looks, but none at these splits: what is to be said of it. */
export function strangers({ own, keys }: KnownLooks, others: readonly NamedBook[]): string[] {
  return others.flatMap(({ name, book }) => {
    const joined = { evaluations: joinBooks([own, book]).evaluations, looks: book.looks };
    const distinct = distinctLooks(joined);
    const budgets = LOCKED_SPLITS.map((split) => lookCounts(joined, distinct, keys[split]));
    if (book.looks.length === 0 || budgets.some(({ looks }) => looks > 0)) return [];
    const days = budgets.reduce((most, { anyLabel }) => Math.max(most, anyLabel), 0);
    return [
      `${name}: none of its looks is at these locked splits under their label definition and gap policy` +
        (days > 0 ? `; ${days} are at their days under another` : ''),
    ];
  });
}

/** Looks at the locked splits of the data of a sweep's last run, whichever sweep made them. */
export async function looksOfSweep(store: VerdictStore, sweep: string): Promise<LooksBook> {
  await refuseTooManyLooks(store);
  const stored = await store.lockedLooks();
  const keys = new Set(Object.values(await keysOfSweep(store, stored, { sweep })));
  const { evaluations, looks } = looksBook(stored);
  return { evaluations, looks: looks.filter(({ key }) => keys.has(key)) };
}

/** How often the locked splits of a sweep's data were looked at; null where they have no rows. */
export async function looksSpent(
  store: VerdictStore,
  sweep: string,
  others: readonly NamedBook[],
): Promise<number | null> {
  const { book, distinct, keys } = await looksAt(store, { sweep }, others);
  if (LOCKED_SPLITS.every((split) => !book.evaluations.has(keys[split]))) return null;
  const spent = LOCKED_SPLITS.map((split) => lookCounts(book, distinct, keys[split]).looks);
  return spent.reduce((most, looks) => Math.max(most, looks), 0);
}

async function keysOfSweep(
  store: VerdictStore,
  stored: StoredLooks,
  query: SweepQuery,
): Promise<Readonly<Record<LockedSplit, string>>> {
  // With --data it is other data than those of the sweep's last run.
  const [shown] = query.data === undefined ? [] : await store.datasetDays(query);
  const dataHash = shown?.dataset.dataHash ?? (await store.sweep(query.sweep))?.data.hash ?? '';
  return bySplit((split) => keyOfData(stored, dataHash, split));
}

function bySplit<T>(of: (split: LockedSplit) => T): Record<LockedSplit, T> {
  const [validation, stress] = LOCKED_SPLITS;
  return { [validation]: of(validation), [stress]: of(stress) };
}
