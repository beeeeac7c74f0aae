import { blockRows, subtracted } from './block-rows.ts';
import { MIN_BLOCKS } from './constants.ts';
import { luckOf } from './joint.ts';
import { lookNumbers, toldLooks } from './looks.ts';
import type { Evaluation, Look, LooksBook } from './looks-book.ts';
import { TRUST_SIDES, type TrustSide } from './losses.ts';
import { signTable } from './sign-table.ts';

/** How often a locked split was looked at. */
export type LookCounts = {
  /** What the split is of; null where nobody knows, and then looks at the same data are all that is counted. */
  readonly key: string | null;
  /**
   * Looks at the day of the split that was looked at most, over all splits that have it under the same label definition and
   * gap policy.
   */
  readonly looks: number;
  /** Looks at any of its days, under any label definition or gap policy. */
  readonly anyLabel: number;
};

/** What was spent of a locked split. */
export type SplitBudget = LookCounts & {
  /** Looks of the same key, of which luck and the Ladder speak: those with block scores of as many blocks. */
  readonly sameKey: number;
  readonly ladder: Ladder | null;
  /** By side; null where fewer than two such looks or too few blocks say nothing. */
  readonly luck: Readonly<Record<TrustSide, LookLuck>> | null;
};

/** What the best of these looks gains if all are equal. */
export type LookLuck = {
  readonly luckExpected: number;
  readonly luck95: number;
  readonly luck95MarketOnly: number;
  /** So many independent tries have that expected maximum. */
  readonly nEff: number;
};

/** What may be told of successive looks: a best moves only when it is better by more than its own noise. */
export type Ladder = {
  /** MAE ratio, mean of both sides, of the look that is told, and the configuration that showed it first. */
  readonly told: number;
  readonly configuration: string;
  /** How often the best was replaced. */
  readonly moves: number;
  /** The lowest that was measured, which the Ladder may not tell. */
  readonly lowest: number;
};

/** Distinct looks by key, in the order in which they were counted. */
export type DistinctLooks = ReadonlyMap<string, readonly Look[]>;

/** Reruns, resumes, other code with equal numbers and reproductions add none: see `lookNumbers`. */
export function distinctLooks({ looks }: LooksBook): DistinctLooks {
  return new Map(
    [...Map.groupBy(looks, ({ key }) => key)].map(([key, group]) => {
      const numbers = lookNumbers(group.map(({ sums }) => sums));
      // Numbers are given in order: a look is new where its number was not given before.
      let next = 0;
      const first = group.filter((_, i) => {
        if (numbers[i] !== next) return false;
        next += 1;
        return true;
      });
      return [key, first] as const;
    }),
  );
}

/** @param key what the split is of, or the made-up key of data of which that is not known */
export function lookCounts(book: LooksBook, distinct: DistinctLooks, key: string): LookCounts {
  const evaluation = book.evaluations.get(key);
  if (evaluation === undefined) {
    const looks = distinct.get(key)?.length ?? 0;
    return { key: null, looks, anyLabel: looks };
  }
  return { key, looks: mostOfADay(book, distinct, evaluation), anyLabel: atAnyDay(book, distinct, evaluation) };
}

/** @param q blocks of the split: luck and the Ladder speak of looks of as many */
export function splitBudget(book: LooksBook, distinct: DistinctLooks, key: string, q: number): SplitBudget {
  const scored = (distinct.get(key) ?? []).filter(({ scores }) => scores?.long.market_only.length === q);
  return {
    ...lookCounts(book, distinct, key),
    sameKey: scored.length,
    ladder: ladderOf(scored),
    luck: scored.length > 1 && q >= MIN_BLOCKS ? luckOfLooks(scored, q) : null,
  };
}

function mostOfADay({ evaluations }: LooksBook, distinct: DistinctLooks, of: Evaluation): number {
  const counts = new Map<string, number>();
  for (const other of evaluations.values()) {
    if (!isSameLabel(other, of)) continue;
    const count = distinct.get(other.key)?.length ?? 0;
    for (const day of symbolDays(other)) counts.set(day, (counts.get(day) ?? 0) + count);
  }
  return symbolDays(of).reduce((most, day) => Math.max(most, counts.get(day) ?? 0), 0);
}

function atAnyDay({ evaluations }: LooksBook, distinct: DistinctLooks, of: Evaluation): number {
  const days = new Set(symbolDays(of));
  let count = 0;
  for (const other of evaluations.values()) {
    if (symbolDays(other).some((day) => days.has(day))) count += distinct.get(other.key)?.length ?? 0;
  }
  return count;
}

function symbolDays({ days }: Evaluation): string[] {
  return Object.entries(days).flatMap(([symbol, list]) => list.map((day) => `${day} ${symbol}`));
}

function isSameLabel(a: Evaluation, b: Evaluation): boolean {
  const text = ({ label, barGaps }: Evaluation) => JSON.stringify([Object.entries(label).sort(), barGaps]);
  return text(a) === text(b);
}

function ladderOf(looks: readonly Look[]): Ladder | null {
  if (looks.length === 0) return null;
  const losses = looks.map(({ scores }) => {
    const { long, short } = scores!;
    return Float64Array.from(long.market_plus_state, (value, b) => (value + short.market_plus_state[b]!) / 2);
  });
  const means = losses.map((values) => values.reduce((sum, value) => sum + value, 0) / values.length);
  const told = toldLooks(losses);
  const last = told.at(-1)!;
  return {
    told: means[last]!,
    configuration: looks[last]!.configuration,
    moves: new Set(told).size - 1,
    lowest: means.reduce((a, b) => Math.min(a, b)),
  };
}

function luckOfLooks(looks: readonly Look[], q: number): Record<TrustSide, LookLuck> {
  const signs = signTable(q);
  const [long, short] = TRUST_SIDES.map((side): LookLuck => {
    const table = (set: 'market_only' | 'market_plus_state') =>
      blockRows(
        looks.map(({ scores }) => scores![side][set]),
        q,
      );
    const plus = table('market_plus_state');
    const luck = luckOf({ ...plus, values: plus.values.map((value) => -value) }, signs);
    const ofGain = luckOf(subtracted(table('market_only'), plus), signs);
    return { luckExpected: luck.expected, luck95: luck.q95, luck95MarketOnly: ofGain.q95, nEff: luck.nEff };
  });
  return { long: long!, short: short! };
}
