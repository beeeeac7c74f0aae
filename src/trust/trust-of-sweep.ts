import { ascending, type BlockRows, blockRows, distinctRows, pickRows, skewnesses } from './block-rows.ts';
import { difference, flipOf, interval, marginOver, type Statistic, standardError } from './block-statistics.ts';
import { type ChoiceAgainstNull, choiceAgainstNull } from './choice.ts';
import { MIN_BLOCKS, MIN_JOINT_BLOCKS, SAME_SCORE, STATISTICS_VERSION } from './constants.ts';
import { type Condition, type Gate, gateOf, isDecided, verdictBounds, type Word, weakestWord } from './gates.ts';
import {
  bestOfN,
  entropyNumber,
  type JointWidth,
  jointWidth,
  type Luck,
  luckOf,
  sharesReached,
  stepM,
} from './joint.ts';
import { lookNumbers } from './looks.ts';
import {
  type ConfigurationLosses,
  LOCKED_SPLITS,
  type SweepLosses,
  TRUST_SIDES,
  TRUST_SPLITS,
  type TrustSide,
  type TrustSplit,
} from './losses.ts';
import { plateausOf } from './plateau.ts';
import { signTable } from './sign-table.ts';
import { studentQuantile } from './student-t.ts';
import { SweepBlocks } from './sweep-blocks.ts';
import { verdictChance } from './verdict-chance.ts';

/** The experiment's limits, which the gates' margins are measured from. */
export type GateLimits = { readonly aucMin: number; readonly maeRatioMax: number };

type LockedSplit = (typeof LOCKED_SPLITS)[number];
type Metric = 'auc' | 'mae';

export type TrustRow = {
  readonly id: string;
  readonly rank: number;
  readonly score: number;
  /** half width of the score's own 95 % interval: it holds for a row named beforehand */
  readonly half: number;
  /** market_only − market_plus_state */
  readonly gain: number;
  /** joint over the list */
  readonly gainHalf: number | null;
  readonly plateau: boolean;
  readonly passed: boolean;
  readonly foundAmong: number | null;
  readonly gatesPassed: number;
  readonly chance: number;
  readonly bounds: readonly [number, number] | null;
  readonly decided: boolean;
  readonly weakest: Word | null;
  /** gates that are not clear, by own flips and by those of the list */
  readonly noise: number;
  readonly listNoise: number;
  readonly gates: Readonly<Record<string, Gate & { readonly list: Gate }>>;
};

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
  /** by ages: AUC and its interval */
  readonly auc: Readonly<Record<string, readonly [number, number, number]>>;
};

export type TrustHead = {
  readonly statistics: number;
  readonly configurations: number;
  readonly blocks: Readonly<Record<TrustSplit, number>>;
  readonly days: Readonly<Record<TrustSplit, number>>;
  readonly notJudged: readonly string[];
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
  readonly locked: Readonly<Record<string, LockedStatement>>;
  readonly rows: readonly TrustRow[];
};

/** What may be believed of a sweep, or why nothing can be said. */
export type SweepTrust = TrustStatement | (TrustHead & { readonly refused: string });

/**
 * Everything that may be said of a sweep against chance and choice, given the fitted models: statements of tune for all
 * configurations, of the locked splits, and of the first rows by tune and the first passes behind them.
 *
 * @param top rows in detail, and three passes behind them
 */
