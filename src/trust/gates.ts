import { ALPHA, CLEAR_BELOW, CONDITIONS, LEANING_BELOW } from './constants.ts';

/** One of a gate's two conditions: it holds when its margin is above 0. */
export type Condition = {
  readonly against: 'limit' | 'market_only';
  readonly margin: number;
  readonly se: number;
  /** the chance that the true margin has the other sign; null where it cannot be said */
  readonly flip: number | null;
};

export type Word = 'clear' | 'leaning' | 'noise' | 'null';

/** A gate as its deciding condition tells it. */
export type Gate = {
  /** null where a flip cannot be said */
  readonly passed: boolean | null;
  readonly margin: number;
  readonly se: number;
  readonly flip: number | null;
  readonly of: Condition['against'];
  readonly say: Word;
};

/** What a flip is called. */
export function wordOf(flip: number | null): Word {
  if (flip === null) return 'null';
  if (flip < CLEAR_BELOW) return 'clear';
  return flip < LEANING_BELOW ? 'leaning' : 'noise';
}

/**
 * The condition that speaks for a gate: of a passed one that of the largest flip, of a missed one the missed condition of
 * the smallest; of equal ones the first.
 */
export function gateOf(conditions: readonly [Condition, Condition]): Gate {
  const unsaid = conditions.find(({ flip }) => flip === null);
  const missed = conditions.filter(({ margin }) => !(margin > 0));
  const speaks =
    unsaid ??
    (missed.length > 0
      ? missed.reduce((least, condition) => (condition.flip! < least.flip! ? condition : least))
      : conditions.reduce((largest, condition) => (condition.flip! > largest.flip! ? condition : largest)));
  const { against, margin, se, flip } = speaks;
  return {
    passed: unsaid === undefined ? missed.length === 0 : null,
    margin,
    se,
    flip,
    of: against,
    say: wordOf(flip),
  };
}

/**
 * Bounds of P(passes in truth) given the flips, whatever the dependence between conditions. PASS: 1 − Σ(16 flips), cut at
 * 0, to 1 − the largest flip of a gate; a miss: 0 to the smallest flip of a missed gate. Null where a flip cannot be said.
 *
 * @param flips of all conditions
 */
export function verdictBounds(
  gates: readonly Gate[],
  flips: readonly (number | null)[],
): readonly [number, number] | null {
  if (gates.some(({ passed }) => passed === null)) return null;
  const missed = gates.filter(({ passed }) => passed === false).map(({ flip }) => flip!);
  if (missed.length > 0) return [0, Math.min(...missed)];
  const sum = flips.reduce<number>((all, flip) => all + flip!, 0);
  return [Math.max(0, 1 - sum), 1 - Math.max(...gates.map(({ flip }) => flip!))];
}

/**
 * Is the verdict decided by these days? A pass when its weakest gate is clear; a miss when some missed gate has a flip
 * below 0.05/16 (at 0.05 it would be decided wrongly in 20 to 43 % when all conditions stand exactly at their limit).
 */
export function isDecided(gates: readonly Gate[]): boolean {
  if (gates.some(({ passed }) => passed === null)) return false;
  const missed = gates.filter(({ passed }) => passed === false).map(({ flip }) => flip!);
  if (missed.length > 0) return Math.min(...missed) < ALPHA / CONDITIONS;
  return Math.max(...gates.map(({ flip }) => flip!)) < ALPHA;
}

/**
 * The number of the gate that decides: of a pass its weakest one, of a miss the missed gate with the smallest flip; of equal
 * ones the first. Null where a flip cannot be said.
 */
export function decidingGate(gates: readonly Gate[]): number | null {
  if (gates.length === 0 || gates.some(({ passed }) => passed === null)) return null;
  const isMiss = gates.some(({ passed }) => passed === false);
  const numbers = [...gates.keys()].filter((i) => !isMiss || gates[i]!.passed === false);
  const isBefore = (a: number, b: number): boolean =>
    isMiss ? gates[a]!.flip! < gates[b]!.flip! : gates[a]!.flip! > gates[b]!.flip!;
  return numbers.reduce((deciding, i) => (isBefore(i, deciding) ? i : deciding));
}
