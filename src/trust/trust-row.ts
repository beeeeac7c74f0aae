import { difference, interval, standardError } from './block-statistics.ts';
import { MIN_BLOCKS } from './constants.ts';
import { AGAINST, conditionOf, type GateLimits, gateMargins, LOCKED_GATES } from './gate-margins.ts';
import {
  type Condition,
  decidingGate,
  type Gate,
  gateOf,
  isDecided,
  verdictBounds,
  type Word,
  wordOf,
} from './gates.ts';
import type { JointWidth } from './joint.ts';
import type { ListFlips } from './list-flips.ts';
import { LOCKED_SPLITS, type LockedSplit, shortId } from './losses.ts';
import type { SweepBlocks } from './sweep-blocks.ts';
import { verdictChance } from './verdict-chance.ts';

/** A pass behind so many rows by tune was found for passing, not for its rank. */
export const ROWS_AHEAD = 10;

/** What may be said of one configuration. */
export type TrustRow = {
  /** as much of it as a person reads, and all of it */
  readonly id: string;
  readonly configuration: string;
  /** by score, to the last bit */
  readonly rank: number;
  /** its rank on the leaderboard; the same where there is none */
  readonly place: number;
  readonly score: number;
  /** half width of the score's own 95 % interval: it holds for a row named beforehand */
  readonly half: number;
  /** market_only − market_plus_state */
  readonly gain: number;
  /** joint over the list */
  readonly gainHalf: number | null;
  readonly plateau: boolean;
  /** neither a pass nor a miss: a market_only fit that it rests on did not converge */
  readonly unconverged: boolean;
  /** the stored verdict; null, as all that is said of gates, while they are sealed */
  readonly passed: boolean | null;
  readonly foundAmong: number | null;
  readonly gatesPassed: number | null;
  /** that all conditions hold in truth; null where nobody asked for it, since it takes thousands of draws, or days are too few */
  readonly chance: number | null;
  readonly bounds: readonly [number, number] | null;
  readonly decided: boolean | null;
  /** the word of the gate that decides, and which one that is */
  readonly weakest: Word | null;
  readonly weakestGate: string | null;
  /** gates that are not clear, by own flips and by those of the list */
  readonly noise: number | null;
  readonly listNoise: number | null;
  readonly gates: Readonly<Record<string, GateOfRow>>;
};

/**
 * A gate by own flips and by those of the list, and its two conditions; `why` says what keeps its noise from being told, where
 * something does.
 */
export type GateOfRow = Gate & {
  readonly list: Gate;
  readonly conditions: readonly ConditionOfRow[];
  readonly why?: string;
};

export type ConditionOfRow = Condition & {
  readonly say: Word;
  readonly list: { readonly flip: number | null; readonly say: Word };
};

/** What a row says of tune, and what of the locked splits. */
type TuneFigures = Pick<
  TrustRow,
  | 'id'
  | 'configuration'
  | 'rank'
  | 'place'
  | 'score'
  | 'half'
  | 'gain'
  | 'gainHalf'
  | 'plateau'
  | 'unconverged'
  | 'foundAmong'
>;
type GateFigures = Omit<TrustRow, keyof TuneFigures>;

const SEALED: GateFigures = {
  passed: null,
  gatesPassed: null,
  chance: null,
  bounds: null,
  decided: null,
  weakest: null,
  weakestGate: null,
  noise: null,
  listNoise: null,
  gates: {},
};

/** What all rows of a sweep share. */
export type RowContext = {
  readonly sweep: SweepBlocks;
  /** the same without sealed configurations */
  readonly opened: SweepBlocks;
  readonly joint: JointWidth;
  readonly stays: readonly boolean[];
  readonly flips: ListFlips;
  readonly limits: GateLimits;
};

/**
 * @param i number among the judged configurations
 * @param foundAmong so many were searched for it; null for a row that leads by tune
 */
