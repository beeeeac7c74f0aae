import {
  ascending,
  type BlockRows,
  distinctRows,
  distinctTable,
  skewnesses,
  subtracted,
  subtractedFrom,
} from './block-rows.ts';
import { interval } from './block-statistics.ts';
import { type ChoiceAgainstNull, choiceAgainstNull } from './choice.ts';
import { MIN_BLOCKS, MIN_JOINT_BLOCKS, SAME_SCORE, STATISTICS_VERSION } from './constants.ts';
import type { GateLimits } from './gate-margins.ts';
import { advantageOf, entropyNumber, type JointWidth, jointWidth, type Luck, luckOf } from './joint.ts';
import { lazily } from './lazily.ts';
import { listFlips } from './list-flips.ts';
import { type LockedStatement, lockedStatements } from './locked-statements.ts';
import { lookNumbersOf } from './looks.ts';
import {
  type LockedSplit,
  type Settings,
  type SweepLosses,
  shortId,
  TRUST_SIDES,
  TRUST_SPLITS,
  type TrustSplit,
} from './losses.ts';
import { type AxisHeld, axesHeld, plainestOf } from './plainest.ts';
import { plateausOf } from './plateau.ts';
import { signTable } from './sign-table.ts';
import { byAges, SweepBlocks } from './sweep-blocks.ts';
import { ROWS_AHEAD, type RowContext, type TrustRow, trustRow } from './trust-row.ts';
import { fewBlocksText, notesOnDays } from './unsaid.ts';

export type TrustHead = {
  readonly statistics: number;
  readonly configurations: number;
  readonly blocks: Readonly<Record<TrustSplit, number>>;
  readonly days: Readonly<Record<TrustSplit, number>>;
  readonly notJudged: readonly string[];
  /** how many of them for each reason */
  readonly notJudgedWhy: Readonly<Record<string, number>>;
  /** what is to be borne in mind of the days that the splits show, a sentence each */
  readonly notes: readonly string[];
};

export type TrustStatement = TrustHead & {
  readonly distinct: number;
  readonly best: { readonly id: string; readonly score: number; readonly interval: readonly [number, number] };
  readonly nothingToChoose: boolean;
  readonly plateau: {
    readonly n: number;
    readonly critical: number | null;
    readonly canDrop: boolean;
    readonly worst: number;
    readonly byAges: Readonly<Record<string, number>>;
    /** the member that departs least from what is usual; null where nobody knows what the members are */
    readonly plainest: PlainestMember | null;
    /** of each parameter that differs among the configurations, how many of each value's are in the plateau */
    readonly axes: Readonly<Record<string, readonly AxisHeld[]>>;
  } | null;
  readonly plateau0: number | null;
  readonly pConstant: number;
  readonly pMarketOnly: number;
  readonly beatConstant: number;
  readonly beatMarketOnly: number;
  readonly luck: Luck & { readonly entropy: number };
  readonly luckGain: Luck;
  readonly jointGain: JointWidth;
  readonly skewness: {
    readonly constant: readonly [number, number];
    readonly marketOnly: readonly [number, number];
  };
  readonly overfit: ChoiceAgainstNull | null;
  readonly looks: Readonly<Record<LockedSplit, number>>;
  /** of the configurations whose gates were shown; empty where all are sealed */
  readonly locked: Readonly<Record<string, LockedStatement>>;
  /** configurations whose gates nobody was shown yet */
  readonly sealed: number;
  readonly rows: readonly TrustRow[];
};

export type PlainestMember = {
  readonly id: string;
  readonly configuration: string;
  readonly rank: number;
  readonly place: number;
  readonly score: number;
  readonly parameters: Settings['parameters'];
};

/** What may be believed of a sweep, or why nothing can be said. */
export type SweepTrust = TrustStatement | (TrustHead & { readonly refused: string });

