import { countOf, countText } from '../counts.ts';
import { shortHash } from '../short-hash.ts';
import type { RunHistory } from '../store/records.ts';
import { durationText } from './number-text.ts';
import { printable, printableJson } from './printable.ts';
import { shardsText } from './shard-text.ts';
import { columnsOver, hiddenText, type Screen, textTable, wrap } from './text-table.ts';

/** The runs of a sweep, for a terminal; the first one first. */
export function historyText(runs: readonly RunHistory[], screen: Screen): string {
  const { left, right } = columnsOver(runs);
  const columns = [
    left('started', ({ startedAt }) => printable(startedAt.slice(0, 'YYYY-MM-DDTHH:MM'.length).replace('T', ' '))),
    right('took', tookText),
    ...(runs.some(({ shard }) => shard !== null)
      ? [left('shard', ({ shard }) => (shard === null ? '' : shardsText([shard])))]
      : []),
    right('configurations', ({ configurationCount }) => countText(configurationCount), { priority: 'wanted' }),
    right('judged', ({ judgedCount }) => countText(judgedCount)),
    right('error', ({ errorCount }) => countText(errorCount)),
    left('ended', ({ outcome, reason }) => printable(reason === null ? outcome : `${outcome}: ${reason}`)),
    left('by', ({ user, host }) => printable([user, host].filter((part) => part !== null).join(' on ') || 'not told'), {
      priority: 'wanted',
    }),
    left('code', ({ code }) => printable(`${code.version} ${shortHash(code.hash)}`), { priority: 'wanted' }),
    left('data', ({ data }) => printable(shortHash(data.hash)), { priority: 'wanted' }),
    left('run', ({ runId }) => printable(runId), { priority: 'extra' }),
  ];
  const { lines, dropped } = textTable(columns, screen);
  const told = [countOf(runs.length, 'run'), ...hiddenText(dropped)].join('; ');
  return [...lines, '', ...wrap(told, screen.width), ''].join('\n');
}

export function historyJson(sweep: string, runs: readonly RunHistory[]): string {
  return printableJson({ sweep, runs });
}

function tookText({ startedAt, finishedAt }: RunHistory): string {
  return finishedAt === null ? '–' : durationText(Date.parse(finishedAt) - Date.parse(startedAt));
}