export function trustRow(
  context: RowContext,
  i: number,
  rank: number,
  foundAmong: number | null,
  withChance: boolean,
): TrustRow {
  const { sweep, opened, joint, stays } = context;
  const configuration = sweep.judged[i]!;
  const statistic = sweep.score(i, 'market_plus_state', 'tune');
  const [low, high] = interval(statistic);
  const gain = difference(sweep.score(i, 'market_only', 'tune'), statistic);
  const tune: TuneFigures = {
    id: shortId(configuration),
    configuration: configuration.id,
    rank,
    place: configuration.place ?? rank,
    score: statistic.value,
    half: (high - low) / 2,
    gain: gain.value,
    gainHalf: joint.t === null ? null : joint.t * standardError(gain.pseudo),
    plateau: stays[i]!,
    unconverged: configuration.unconverged ?? false,
    foundAmong,
  };
  const gates =
    configuration.passed === null ? SEALED : gateFigures(context, opened.judged.indexOf(configuration), withChance);
  return { ...tune, ...gates };
}

/** @param i number among those that are not sealed */
function gateFigures({ opened, flips, limits }: RowContext, i: number, withChance: boolean): GateFigures {
  const gates = LOCKED_GATES.map(({ side, split, metric }) => {
    const margins = gateMargins(opened, i, side, split, metric, limits);
    const own = AGAINST.map((against) => conditionOf(against, margins[against]));
    const list = own.map((condition): Condition => {
      const share = flips(side, split, metric, condition.against, i);
      if (condition.flip === null || share === null || !(condition.margin > 0)) return condition;
      return { ...condition, flip: Math.max(condition.flip, share) };
    });
    const why = own.every(({ flip }) => flip !== null) ? null : opened.whyUnsaid(i, side, split, metric);
    return { key: `${side} ${split} ${metric}`, split, margins, why, own: pair(own), list: pair(list) };
  });
  const marginsOf = (split: LockedSplit) =>
    gates.filter((gate) => gate.split === split).flatMap(({ margins }) => AGAINST.map((kind) => margins[kind]));
  const hasEnoughDays = LOCKED_SPLITS.every((split) => opened.q(split) >= MIN_BLOCKS);
  const ownGates = gates.map(({ own }) => gateOf(own));
  const listGates = gates.map(({ list }) => gateOf(list));
  const deciding = decidingGate(listGates);
  return {
    passed: opened.judged[i]!.passed,
    gatesPassed: ownGates.filter(({ passed }) => passed === true).length,
    chance: withChance && hasEnoughDays ? verdictChance(LOCKED_SPLITS.map(marginsOf)) : null,
    bounds: verdictBounds(
      ownGates,
      gates.flatMap(({ own }) => own.map(({ flip }) => flip)),
    ),
    decided: isDecided(listGates),
    weakest: deciding === null ? null : listGates[deciding]!.say,
    weakestGate: deciding === null ? null : gates[deciding]!.key,
    noise: ownGates.filter(({ say }) => say !== 'clear').length,
    listNoise: listGates.filter(({ say }) => say !== 'clear').length,
    gates: Object.fromEntries(
      gates.map(({ key, own, list, why }, g) => [
        key,
        {
          ...ownGates[g]!,
          list: listGates[g]!,
          conditions: conditionsOf(own, list),
          ...(why === null ? {} : { why }),
        },
      ]),
    ),
  };
}

function conditionsOf(own: readonly Condition[], list: readonly Condition[]): ConditionOfRow[] {
  return own.map((condition, c) => {
    const { flip } = list[c]!;
    return { ...condition, say: wordOf(condition.flip), list: { flip, say: wordOf(flip) } };
  });
}

function pair(conditions: readonly Condition[]): readonly [Condition, Condition] {
  const [first, second] = conditions;
  if (first === undefined || second === undefined) throw new RangeError('a gate has two conditions');
  return [first, second];
}