export type TrustOptions = {
  /** the configurations that are told in detail, by id; without it the first ten by tune, and the first three passes behind them */
  readonly shown?: readonly string[];
  /** whether their chances of passing are wanted too; where `shown` is left out they are */
  readonly withChances?: boolean;
  /** whether the first are those of the leaderboard: of equal scores it has the last bits decide nothing */
  readonly byPlace?: boolean;
};

/**
 * Everything that may be said of a sweep against chance and choice, given the fitted models: statements of tune for all
 * configurations, of the locked splits, and of the first rows by tune and the first passes behind them.
 *
 * Rows are in the order of their scores, to the last bit; `byPlace` is for screens, which rank as the leaderboard does.
 */
export function trustOfSweep(losses: SweepLosses, limits: GateLimits, options: TrustOptions = {}): SweepTrust {
  const { shown, withChances = shown === undefined, byPlace = false } = options;
  const sweep = new SweepBlocks(losses);
  const n = sweep.judged.length;
  const head: TrustHead = {
    statistics: STATISTICS_VERSION,
    configurations: losses.configurations.length,
    blocks: bySplit((split) => sweep.q(split)),
    days: bySplit((split) => sweep.days(split)),
    notJudged: sweep.notJudged.map(shortId),
    notJudgedWhy: countsOf(sweep.whyNotJudged),
    notes: notesOnDays(losses, (split) => sweep.q(split)),
  };
  const q = sweep.q('tune');
  if (q < MIN_BLOCKS) return { ...head, refused: fewBlocksText('tune', q) };
  if (n === 0) return { ...head, refused: 'no configuration was judged' };
  const signs = signTable(q);

  const [long, short] = TRUST_SIDES.map((side) => sweep.maeRatios(side, 'market_plus_state', 'tune'));
  const ratios = long!.map((ratio, k) => (ratio + short![k]!) / 2);
  const scores = sweep.scores('market_plus_state', 'tune');
  const gains = subtracted(sweep.scores('market_only', 'tune'), scores);
  const advantages = subtractedFrom(1, scores);
  const byScore = ascending(ratios);
  const rankOf = placesIn(byScore);
  const places = byPlace ? placesOf(sweep) : null;
  const order = places === null ? byScore : ascending(places);
  const distinct = distinctRows(scores).length;

  const canCompare = distinct > 1 && q >= MIN_JOINT_BLOCKS;
  const [plateau, plateau0] = canCompare ? plateausOf(scores, signs, [SAME_SCORE, 0]) : [];
  const stays = plateau?.stays ?? sweep.judged.map(() => true);
  const joint = jointWidth(gains, signs);
  const opened = sweep.opened();
  const context: RowContext = { sweep, opened, joint, stays, flips: listFlips(opened, limits), limits };
  const rows =
    shown === undefined
      ? firstRows(sweep, order).map(({ i, foundAmong }) => trustRow(context, i, rankOf[i]!, foundAmong, withChances))
      : numbersOf(sweep, shown).map((i) => trustRow(context, i, rankOf[i]!, null, withChances));

  const [constant, marketOnly] = [advantageOf(advantages, signs), advantageOf(gains, signs)];
  const luck = luckOf(subtractedFrom(0, scores), signs);
  return {
    ...head,
    distinct,
    best: {
      id: shortId(sweep.judged[order[0]!]!),
      score: ratios[order[0]!]!,
      interval: interval(sweep.score(order[0]!, 'market_plus_state', 'tune')),
    },
    nothingToChoose: distinct < 2,
    plateau:
      distinct > 1
        ? lazily<NonNullable<TrustStatement['plateau']>>({
            n: () => stays.filter(Boolean).length,
            critical: () => plateau?.critical ?? null,
            canDrop: () => plateau !== undefined && plateau.critical < Math.sqrt(q) - 1e-9,
            worst: () => ratios.filter((_, i) => stays[i]).reduce((a, b) => Math.max(a, b)),
            byAges: () => byAges(sweep, ({ id }) => sweep.judged.filter((c, i) => stays[i] && c.dataset === id).length),
            plainest: () => plainestMember(sweep, order, stays, ratios, rankOf),
            axes: () =>
              axesHeld(
                sweep.judged.map(({ settings }) => settings),
                stays,
              ),
          })
        : null,
    plateau0: plateau0?.stays.filter(Boolean).length ?? null,
    pConstant: constant.p,
    pMarketOnly: marketOnly.p,
    beatConstant: constant.beats.filter(Boolean).length,
    beatMarketOnly: marketOnly.beats.filter(Boolean).length,
    luck: lazily<TrustStatement['luck']>({
      expected: () => luck.expected,
      q95: () => luck.q95,
      nEff: () => luck.nEff,
      entropy: () => entropyNumber(scores),
    }),
    luckGain: luckOf(gains, signs),
    jointGain: joint,
    skewness: lazily<TrustStatement['skewness']>({
      constant: () => skewnessRange(advantages),
      marketOnly: () => skewnessRange(gains),
    }),
    overfit: canCompare ? choiceAgainstNull(scores, signs) : null,
    looks: {
      validation_locked: lookCount(opened, 'validation_locked'),
      latest_stress: lookCount(opened, 'latest_stress'),
    },
    locked: opened.judged.length === 0 ? {} : lockedStatements(opened),
    sealed: n - opened.judged.length,
    rows,
  };
}

