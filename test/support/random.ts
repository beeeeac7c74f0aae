/** Random numbers from a seed: the same seed gives the same numbers on every machine. */
export type Random = {
  /** in [0, 1) */
  uniform(): number;
  /** standard normal */
  normal(): number;
  /** a whole number from `from` to `to`, both in */
  integer(from: number, to: number): number;
  /** true with this probability */
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** a copy in random order */
  shuffled<T>(items: readonly T[]): T[];
  /** 0 .. count-1 in random order */
  permutation(count: number): number[];
};

/** Uniform numbers by mulberry32, normal ones from them by Box and Muller. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (from: number, to: number): number => from + Math.floor(uniform() * (to - from + 1));
  const shuffled = <T>(items: readonly T[]): T[] => {
    const copy = [...items];
    for (let i = copy.length - 1; i > 0; i -= 1) {
      const j = integer(0, i);
      [copy[i], copy[j]] = [copy[j]!, copy[i]!];
    }
    return copy;
  };
  return {
    uniform,
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    integer,
    chance: (probability) => uniform() < probability,
    pick: (items) => items[integer(0, items.length - 1)]!,
    shuffled,
    permutation: (count) => shuffled(Array.from({ length: count }, (_, i) => i)),
  };
}

/** Checks a property for the seeds 1 .. count. A failure names its seed, so that it can be repeated alone. */
export function forEachSeed(count: number, check: (random: Random, seed: number) => void): void {
  for (let seed = 1; seed <= count; seed += 1) {
    try {
      check(randomFrom(seed), seed);
    } catch (error) {
      throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }
}
