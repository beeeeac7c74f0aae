import { countOf, countText, wordFor } from '../../counts.ts';
import { GATES } from '../../experiment/gates.ts';
import type { CarryOverFacts, CheckFacts, CheckName, GateFacts } from '../../page-data/report.ts';
import { LOCKED_SPLITS } from '../../trust/losses.ts';
import type { SweepTrust, TrustStatement } from '../../trust/trust-of-sweep.ts';
import type { TrustRow } from '../../trust/trust-row.ts';
import { luckAt, type SweepBudget } from '../sweep-budget.ts';
import { splitLabel } from './carry-over.ts';
import { distinctPasses } from './distinct-results.ts';
import { gateLabel, hardestGate } from './gate-matrix.ts';
import { gridEdges } from './grid-edges.ts';
import { safestPass } from './named-configurations.ts';
import type { ReportTable } from './report-table.ts';
import { listText, marginWords, percentText, rhoText, signedWords } from './words.ts';

/** What the checks are made of. */
export type CheckSource = {
  readonly table: ReportTable;
  readonly gates: readonly GateFacts[];
  readonly carryOver: CarryOverFacts;
  /** Null where the store does not know the sweep's days. */
  readonly trust: SweepTrust | null;
  /** What may be believed of rows, by configuration. */
  readonly rows: ReadonlyMap<string, TrustRow>;
  /** Configurations that were ever judged on the locked splits of these data. */
  readonly looks: number;
  /** What was spent of the locked splits by all; null where the sweep's own looks are all that are known. */
  readonly budget: SweepBudget | null;
  /** Whether all is judged: before it, nothing is ✓. */
  readonly isFinal: boolean;
};

/** Six reasons to doubt, each with its number, and whether it holds. */
export function checkFacts(source: CheckSource): CheckFacts[] {
  const checks = [
    distinctCheck(source),
    edgeCheck(source),
    marginCheck(source),
    carryOverCheck(source),
    marketOnlyCheck(source),
    looksCheck(source),
  ];
  if (source.isFinal) return checks;
  return checks.map((check) => ({
    ...check,
    state: check.state === 'good' ? 'open' : check.state,
    title: `So far: ${check.title}`,
  }));
}

function check(name: CheckName, state: CheckFacts['state'], title: string, text: string): CheckFacts {
  return { name, state, title, text };
}

/** Fewer different results than this share of the passes, and passes are counted more than once. */
const MOSTLY_DISTINCT = 0.75;

function distinctCheck({ table }: CheckSource): CheckFacts {
  const { passes, distinct } = distinctPasses(table);
  if (passes === 0) return check('distinct', 'open', nothing(table), 'There are no passes to tell apart.');
  const isGood = distinct > MOSTLY_DISTINCT * passes;
  return check(
    'distinct',
    isGood ? 'good' : 'doubt',
    `${countOf(distinct, 'different result')} among ${countOf(passes, 'pass', 'passes')}`,
    isGood
      ? 'Hardly any two passes are the same fit.'
      : 'The others repeat one of these to five digits (tune, locked and stress): an axis that changes nothing multiplies passes, not evidence.',
  );
}

function edgeCheck({ table }: CheckSource): CheckFacts {
  if (!table.verdicts.includes('pass')) return check('edge', 'open', nothing(table), 'There is no place to look at.');
  const edges = gridEdges(table);
  if (edges.length === 0) {
    return check(
      'edge',
      'good',
      'Passes lie inside the grid',
      'No axis has most of its passes at its largest or smallest value.',
    );
  }
  const places = edges.map(
    ({ kind, label, text, end, share }) =>
      `${share === 1 ? 'all' : `${percentText(share)} of`} ${kind} passes have ${label.replace(`${kind} `, '')} ${text}, the ${end} tried`,
  );
  return check(
    'edge',
    'doubt',
    'Passes sit at the grid’s edge',
    `${places.join('; ').replace(/^a/, 'A')}. Extend the grid before believing the optimum.`,
  );
}

function marginCheck({ table, gates, rows }: CheckSource): CheckFacts {
  const count = gates[0]!.of;
  if (table.judged.length === 0) return check('margin', 'open', 'Nothing was judged', 'There are no margins yet.');
  if (count === 0) return check('margin', 'open', 'Gates are sealed', 'Nobody has looked at their margins.');
  const hardest = hardestGate(gates);
  const gate = `The hardest gate is ${hardest.label}: ${countText(hardest.passed)} of ${countText(count)} meet it.`;
  const row = safestPass(table);
  if (row === -1) return check('margin', 'doubt', 'No configuration meets all eight gates', gate);
  const { configurationId, smallestMargin } = table.judged[row]!;
  const title = `Largest margin of any pass: ${marginWords(smallestMargin!)}`;
  const trust = rows.get(configurationId);
  if (trust === undefined || trust.weakest === null) {
    return check('margin', 'open', title, `Smallest gate distance of the safest pass. ${gate}`);
  }
  const says = trust.decided
    ? 'it is clear of the noise of its days'
    : `its gate that decides reads ${trust.weakest}: other days could undo it`;
  return check(
    'margin',
    trust.decided ? 'good' : 'doubt',
    title,
    `Smallest gate distance of the safest pass; ${says}. ${gate}`,
  );
}

/** Below this, the order of one split says little of the other's. */
const CARRIES = 0.5;
/** Of fewer rows within an ages set nothing is concluded. */
const ENOUGH_ROWS = 8;

