import { countOf, countText } from '../counts.ts';
import type { SplitBudget } from '../trust/looks-budget.ts';
import { LOCKED_SPLITS, TRUST_SIDES } from '../trust/losses.ts';
import { MISSING } from './number-text.ts';
import { printable } from './printable.ts';
import type { SweepBudget, SweepLooks } from './sweep-budget.ts';
import { columnsOver, type Screen, tableLines, wrap } from './text-table.ts';

/** What was spent of the locked splits, and what luck makes of so many looks. */
export function budgetLines(budget: SweepBudget, screen: Screen): string[] {
  const rows = LOCKED_SPLITS.flatMap((split) => TRUST_SIDES.map((side) => ({ split, side, of: budget[split] })));
  const { left, right } = columnsOver(rows);
  const luckOf = ({ of, side }: (typeof rows)[number]) => of.luck?.[side];
  const number = (value: number | undefined) => (value === undefined ? MISSING : value.toFixed(3));
  const columns = [
    left('looks at', ({ split, side }) => `${side} ${split}`),
    right('looks', ({ of }) => countText(of.looks)),
    right(['under any label', 'any label'], ({ of }) => countText(of.anyLabel)),
    right(['luck 95%', 'luck'], (row) => number(luckOf(row)?.luck95)),
    right(['luck 95% of a gain', 'of a gain'], (row) => number(luckOf(row)?.luck95MarketOnly)),
    right('tries', (row) => luckOf(row)?.nEff.toFixed(1) ?? MISSING, { priority: 'wanted' }),
  ];
  const notes = LOCKED_SPLITS.flatMap((split) => [
    ...ladderText(split, budget[split]),
    ...(budget[split].key === null && budget[split].looks > 0
      ? [`${split}: what it is of is not in the store yet: looks at these data alone; the next sweep run adds it`]
      : []),
  ]);
  return [...tableLines(columns, screen), ...notes.flatMap((note) => wrap(note, screen.width))];
}

function ladderText(split: string, { ladder, sameKey }: SplitBudget): string[] {
  if (ladder === null) return [];
  const { told, configuration, moves, lowest } = ladder;
  const first = `told best of ${split}: mae ${told.toFixed(5)} (${printable(configuration.slice(0, 7))}), ${countOf(moves, 'move')} in ${countOf(sameKey, 'look')}`;
  return [
    lowest < told ? `${first}; the lowest measured, ${lowest.toFixed(5)}, is not better beyond its noise` : first,
  ];
}

/** `, 514 times with others` where more was spent than by the sweep alone; empty where not. */
export function moreLooksText(bySweep: number, budget: SweepLooks | null): string {
  if (budget === null) return '';
  const most = Math.max(...LOCKED_SPLITS.map((split) => budget[split].looks));
  const any = Math.max(...LOCKED_SPLITS.map((split) => budget[split].anyLabel));
  return [
    ...(most > bySweep ? [`, ${countText(most)} times in all`] : []),
    ...(any > most ? [`, ${countText(any)} under any label definition`] : []),
  ].join('');
}