export function trustOfSweep(losses: SweepLosses, limits: GateLimits, top = 10): SweepTrust {
  const sweep = new SweepBlocks(losses);
  const n = sweep.judged.length;
  const head: TrustHead = {
    statistics: STATISTICS_VERSION,
    configurations: losses.configurations.length,
    blocks: bySplit((split) => sweep.q(split)),
    days: bySplit((split) => sweep.days(split)),
    notJudged: sweep.notJudged.map(shortId),
  };
  const q = sweep.q('tune');
  if (q < MIN_BLOCKS) return { ...head, refused: `tune has ${q} blocks of days, ${MIN_BLOCKS} are needed` };
  if (n === 0) return { ...head, refused: 'no configuration was judged' };
  const signs = signTable(q);

  const [long, short] = TRUST_SIDES.map((side) => sweep.maeRatios(side, 'market_plus_state', 'tune'));
  const ratios = long!.map((ratio, k) => (ratio + short![k]!) / 2);
  const scores = sweep.scores('market_plus_state', 'tune');
  const gains = minus(sweep.scores('market_only', 'tune'), scores);
  const advantages = { ...scores, values: scores.values.map((value) => 1 - value) };
  const order = ascending(ratios);
  const distinct = distinctRows(scores).length;

  const canCompare = distinct > 1 && q >= MIN_JOINT_BLOCKS;
  const [plateau, plateau0] = canCompare ? plateausOf(scores, signs, [SAME_SCORE, 0]) : [];
  const stays = plateau?.stays ?? sweep.judged.map(() => true);
  const joint = jointWidth(gains, signs);
  const detail = { sweep, joint, stays, flips: listFlips(sweep, limits), limits };
  const ahead = order.subarray(0, top);
  const passes = order.filter((i) => sweep.judged[i]!.passed && !ahead.includes(i)).subarray(0, 3);
  const rankOf = new Map([...order].map((i, rank) => [i, rank + 1]));

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
        ? {
            n: stays.filter(Boolean).length,
            critical: plateau?.critical ?? null,
            canDrop: plateau !== undefined && plateau.critical < Math.sqrt(q) - 1e-9,
            worst: ratios.filter((_, i) => stays[i]).reduce((a, b) => Math.max(a, b)),
            byAges: byAges(sweep, (id) => sweep.judged.filter((c, i) => stays[i] && c.dataset === id).length),
          }
        : null,
    plateau0: plateau0?.stays.filter(Boolean).length ?? null,
    pConstant: bestOfN(advantages, signs),
    pMarketOnly: bestOfN(gains, signs),
    beatConstant: stepM(advantages, signs).filter(Boolean).length,
    beatMarketOnly: stepM(gains, signs).filter(Boolean).length,
    luck: {
      ...luckOf({ ...scores, values: scores.values.map((value) => -value) }, signs),
      entropy: entropyNumber(scores),
    },
    luckGain: luckOf(gains, signs),
    jointGain: joint,
    skewness: { constant: skewnessRange(advantages), marketOnly: skewnessRange(gains) },
    overfit: canCompare ? choiceAgainstNull(scores, signs) : null,
    looks: {
      validation_locked: lookCount(sweep, 'validation_locked'),
      latest_stress: lookCount(sweep, 'latest_stress'),
    },
    locked: lockedStatements(sweep),
    rows: [
      ...[...ahead].map((i) => rowOfSweep(detail, i, rankOf.get(i)!, null)),
      ...[...passes].map((i) => rowOfSweep(detail, i, rankOf.get(i)!, n)),
    ],
  };
}

type Detail = {
  readonly sweep: SweepBlocks;
  readonly joint: JointWidth;
  readonly stays: readonly boolean[];
  readonly flips: ListFlips;
  readonly limits: GateLimits;
};

function rowOfSweep(detail: Detail, i: number, rank: number, foundAmong: number | null): TrustRow {
  const { sweep, joint, stays, flips, limits } = detail;
  const configuration = sweep.judged[i]!;
  const statistic = sweep.score(i, 'market_plus_state', 'tune');
  const [low, high] = interval(statistic);
  const gain = difference(sweep.score(i, 'market_only', 'tune'), statistic);
  const gates = LOCKED_GATES.map(({ side, split, metric }) => {
    const margins = gateMargins(sweep, i, side, split, metric, limits);
    const own = AGAINST.map((against) => conditionOf(against, margins[against]));
    const list = own.map((condition): Condition => {
      const share = flips(side, split, metric, condition.against, i);
      if (condition.flip === null || share === null || !(condition.margin > 0)) return condition;
      return { ...condition, flip: Math.max(condition.flip, share) };
    });
    return { key: `${side} ${split} ${metric}`, split, margins, own: pair(own), list: pair(list) };
  });
  const ownGates = gates.map(({ own }) => gateOf(own));
  const listGates = gates.map(({ list }) => gateOf(list));
  return {
    id: shortId(configuration),
    rank,
    score: statistic.value,
    half: (high - low) / 2,
    gain: gain.value,
    gainHalf: joint.t === null ? null : joint.t * standardError(gain.pseudo),
    plateau: stays[i]!,
    passed: configuration.passed,
    foundAmong,
    gatesPassed: ownGates.filter(({ passed }) => passed === true).length,
    chance: verdictChance(
      LOCKED_SPLITS.map((split) =>
        gates.filter((gate) => gate.split === split).flatMap(({ margins }) => AGAINST.map((kind) => margins[kind])),
      ),
    ),
    bounds: verdictBounds(
      ownGates,
      gates.flatMap(({ own }) => own.map(({ flip }) => flip)),
    ),
    decided: isDecided(listGates),
    weakest: weakestWord(listGates),
    noise: ownGates.filter(({ say }) => say !== 'clear').length,
    listNoise: listGates.filter(({ say }) => say !== 'clear').length,
    gates: Object.fromEntries(gates.map(({ key }, g) => [key, { ...ownGates[g]!, list: listGates[g]! }])),
  };
}

