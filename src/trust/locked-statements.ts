import { subtractedFrom } from './block-rows.ts';
import { interval } from './block-statistics.ts';
import { MIN_BLOCKS } from './constants.ts';
import { luckOf } from './joint.ts';
import { lazily } from './lazily.ts';
import { LOCKED_SPLITS, TRUST_SIDES } from './losses.ts';
import { medianOf } from './median.ts';
import { signTable } from './sign-table.ts';
import { studentQuantile } from './student-t.ts';
import { byAges, type SweepBlocks } from './sweep-blocks.ts';

/** What the rows of a sweep, all together, show on one side of a locked split. */
export type LockedStatement = {
  readonly blocks: number;
  readonly ratio: readonly [number, number];
  readonly se: number;
  readonly luckExpected: number;
  readonly luck95: number;
  readonly nEff: number;
  readonly luckExpectedMarketOnly: number;
  readonly luck95MarketOnly: number;
  /** the smallest measured margin that reads clear by its own flip */
  readonly resolution: number;
  /** by ages, and by cap where there are several: AUC and its interval */
  readonly auc: Readonly<Record<string, readonly [number, number, number]>>;
};

const UNSAID = { expected: Number.NaN, q95: Number.NaN, nEff: Number.NaN };

/** By `SIDE SPLIT`; of a split with too few blocks nothing but values: NaN stands for what is not said. */
export function lockedStatements(sweep: SweepBlocks): Record<string, LockedStatement> {
  const entries = LOCKED_SPLITS.flatMap((split) =>
    TRUST_SIDES.map((side): [string, LockedStatement] => {
      const q = sweep.q(split);
      const signs = signTable(q);
      const isTold = q >= MIN_BLOCKS;
      const se = isTold ? medianOf(sweep.maeErrors(side, 'market_plus_state', split)) : Number.NaN;
      const luckOfTables = lazily({
        limit: () =>
          isTold ? luckOf(subtractedFrom(0, sweep.maeScores(side, 'market_plus_state', split)), signs) : UNSAID,
        marketOnly: () => (isTold ? luckOf(sweep.maeGains(side, split), signs) : UNSAID),
      });
      return [
        `${side} ${split}`,
        lazily<LockedStatement>({
          blocks: () => q,
          ratio: () => rangeOf(sweep.maeRatios(side, 'market_plus_state', split)),
          se: () => se,
          luckExpected: () => luckOfTables.limit.expected,
          luck95: () => luckOfTables.limit.q95,
          nEff: () => luckOfTables.limit.nEff,
          luckExpectedMarketOnly: () => luckOfTables.marketOnly.expected,
          luck95MarketOnly: () => luckOfTables.marketOnly.q95,
          resolution: () => studentQuantile(0.95, q - 1) * se,
          auc: () =>
            byAges(sweep, (dataset) => {
              const auc = sweep.auc(dataset, side, 'market_plus_state', split);
              const [low, high] = isTold ? interval(auc) : [Number.NaN, Number.NaN];
              return [fourDigits(auc.value), fourDigits(low), fourDigits(high)] as const;
            }),
        }),
      ];
    }),
  );
  return Object.fromEntries(entries);
}

function rangeOf(values: Float64Array): readonly [number, number] {
  return [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
}

function fourDigits(value: number): number {
  return Number(value.toFixed(4));
}
