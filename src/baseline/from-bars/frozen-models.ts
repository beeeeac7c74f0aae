import { UserError } from '../../user-error.ts';
import { FIT_SPLIT, SIDES, type Side } from '../splits.ts';
import type { BuildPlan } from './build-plan.ts';
import { fitRidge } from './fit-ridge.ts';
import { fitSoftmax, type SoftmaxFit } from './fit-softmax.ts';
import { foldMoments, type LinearHead } from './linear-head.ts';
import { pathTargets } from './path-outcomes.ts';
import { type StandardizedRows, standardizedRows } from './standardized-rows.ts';
import { type FrameRow, type SymbolFrame, usableRows } from './symbol-frame.ts';

/** Rows a frozen model learns from at most; with more, every k-th. */
export const MAX_FIT_ROWS = 20_000;
/** Penalty of the classifiers on the mean loss, and of the regressors by row (ridge alpha = this · rows). */
export const CLASSIFIER_L2 = 0.002;
export const RIDGE_ALPHA_PER_ROW = 0.02;
/** Returns learnt from are clipped to ±this, so that a crash does not decide the expected edge of every other minute. */
export const RETURN_CLIP_BPS = 200;

/** The classes of the direction model, in the order of its columns. */
const DIRECTION_CLASSES = ['long', 'short', 'neutral'] as const;

export type EntryHeadName = `${Lowercase<Side>}_entry_prob` | `${Lowercase<Side>}_expected_net_edge_bps`;

export type FrozenModels = {
  /** Scores whose softmax are the probabilities of DIRECTION_CLASSES. */
  readonly direction: LinearHead;
  /** Probabilities by the sigmoid of the score; expected edges are the score itself, bps after cost. */
  readonly entry: { readonly [name in EntryHeadName]: LinearHead };
  readonly training: FrozenTraining;
};

export type FrozenTraining = {
  readonly rowCount: number;
  readonly classCounts: { readonly [name in (typeof DIRECTION_CLASSES)[number]]: number };
  readonly fits: { readonly [name: string]: Pick<SoftmaxFit, 'iterations' | 'gradMaxAbs'> };
};

/**
 * The baseline's direction and entry models: linear in the raw market features, trained on `fit_inner` alone. A bar is
 * `long` or `short` when that side's entry label would be 1 (never both, while cost and least edge are above 0), else
 * `neutral`.
 *
 * @throws UserError when a class has no row in fit_inner
 */
export function trainFrozenModels(frames: readonly SymbolFrame[], plan: BuildPlan): FrozenModels {
  const rows = usableRows(frames, FIT_SPLIT, (frame) => frame.entryOutcomes, MAX_FIT_ROWS);
  if (rows.length === 0)
    throw new UserError(`entry labels: no bar of ${FIT_SPLIT} has history and a label. Give more bars`);
  const targets = entryTargets(frames, rows, plan);
  const classes = rows.map((_, i) => (targets.LONG[i] === 1 ? 0 : targets.SHORT[i] === 1 ? 1 : 2));
  const classCounts = countClasses(classes);
  const x = standardizedRows(rows);
  const direction = fitSoftmax(x, Uint8Array.from(classes), DIRECTION_CLASSES.length, CLASSIFIER_L2);
  const [long, short] = SIDES.map((side) => fitSoftmax(x, targets[side], 2, CLASSIFIER_L2));
  const edge = (side: Side): LinearHead => foldMoments(fitEdge(x, rows, side, plan.costBps), 1, x.moments);
  return {
    direction: foldMoments(direction.coef, DIRECTION_CLASSES.length, x.moments),
    entry: {
      long_entry_prob: foldMoments(logOdds(long!, x), 1, x.moments),
      short_entry_prob: foldMoments(logOdds(short!, x), 1, x.moments),
      long_expected_net_edge_bps: edge('LONG'),
      short_expected_net_edge_bps: edge('SHORT'),
    },
    training: {
      rowCount: rows.length,
      classCounts,
      fits: { direction: summary(direction), long_entry_prob: summary(long!), short_entry_prob: summary(short!) },
    },
  };
}

/** Coefficients of the log odds of class 1 against class 0. */
export function logOdds(fit: SoftmaxFit, { nColumns }: StandardizedRows): Float64Array {
  return fit.coef.slice(nColumns).map((c, j) => c - fit.coef[j]!);
}

function entryTargets(
  frames: readonly SymbolFrame[],
  rows: readonly FrameRow[],
  plan: BuildPlan,
): { [side in Side]: Uint8Array } {
  const rule = { ...plan, minExpectedEdgeBps: plan.minExpectedEntryEdgeBps };
  const byFrame = new Map(frames.map((frame) => [frame, pathTargets(frame.entryOutcomes, rule)]));
  const of = (side: Side): Uint8Array => Uint8Array.from(rows, ({ frame, bar }) => byFrame.get(frame)![side][bar]!);
  return { LONG: of('LONG'), SHORT: of('SHORT') };
}

function countClasses(classes: readonly number[]): FrozenTraining['classCounts'] {
  const counts = { long: 0, short: 0, neutral: 0 };
  for (const code of classes) counts[DIRECTION_CLASSES[code]!] += 1;
  for (const name of DIRECTION_CLASSES) {
    if (counts[name] > 0) continue;
    throw new UserError(
      `entry labels: the direction model needs long, short and neutral bars in ${FIT_SPLIT}, ` +
        `got ${counts.long}, ${counts.short} and ${counts.neutral}. ` +
        'Give more bars, or other values for cost, stop, entry horizon and least entry edge',
    );
  }
  return counts;
}

function fitEdge(x: StandardizedRows, rows: readonly FrameRow[], side: Side, costBps: number): Float64Array {
  const edge = Float64Array.from(rows, ({ frame, bar }) => {
    const returnBps = frame.entryOutcomes.bySide[side].returnBps[bar]!;
    return Math.min(Math.max(returnBps, -RETURN_CLIP_BPS), RETURN_CLIP_BPS) - costBps;
  });
  return fitRidge(x, edge, RIDGE_ALPHA_PER_ROW * rows.length);
}

function summary({ iterations, gradMaxAbs }: SoftmaxFit): Pick<SoftmaxFit, 'iterations' | 'gradMaxAbs'> {
  return { iterations, gradMaxAbs };
}