function countsOf(texts: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return Object.fromEntries(counts);
}

/** By number, its place in the order, from 1 on. */
function placesIn(order: Int32Array): Int32Array {
  const places = new Int32Array(order.length);
  for (let rank = 0; rank < order.length; rank += 1) places[order[rank]!] = rank + 1;
  return places;
}

/** Null where they are not known of all. */
function placesOf({ judged }: SweepBlocks): number[] | null {
  const places = judged.flatMap(({ place }) => place ?? []);
  return places.length === judged.length ? places : null;
}

function plainestMember(
  sweep: SweepBlocks,
  order: Int32Array,
  stays: readonly boolean[],
  ratios: Float64Array,
  rankOf: Int32Array,
): PlainestMember | null {
  const members = order.filter((i) => stays[i]);
  const i = plainestOf(members, (member) => sweep.judged[member]!.settings);
  if (i === null) return null;
  const configuration = sweep.judged[i]!;
  const rank = rankOf[i]!;
  return {
    id: shortId(configuration),
    configuration: configuration.id,
    rank,
    place: configuration.place ?? rank,
    score: ratios[i]!,
    parameters: configuration.settings!.parameters,
  };
}

/** The first ten by tune, then the first three passes behind them, which were found among all. */
function firstRows(
  sweep: SweepBlocks,
  order: Int32Array,
): { readonly i: number; readonly foundAmong: number | null }[] {
  const ahead = order.subarray(0, ROWS_AHEAD);
  const passes = order.filter((i) => sweep.judged[i]!.passed === true && !ahead.includes(i)).subarray(0, 3);
  return [
    ...Array.from(ahead, (i) => ({ i, foundAmong: null })),
    ...Array.from(passes, (i) => ({ i, foundAmong: sweep.judged.length })),
  ];
}

/** Numbers of those configurations that were judged. */
function numbersOf(sweep: SweepBlocks, ids: readonly string[]): number[] {
  const wanted = new Set(ids);
  const numbers = new Map<string, number>();
  sweep.judged.forEach(({ id }, i) => {
    if (wanted.has(id)) numbers.set(id, i);
  });
  return ids.flatMap((id) => numbers.get(id) ?? []);
}

function lookCount(sweep: SweepBlocks, split: LockedSplit): number {
  const numbers = lookNumbersOf(sweep.looks(split));
  return numbers.reduce((most, number) => Math.max(most, number), -1) + 1;
}

function skewnessRange(table: BlockRows): readonly [number, number] {
  const values = skewnesses(distinctTable(table));
  return [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
}

function bySplit<T>(of: (split: TrustSplit) => T): Record<TrustSplit, T> {
  const [tune, validation, stress] = TRUST_SPLITS;
  return { [tune]: of(tune), [validation]: of(validation), [stress]: of(stress) };
}
