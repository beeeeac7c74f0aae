import { countOf, countText } from '../counts.ts';
import { FEW_DAYS, MIN_BLOCKS, MIN_JOINT_BLOCKS } from '../trust/constants.ts';
import { LOCKED_SPLITS, TRUST_SIDES, TRUST_SPLITS } from '../trust/losses.ts';
import type { TrustStatement } from '../trust/trust-of-sweep.ts';
import { moreLooksText } from './budget-text.ts';
import { signedText } from './number-text.ts';
import type { SweepLooks } from './sweep-budget.ts';

/** Whether a sweep can be believed: what the answers rest on, and the five questions, in words that a specification allows. */
export type TrustAnswers = {
  readonly about: readonly string[];
  readonly answers: readonly { readonly question: string; readonly answer: string }[];
};

/**
 * @param budget what everybody spent of the locked splits, where that is known
 * @param unseal the command that looks at them, for who reads it
 */
export function trustAnswers(
  trust: TrustStatement,
  budget: SweepLooks | null = null,
  unseal = 'sweep unseal ID',
): TrustAnswers {
  const { configurations, days, blocks, plateau, overfit, luck } = trust;
  const daysInBlocks = TRUST_SPLITS.map(
    (split) => `${split}: ${countOf(days[split], 'day')} in ${countOf(blocks[split], 'block')}`,
  );
  const few = Math.min(...TRUST_SPLITS.map((split) => days[split])) < FEW_DAYS;
  const tooFew = `too few days: ${countOf(blocks.tune, 'block')}, ${MIN_JOINT_BLOCKS} are needed`;
  const work =
    `${trust.beatMarketOnly > 0 ? 'on tune: yes,' : 'no sign of it:'} ${countText(trust.beatConstant)} of ` +
    `${countText(configurations)} beat the constant, ${countText(trust.beatMarketOnly)} beat market_only ` +
    `(p ${trust.pMarketOnly.toFixed(3)})`;
  let best: string;
  if (plateau === null) best = 'nothing to choose';
  else if (plateau.critical === null) best = tooFew;
  else if (!plateau.canDrop) best = 'too few days to drop anyone';
  else if (plateau.n === 1) best = 'the first';
  else {
    const some = plateau.n === configurations ? 'any of the' : `${countText(plateau.n)} of the`;
    best = `cannot be told: ${countOf(days.tune, 'day')} cannot tell ${some} ${countText(configurations)} from the first ("=")`;
  }
  let choosing: string;
  if (overfit === null) choosing = trust.nothingToChoose ? 'nothing to choose' : tooFew;
  else {
    const [low, , high] = overfit.nullPbo;
    choosing =
      `${overfit.pGain <= 0.05 ? 'yes' : 'no sign of it'}: ${signedText(overfit.gain)} on other days (a gain below ` +
      `${overfit.nullGain95.toFixed(3)} would not show); PBO ${overfit.pbo.toFixed(2)}, noise ${low.toFixed(2)} to ${high.toFixed(2)}`;
  }
  const tries =
    `${countOf(configurations, 'configuration')}, ` +
    (luck.nEff > blocks.tune
      ? 'more independent ones than these days can count'
      : `at least ${countOf(Math.ceil(luck.nEff - 1e-6), 'independent one')}`) +
    ` against a fixed limit; ${looksText(trust, budget)}`;
  return {
    about: [
      daysInBlocks.join(', '),
      ...(few
        ? [
            `fewer than ${FEW_DAYS} days: autocorrelation between days cannot be checked; at lag-1 0.3 a 95% interval covers about 85%`,
          ]
        : []),
      ...trust.notes,
    ],
    answers: [
      { question: 'does it work at all?', answer: work },
      { question: 'which is best?', answer: best },
      { question: 'did choosing help?', answer: choosing },
      { question: 'how many tries?', answer: tries },
      { question: 'what would settle it?', answer: settleText(trust, unseal) },
    ],
  };
}

function settleText({ locked, sealed, rows, blocks }: TrustStatement, unseal: string): string {
  if (Object.keys(locked).length === 0)
    return `the locked splits of ${countText(sealed)} are sealed: to look, ${unseal}`;
  const resolutionOf = (split: string): number[] => TRUST_SIDES.map((side) => locked[`${side} ${split}`]!.resolution);
  const worst = (split: string): number => Math.max(...resolutionOf(split));
  const told = LOCKED_SPLITS.filter((each) => blocks[each] >= MIN_BLOCKS);
  if (told.length === 0) return 'too few days on both locked splits';
  const split = told.reduce((a, b) => (worst(b) > worst(a) ? b : a));
  const [long, short] = resolutionOf(split);
  const clear = `on ${split} a measured margin reads clear from ${long!.toFixed(3)} (long) and ${short!.toFixed(3)} (short)`;
  const pass = rows.find(({ passed }) => passed === true);
  if (pass === undefined) return clear;
  const margins = TRUST_SIDES.map((side) => pass.gates[`${side} ${split} mae`]!.margin);
  const times = margins.map((margin, i) =>
    margin > 0 ? twoDigits(Math.max(1, (resolutionOf(split)[i]! / margin) ** 2)) : null,
  );
  return `${clear}; the first PASS has ${margins.map((margin) => margin.toFixed(3)).join(' and ')}: ${moreDaysText(times)}`;
}

/** How many times the days each side needs, LONG first; null where its margin is none, which more days make no clearer. */
export function moreDaysText(times: readonly (string | null)[]): string {
  const needed = times.filter((each) => each !== null);
  if (needed.length === 0) return 'nothing to spare on either side, which no number of days would settle';
  if (needed.length === times.length) return `that needs about ${needed.join(' and ')} times the days`;
  const [able, spent] = times[0] === null ? ['short', 'long'] : ['long', 'short'];
  return `that needs about ${needed[0]} times the days (${able}); ${spent} has nothing to spare, which no number of days would settle`;
}

/** `locked splits looked at 209 times (AUC: 4)`. */
function looksText(trust: TrustStatement, budget: SweepLooks | null): string {
  const { looks, locked, sealed } = trust;
  if (Object.keys(locked).length === 0) {
    const spent = moreLooksText(0, budget);
    return `locked splits sealed, ${spent === '' ? 'never looked at' : `looked at ${spent.slice(2)}`}`;
  }
  const most = Math.max(...LOCKED_SPLITS.map((split) => looks[split]));
  const kept = sealed > 0 ? `, ${countText(sealed)} sealed` : '';
  const more = moreLooksText(most, budget);
  return `locked splits looked at ${countOf(most, 'time')} (AUC: ${countText(aucLooks(trust))})${more}${kept}`;
}

/** Looks at the AUC of a locked split: its distinct datasets, since no regressor axis moves it. */
function aucLooks({ locked }: TrustStatement): number {
  return new Set(Object.values(locked[`long ${LOCKED_SPLITS[1]}`]!.auc).map((auc) => auc.join())).size;
}

function twoDigits(value: number): string {
  return countText(Number(value.toPrecision(2)));
}