function carryOverCheck({ carryOver, trust, table }: CheckSource): CheckFacts {
  const rhos = carryOver.splits.map(({ split, rho }) => `${rhoText(rho)} ${splitLabel(split).toLowerCase()}`);
  if (isSealed(table)) {
    return check('carry-over', 'open', 'Tune’s order on later splits: sealed', 'Nobody has looked at them.');
  }
  if (carryOver.splits.every(({ rho }) => rho === null)) {
    return check(
      'carry-over',
      'open',
      'Tune’s order on later splits: nothing to compare',
      'Too few different results.',
    );
  }
  const within = carryOver.splits.map(
    ({ split, within: sets }) =>
      `${splitLabel(split).toLowerCase()} ${sets.map(({ ages, rho }) => `${rhoText(rho)} (${ages})`).join(', ')}`,
  );
  const all = carryOver.splits.flatMap(({ rho, within: sets }) => [
    rho,
    ...sets.filter(({ count }) => count >= ENOUGH_ROWS).map(({ rho: inner }) => inner),
  ]);
  const isGood = all.every((rho) => rho === null || rho >= CARRIES);
  const plateau = isStatement(trust) ? trust.plateau : null;
  const ties =
    isStatement(trust) && plateau !== null && plateau.n > 1
      ? ` ${countOf(trust.days.tune, 'day')} of tune cannot tell ${plateau.n === trust.configurations ? 'any of the' : `${countText(plateau.n)} of the`} ${countText(trust.configurations)} from the first.`
      : '';
  return check(
    'carry-over',
    isGood ? 'good' : 'doubt',
    `Tune’s order on later splits: ρ ${rhos.join(', ')}`,
    `Within one ages set: ${within.join('; ')}.${ties}`,
  );
}

function marketOnlyCheck({ trust, table, rows }: CheckSource): CheckFacts {
  if (!isStatement(trust)) {
    const reason =
      trust === null
        ? `${table.judged.length === 0 ? 'Nothing is judged yet' : 'The store does not know the days of its datasets'}.`
        : `${trust.refused.replace(/^./, (letter) => letter.toUpperCase())}.`;
    return check('market-only', 'open', 'State against market_only: cannot be told from noise', reason);
  }
  const { beatMarketOnly, configurations, pMarketOnly, days } = trust;
  const first = rows.get(table.judged[0]!.configurationId);
  const gain =
    first === undefined
      ? ''
      : ` The best by tune saves ${signedWords(first.gain, 3)}${first.gainHalf === null ? '' : ` ± ${first.gainHalf.toFixed(3)}`} of the constant’s MAE over market_only, joint over all rows.`;
  const isGood = beatMarketOnly > 0;
  return check(
    'market-only',
    isGood ? 'good' : 'doubt',
    isGood
      ? `State beats market_only beyond day noise in ${countText(beatMarketOnly)} of ${countText(configurations)}`
      : 'No sign that state beats market_only',
    `On tune’s ${countOf(days.tune, 'day')}, all rows at once at 5\u00a0% (p ${pMarketOnly.toFixed(3)}).${gain}`,
  );
}

function looksCheck({ trust, table, rows, looks, budget }: CheckSource): CheckFacts {
  const row = safestPass(table);
  const pass = row === -1 ? undefined : rows.get(table.judged[row]!.configurationId);
  const statement = isStatement(trust) ? trust : null;
  const own = statement === null ? looks : Math.max(...LOCKED_SPLITS.map((split) => statement.looks[split]));
  const count = budget === null ? own : Math.max(...LOCKED_SPLITS.map((split) => budget[split].looks));
  const title = `${countOf(count, 'look')} at the locked splits${count > own ? `, ${countText(own)} of them by this sweep` : ''}`;
  const tries = 'A pass is the best of that many tries, not one forecast.';
  if (count === 0) return check('looks', 'good', title, 'Nobody has looked at them yet.');
  if (count === 1) return check('looks', 'good', title, 'They were looked at once, as they are meant to be.');
  if (statement === null || pass === undefined) {
    return check('looks', 'doubt', title, `${countOf(looks, 'configuration')} were judged on these data. ${tries}`);
  }
  const inside = insideLuck(statement, budget, pass);
  return check(
    'looks',
    inside.length === 0 ? 'good' : 'doubt',
    title,
    inside.length === 0
      ? `${tries} Even so, the safest pass clears its MAE gates by more than the best of them gains by luck alone (95\u00a0%).`
      : `${tries} Of the safest pass, ${listText(inside)} ${wordFor(inside.length, 'is', 'are')} within what the best of them gains by luck alone (95\u00a0%).`,
  );
}

/** Whether nobody has looked at any gate. */
function isSealed({ verdicts }: ReportTable): boolean {
  return verdicts.length > 0 && verdicts.every((verdict) => verdict === 'sealed');
}

function nothing(table: ReportTable): string {
  return isSealed(table) ? 'Gates are sealed' : 'Nothing passes';
}

/** MAE gates whose margin is no larger than luck's 95 % point: regressor axes, which are chosen among, move no AUC. */
function insideLuck(statement: TrustStatement, budget: SweepBudget | null, row: TrustRow): string[] {
  return GATES.flatMap(({ side, split, metric }, g) => {
    if (metric === 'continue_auc') return [];
    const place = `${side.toLowerCase()} ${split}`;
    const gate = row.gates[`${place} mae`];
    const luck = luckAt(statement, budget, place);
    if (gate === undefined || luck === undefined) return [];
    const { of, margin } = gate;
    const { luck95, luck95MarketOnly } = luck;
    return margin > (of === 'limit' ? luck95 : luck95MarketOnly) ? [] : [gateLabel(g)];
  });
}

export function isStatement(trust: SweepTrust | null): trust is TrustStatement {
  return trust !== null && !('refused' in trust);
}
