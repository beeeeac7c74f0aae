import { countOf, countText } from '../counts.ts';
import { LOCKED_SPLITS } from '../trust/losses.ts';
import type { SweepTrust, TrustStatement } from '../trust/trust-of-sweep.ts';
import type { ConditionOfRow, TrustRow } from '../trust/trust-row.ts';
import { budgetLines } from './budget-text.ts';
import { hintedCommand } from './command-line.ts';
import { shortGateName } from './gates-text.ts';
import { MISSING, signedText } from './number-text.ts';
import { printable } from './printable.ts';
import type { OutcomeTrust } from './stored-trust.ts';
import { luckAt, type SweepBudget, type SweepLooks } from './sweep-budget.ts';
import { columnsOver, paint, type Screen, tableLines, wrap } from './text-table.ts';
import { trustAnswers } from './trust-answers.ts';
import { explanations } from './trust-explanations.ts';
import { plateauFigures } from './trust-plateau-text.ts';
import { UNCONVERGED_MARK } from './unconverged-text.ts';

/** Everything that may be said of a sweep, for a terminal: first rows, the five questions, what they rest on. */
export function trustText(
  sweep: string,
  trust: SweepTrust,
  screen: Screen,
  explain: boolean,
  budget: SweepBudget | null = null,
): string {
  const name = printable(sweep);
  if ('refused' in trust) {
    return [
      `${name}  ${countOf(trust.configurations, 'configuration')}`,
      trust.refused,
      ...trust.notes.flatMap((note) => wrap(note, screen.width - 2)).map((line) => `  ${line}`),
      ...notJudgedLines(trust, screen),
      '',
    ].join('\n');
  }
  return [
    `${name}  ${countOf(trust.configurations, 'configuration')}, ${countText(trust.distinct)} of them distinct`,
    '',
    ...rowLines(trust.rows, screen),
    '',
    ...believeLines(trust, screen, budget),
    '',
    ...gateLines(trust, screen, budget),
    '',
    ...lockedLines(trust, screen),
    '',
    ...(budget === null ? [] : [...budgetLines(budget, screen), '']),
    ...figureLines(trust, screen),
    ...(explain ? ['', ...explanations(screen.width)] : []),
    '',
  ].join('\n');
}

/** The five questions with their answers, in words that a specification allows: below each leaderboard. */
export function believeLines(trust: TrustStatement, screen: Screen, budget: SweepLooks | null = null): string[] {
  const { about, answers } = trustAnswers(trust, budget, hintedCommand(screen, ['unseal', 'ID']));
  return [
    paint('bold', 'can this be believed?', screen.color),
    ...about.flatMap((line) => wrap(line, screen.width - 2)).map((line) => `  ${line}`),
    ...answers.flatMap(({ question, answer }) => hanging(question, answer, screen.width)),
    ...notJudgedLines(trust, screen),
  ];
}

/** What the verdict column says: the stored verdict, and whether these days decide it. */
function verdictWords({ passed, unconverged, decided, foundAmong }: TrustRow): string {
  if (passed === null) return 'sealed';
  if (unconverged) return `unconverged ${UNCONVERGED_MARK}`;
  const verdict = passed ? 'PASS' : 'not ready';
  const doubt = decided ? '' : passed ? ', undecided' : ' (the days cannot settle it)';
  return `${verdict}${doubt}${foundAmong === null ? '' : `, found among ${countText(foundAmong)}`}`;
}

function rowLines(rows: readonly TrustRow[], screen: Screen): string[] {
  const { left, right } = columnsOver(rows);
  const columns = [
    right('#', ({ place }) => String(place)),
    left('id', ({ id }) => printable(id)),
    left('tune mae', ({ score, half }) => `${score.toFixed(3)} ±${half.toFixed(3)}`),
    left('', ({ plateau }) => (plateau ? '=' : '')),
    left(
      'gain vs market',
      ({ gain, gainHalf }) => signedText(gain) + (gainHalf === null ? '' : ` ±${gainHalf.toFixed(3)}`),
    ),
    right('gates', gatesText),
    left('weakest', ({ weakest }) => weakest ?? MISSING),
    left('verdict', verdictWords, { mayBeCut: true, style: ({ passed }) => (passed === true ? 'green' : undefined) }),
  ];
  return tableLines(columns, screen);
}

/** The gates of the first pass, or of the first row. */
function gateLines(trust: TrustStatement, screen: Screen, budget: SweepBudget | null): string[] {
  const { rows } = trust;
  const first = rows.find(({ passed }) => passed === true) ?? rows.find(({ passed }) => passed !== null);
  return first === undefined ? [] : gatesOfRow(first, trust, screen, budget);
}