const AGAINST = ['limit', 'market_only'] as const;
type Against = (typeof AGAINST)[number];
const METRICS: readonly Metric[] = ['auc', 'mae'];
/** The eight gates, in the order of the verdict. */
const LOCKED_GATES = TRUST_SIDES.flatMap((side) =>
  LOCKED_SPLITS.flatMap((split) => METRICS.map((metric) => ({ side, split, metric }))),
);

function conditionOf(against: Against, margin: Statistic): Condition {
  const se = standardError(margin.pseudo);
  return { against, margin: margin.value, se, flip: flipOf(margin.value, se, margin.pseudo.length) };
}

/** The margins of a gate's two conditions, each good when it is positive. */
function gateMargins(
  sweep: SweepBlocks,
  k: number,
  side: TrustSide,
  split: LockedSplit,
  metric: Metric,
  { aucMin, maeRatioMax }: GateLimits,
): Readonly<Record<Against, Statistic>> {
  if (metric === 'auc') {
    const dataset = sweep.datasetOf(sweep.judged[k]!);
    const plus = sweep.auc(dataset, side, 'market_plus_state', split);
    return {
      limit: marginOver(plus, aucMin, 1),
      market_only: difference(plus, sweep.auc(dataset, side, 'market_only', split)),
    };
  }
  const plus = sweep.mae(k, side, 'market_plus_state', split);
  return {
    limit: marginOver(plus, maeRatioMax, -1),
    market_only: difference(sweep.mae(k, side, 'market_only', split), plus),
  };
}

/** The share of sign vectors in which the best of all distinct rows reaches this row's S; null where the own flip stands. */
type ListFlips = (side: TrustSide, split: LockedSplit, metric: Metric, against: Against, i: number) => number | null;

/** Flips of a list, for every condition over all distinct rows of the sweep, shown or not. */
function listFlips(sweep: SweepBlocks, { aucMin, maeRatioMax }: GateLimits): ListFlips {
  const byCondition = new Map<string, (i: number) => number | null>();
  // Regressor axes cannot move an AUC: its rows are the datasets.
  const datasets = sweep.datasets.filter(({ id }) => sweep.judged.some(({ dataset }) => dataset === id));
  const numberOf = new Map(datasets.map(({ id }, number) => [id, number]));
  const datasetOf = sweep.judged.map(({ dataset }) => numberOf.get(dataset)!);
  for (const split of LOCKED_SPLITS) {
    const q = sweep.q(split);
    for (const side of TRUST_SIDES) {
      const plus = sweep.maeScores(side, 'market_plus_state', split);
      const toLimit = { ...plus, values: plus.values.map((value) => maeRatioMax - value) };
      const toMarketOnly = minus(sweep.maeScores(side, 'market_only', split), plus);
      const aucs = datasets.map((dataset) => ({
        plus: sweep.auc(dataset, side, 'market_plus_state', split).pseudo,
        marketOnly: sweep.auc(dataset, side, 'market_only', split).pseudo,
      }));
      const aucToLimit = aucs.map((auc) => auc.plus.map((u) => u - aucMin));
      const aucToMarketOnly = aucs.map((auc) => auc.plus.map((u, b) => u - auc.marketOnly[b]!));
      const maeOf = (rows: BlockRows) => {
        const shares = sharesOfRows(rows);
        return (i: number) => shares?.[i] ?? null;
      };
      const aucOf = (rows: readonly Float64Array[]) => {
        const shares = sharesOfRows(blockRows(rows, q));
        return (i: number) => shares?.[datasetOf[i]!] ?? null;
      };
      byCondition.set(`${side} ${split} mae limit`, maeOf(toLimit));
      byCondition.set(`${side} ${split} mae market_only`, maeOf(toMarketOnly));
      byCondition.set(`${side} ${split} auc limit`, aucOf(aucToLimit));
      byCondition.set(`${side} ${split} auc market_only`, aucOf(aucToMarketOnly));
    }
  }
  return (side, split, metric, against, i) => byCondition.get(`${side} ${split} ${metric} ${against}`)!(i);
}

