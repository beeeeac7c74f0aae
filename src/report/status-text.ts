import { countOf, countText } from '../counts.ts';
import type { WaitingAudits } from '../distributed/queue-states.ts';
import type { MachinesStatus, SweepStatus } from '../distributed/status.ts';
import type { ActiveRun, Alarm } from '../store/postgres/activity.ts';
import { durationText, MISSING } from './number-text.ts';
import { printable } from './printable.ts';
import { roughDuration } from './sweep-tally.ts';
import { columnsOver, type Screen, tableLines } from './text-table.ts';

const MOST_ALARMS = 10;

/** What `sweep status` prints. */
export function statusText(status: MachinesStatus, screen: Screen): string {
  const { sweeps, audits, runs, alarms } = status;
  if (sweeps.length === 0)
    return `no sweeps in this database yet. ${screen.program ?? 'sweep'} run FILE --engine URL\n`;
  return [
    ...sweepLines(sweeps, screen),
    ...audits.map(auditLine),
    '',
    ...(runs.length === 0 ? ['nobody is at work'] : hostLines(runs, screen)),
    ...(alarms.length === 0 ? [] : ['', ...alarmLines(alarms)]),
    '',
  ].join('\n');
}

function sweepLines(sweeps: readonly SweepStatus[], screen: Screen): string[] {
  const { left, right } = columnsOver(sweeps);
  const slices = (read: (state: NonNullable<SweepStatus['slices']>) => number) => (sweep: SweepStatus) =>
    sweep.slices === null ? MISSING : countText(read(sweep.slices));
  const columns = [
    left('sweep', ({ summary }) => printable(summary.name)),
    right(['configurations', 'total'], ({ summary }) => countText(summary.configurationCount)),
    right('pending', ({ summary }) => countText(summary.pendingCount)),
    right('error', ({ summary }) => countText(summary.errorCount)),
    right(
      'waiting',
      slices(({ waiting }) => waiting),
    ),
    right(
      'active',
      slices(({ active }) => active),
    ),
    right(
      'done',
      slices(({ completed }) => completed),
    ),
    right(
      'dead',
      slices(({ dead }) => dead),
    ),
    right(['an_hour', '/h'], ({ perHour }) => (perHour === null ? MISSING : countText(Math.round(perHour)))),
    right('left', ({ leftMs }) => (leftMs === null ? MISSING : roughDuration(leftMs))),
  ];
  return tableLines(columns, screen);
}

function auditLine({ sweep, judgedBy, slices }: WaitingAudits): string {
  return `audit: ${countOf(slices, 'slice')} of ${printable(sweep)} for another host than ${printable(judgedBy)}`;
}

function hostLines(runs: readonly ActiveRun[], screen: Screen): string[] {
  const { left, right } = columnsOver(runs);
  const columns = [
    left('host', ({ host }) => printable(host ?? 'not told')),
    left('sweep', ({ sweep }) => printable(sweep)),
    right('judged', ({ judged }) => countText(judged)),
    left('heard', ({ quietSeconds, isSilent }) => {
      return `${durationText(1000 * quietSeconds)} ago${isSilent ? ': taken for dead' : ''}`;
    }),
    left('run', ({ runId }) => printable(runId), { priority: 'extra' }),
  ];
  return tableLines(columns, screen);
}

function alarmLines(alarms: readonly Alarm[]): string[] {
  const short = (digest: string) => digest.slice(0, 12);
  const who = (host: string | null) => (host === null ? '' : ` by ${printable(host)}`);
  const more = alarms.length - MOST_ALARMS;
  return [
    `ALARM: ${countOf(alarms.length, 'verdict')} came out otherwise on another host; the stored ones stand`,
    ...alarms.slice(0, MOST_ALARMS).map(({ configurationId, storedDigest, storedBy, otherDigest, otherBy }) => {
      return `  ${configurationId}: ${short(storedDigest)}${who(storedBy)}, ${short(otherDigest)}${who(otherBy)}`;
    }),
    ...(more > 0 ? [`  and ${countText(more)} more`] : []),
  ];
}

/** For programs. */
export function statusJson({ sweeps, audits, runs, alarms }: MachinesStatus) {
  return {
    sweeps: sweeps.map(({ summary, slices, perHour, leftMs }) => ({
      sweep: summary.name,
      configurations: summary.configurationCount,
      pending: summary.pendingCount,
      error: summary.errorCount,
      slices,
      perHour: perHour === null ? null : Math.round(perHour),
      leftMs: leftMs === null ? null : Math.round(leftMs),
    })),
    audits,
    hosts: runs,
    alarms,
  };
}