/**
 * Every gate of a row in detail, a line for each of its two conditions: margin ± se, how probably it is wrong, and what the
 * best of all looks gains by luck alone. The condition that speaks for its gate is marked.
 */
function gatesOfRow(row: TrustRow, trust: TrustStatement, screen: Screen, budget: SweepBudget | null): string[] {
  const lines = Object.entries(row.gates).flatMap(([name, gate]) =>
    gate.conditions.map((condition, c) => ({
      name,
      ...condition,
      isFirst: c === 0,
      speaks: gate.of === condition.against,
    })),
  );
  const { left, right } = columnsOver(lines);
  const luckOf = ({ name, against, margin }: (typeof lines)[number]): string => {
    const place = name.replace(/ mae$/, '');
    const found = luckAt(trust, budget, place);
    // Regressor axes, which are what is chosen among, move no AUC.
    if (found === undefined) return MISSING;
    const luck = against === 'limit' ? found.luck95 : found.luck95MarketOnly;
    if (!Number.isFinite(luck)) return MISSING;
    return `${margin > 0 ? (margin > luck ? 'beyond ' : 'inside ') : ''}${luck.toFixed(4)}`;
  };
  const columns = [
    left(`gates of ${printable(row.id)}`, ({ name, isFirst }) => (isFirst ? name : ''), {
      narrow: ({ name, isFirst }) => (isFirst ? shortGateName(name) : ''),
    }),
    left('against', ({ against, speaks }) => `${against}${speaks ? ' *' : ''}`, {
      narrow: ({ against, speaks }) => `${against.replace('_only', '')}${speaks ? ' *' : ''}`,
    }),
    right('margin', marginText),
    right('flip', ({ flip }) => shareText(flip)),
    left('says', ({ say }) => sayText(say)),
    right(['flip in the list', 'in list'], ({ list }) => shareText(list.flip)),
    left('says', ({ list }) => sayText(list.say), { priority: 'wanted', hiddenAs: 'says in the list' }),
    right(['luck 95%', 'luck'], luckOf, { priority: 'wanted', givesWay: 1 }),
  ];
  const { chance, bounds } = row;
  const reasons = new Set(Object.values(row.gates).flatMap(({ why }) => why ?? []));
  const chanceText =
    bounds === null
      ? 'chance of PASS: cannot be told'
      : `chance of PASS about ${shareText(chance)}, were the truths unrelated and any value equally likely beforehand; ` +
        `between ${shareText(bounds[0])} and ${shareText(bounds[1])} given the flips`;
  return [
    ...tableLines(columns, screen),
    ...wrap('*: the condition that speaks for its gate', screen.width),
    ...[...reasons].flatMap((why) => wrap(`${MISSING}: ${why}`, screen.width)),
    ...wrap(chanceText, screen.width),
  ];
}

/** `+0.0402 ±0.0081`; where every block says the same there is no noise to tell. */
function marginText({ margin, se }: ConditionOfRow): string {
  if (!Number.isFinite(margin)) return MISSING;
  const noise = se === 0 ? ' identical' : Number.isFinite(se) ? ` ±${se.toFixed(4)}` : '';
  return `${signedText(margin, 4)}${noise}`;
}

function sayText(say: ConditionOfRow['say']): string {
  return say === 'null' ? MISSING : say;
}

/** Those that can be told; 8 but where days are too few or all of one class. */
function gatesText({ gatesPassed, gates }: TrustRow): string {
  if (gatesPassed === null) return 'sealed';
  return `${gatesPassed}/${Object.values(gates).filter(({ passed }) => passed !== null).length}`;
}

/** Below one verdict in full: its place among the sweep's, and its gates with their noise. */
export function rowTrustText({ sweep, row, statement: trust, budget }: OutcomeTrust, screen: Screen): string {
  const indented = { ...screen, width: screen.width - 2 };
  const half = row.half.toFixed(3);
  const gain = `${signedText(row.gain)}${row.gainHalf === null ? '' : ` ±${row.gainHalf.toFixed(3)}`}`;
  const among = countText(trust.configurations - trust.notJudged.length);
  const mayBeBest = row.plateau ? '; these days cannot tell it from the first' : '';
  return [
    '',
    paint('bold', `can it be believed? (among the ${among} of ${printable(sweep)})`, screen.color),
    ...[
      `rank ${countText(row.place)} by tune: mae ${row.score.toFixed(5)} ±${half}, gain vs market ${gain}${mayBeBest}`,
      `verdict: ${verdictWords(row)}`,
    ].flatMap((text) => wrap(text, indented.width).map((line) => `  ${line}`)),
    ...(row.passed === null ? [] : gatesOfRow(row, trust, indented, budget).map((line) => `  ${line}`)),
    '',
  ].join('\n');
}