/** By row; rows that are not finite in some block have no part in it. Null for fewer than two distinct rows. */
function sharesOfRows(rows: BlockRows): Float64Array | null {
  const finite = Int32Array.from({ length: rows.n }, (_, i) => i).filter((i) =>
    rows.values.subarray(i * rows.q, (i + 1) * rows.q).every(Number.isFinite),
  );
  const kept = pickRows(rows, finite);
  if (finite.length === 0 || distinctRows(kept).length < 2) return null;
  const shares = new Float64Array(rows.n);
  const found = sharesReached(kept, signTable(rows.q));
  finite.forEach((i, at) => {
    shares[i] = found[at]!;
  });
  return shares;
}

function lockedStatements(sweep: SweepBlocks): Record<string, LockedStatement> {
  const entries = LOCKED_SPLITS.flatMap((split) =>
    TRUST_SIDES.map((side): [string, LockedStatement] => {
      const q = sweep.q(split);
      const signs = signTable(q);
      const values = sweep.maeRatios(side, 'market_plus_state', split);
      const errors = sweep.judged.map((_, k) => standardError(sweep.mae(k, side, 'market_plus_state', split).pseudo));
      const plus = sweep.maeScores(side, 'market_plus_state', split);
      const luck = luckOf({ ...plus, values: plus.values.map((value) => -value) }, signs);
      const luckMarketOnly = luckOf(minus(sweep.maeScores(side, 'market_only', split), plus), signs);
      const se = middle(errors);
      return [
        `${side} ${split}`,
        {
          blocks: q,
          ratio: [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))],
          se,
          luckExpected: luck.expected,
          luck95: luck.q95,
          nEff: luck.nEff,
          luckExpectedMarketOnly: luckMarketOnly.expected,
          luck95MarketOnly: luckMarketOnly.q95,
          resolution: studentQuantile(0.95, q - 1) * se,
          auc: byAges(sweep, (id) => {
            const auc = sweep.auc(
              sweep.datasets.find((dataset) => dataset.id === id)!,
              side,
              'market_plus_state',
              split,
            );
            const [low, high] = interval(auc);
            return [fourDigits(auc.value), fourDigits(low), fourDigits(high)] as const;
          }),
        },
      ];
    }),
  );
  return Object.fromEntries(entries);
}

function lookCount(sweep: SweepBlocks, split: LockedSplit): number {
  const numbers = lookNumbers(sweep.judged.map((configuration) => sweep.lookSums(configuration, split)));
  return numbers.reduce((most, number) => Math.max(most, number), -1) + 1;
}

function skewnessRange(table: BlockRows): readonly [number, number] {
  const values = skewnesses(pickRows(table, distinctRows(table)));
  return [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
}

function minus(a: BlockRows, b: BlockRows): BlockRows {
  return { ...a, values: a.values.map((value, at) => value - b.values[at]!) };
}

function byAges<T>(sweep: SweepBlocks, of: (id: number | string) => T): Record<string, T> {
  return Object.fromEntries(sweep.datasets.map(({ id, ages }) => [`[${ages.join(', ')}]`, of(id)]));
}

function bySplit<T>(of: (split: TrustSplit) => T): Record<TrustSplit, T> {
  const [tune, validation, stress] = TRUST_SPLITS;
  return { [tune]: of(tune), [validation]: of(validation), [stress]: of(stress) };
}

function pair(conditions: readonly Condition[]): readonly [Condition, Condition] {
  const [first, second] = conditions;
  if (first === undefined || second === undefined) throw new RangeError('a gate has two conditions');
  return [first, second];
}

function middle(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

function fourDigits(value: number): number {
  return Number(value.toFixed(4));
}

function shortId({ id }: ConfigurationLosses): string {
  return id.slice(0, 7);
}