function lockedLines({ locked, sealed }: TrustStatement, screen: Screen): string[] {
  if (Object.keys(locked).length === 0) return [`locked splits: ${countText(sealed)} sealed, none looked at`];
  const { left, right } = columnsOver(Object.entries(locked));
  const columns = [
    left('locked split', ([name]) => name),
    right('blocks', ([, { blocks }]) => String(blocks)),
    right('mae ratio', ([, { ratio }]) => `${ratio[0].toFixed(3)} to ${ratio[1].toFixed(3)}`),
    right('se', ([, { se }]) => figureText(se)),
    right('resolution', ([, { resolution }]) => figureText(resolution)),
    right(['luck 95%', 'luck'], ([, { luck95 }]) => figureText(luck95)),
    right(['luck 95% of a gain', 'of a gain'], ([, { luck95MarketOnly }]) => figureText(luck95MarketOnly)),
    right('tries', ([, { nEff, blocks }]) => (nEff > blocks ? `>${blocks}` : figureText(nEff, 1)), {
      priority: 'wanted',
    }),
  ];
  return tableLines(columns, screen);
}

/** The figures behind the answers, by the names of their formulas. */
function figureLines(trust: TrustStatement, screen: Screen): string[] {
  const { luck, luckGain, jointGain, skewness, overfit } = trust;
  const [lowest, highest] = trust.best.interval;
  const figures: [string, string][] = [
    [
      'best by tune',
      `${trust.best.id}, ${trust.best.score.toFixed(5)} (95% ${lowest.toFixed(3)} to ${highest.toFixed(3)})`,
    ],
    [
      'best of N, p',
      `${trust.pConstant.toFixed(4)} against the constant, ${trust.pMarketOnly.toFixed(4)} against market_only`,
    ],
    ['StepM count', `${trust.beatConstant} against the constant, ${trust.beatMarketOnly} against market_only`],
    [
      'luck of the best',
      `${luck.expected.toFixed(4)} expected, 95% ${luck.q95.toFixed(4)}; of a gain ${luckGain.expected.toFixed(4)}, 95% ${luckGain.q95.toFixed(4)}`,
    ],
    [
      'effective tries',
      `${luck.nEff.toFixed(2)}; of gains ${luckGain.nEff.toFixed(2)}; entropy ${luck.entropy.toFixed(2)}`,
    ],
    ['joint gain', `c ${numberText(jointGain.critical)}, half widths ${numberText(jointGain.t)} standard errors`],
    ...plateauFigures(trust),
    [
      'choice',
      overfit === null
        ? MISSING
        : `PBO ${overfit.pbo.toFixed(3)}, gain ${signedText(overfit.gain, 4)}, p ${overfit.pGain.toFixed(3)}, ${countOf(overfit.combinations, 'half', 'halves')} of ${countOf(overfit.distinct, 'distinct row')}`,
    ],
    ['skewness', `${rangeText(skewness.constant)} (constant), ${rangeText(skewness.marketOnly)} (market_only)`],
    ['looks', LOCKED_SPLITS.map((split) => `${split} ${trust.looks[split]}`).join(', ')],
    ['statistics', `version ${trust.statistics}`],
  ];
  return figures.flatMap(([name, text]) => hanging(name, text, screen.width));
}

function notJudgedLines({ notJudged, notJudgedWhy }: SweepTrust, screen: Screen): string[] {
  if (notJudged.length === 0) return [];
  const more = notJudged.length > SHOWN_IDS ? ` and ${countText(notJudged.length - SHOWN_IDS)} more` : '';
  const reasons = Object.entries(notJudgedWhy).map(([why, count]) => `${countText(count)}: ${why}`);
  const text = `not judged: ${notJudged.slice(0, SHOWN_IDS).map(printable).join(' ')}${more} (${reasons.join('; ')})`;
  return wrap(text, screen.width - 2).map((line) => `  ${line}`);
}

const SHOWN_IDS = 6;

const QUESTION_WIDTH = 24;

/** A name, and its text beside it, broken between words where the screen ends. */
function hanging(name: string, text: string, width: number): string[] {
  const lines = wrap(text, Math.max(30, width - QUESTION_WIDTH - 2));
  return lines.map((line, i) => `  ${(i === 0 ? name : '').padEnd(QUESTION_WIDTH)}${line}`);
}

function shareText(share: number | null): string {
  if (share === null) return MISSING;
  return share > 0 && share < 0.0005 ? '<0.001' : share.toFixed(3);
}

/** What is not finite was not said. */
function figureText(value: number, digits = 3): string {
  return Number.isFinite(value) ? value.toFixed(digits) : MISSING;
}

function numberText(value: number | null): string {
  return value === null ? MISSING : value.toFixed(3);
}

function rangeText([low, high]: readonly [number, number]): string {
  return `${signedText(low, 1)} to ${signedText(high, 1)}`;
}
