import type { Json } from '../canonical-json.ts';
import { countOf, countText } from '../counts.ts';
import type { BarGaps } from '../dataset/state-frame.ts';
import { queueTimes } from '../distributed/queue-names.ts';
import type { QueueRunSummary } from '../distributed/run-on-queue.ts';
import type { AuditSummary, QueueProgress } from '../distributed/sweep-on-queue.ts';
import { commandLine } from '../report/command-line.ts';
import { durationText } from '../report/number-text.ts';
import { printableJson } from '../report/printable.ts';
import { isPostgresUrl } from '../store/postgres/url.ts';
import type { SweepPlan } from '../sweep/plan.ts';
import { UserError } from '../user-error.ts';
import { EXIT, type SetExitCode } from './exit-codes.ts';
import { interruptible } from './interrupt.ts';
import { programName } from './program-name.ts';
import { provenanceOf } from './provenance.ts';
import { note, print } from './terminal.ts';

/** What of `sweep run`'s options is said of a run on other machines. */
export type EngineOptions = {
  engine: string;
  barGaps: BarGaps;
  featureOrder?: string;
  /** false with --no-wait */
  wait: number | false;
  audit: number;
  heartbeat: number;
  fresh: boolean;
  replace: boolean;
  retryErrors: boolean;
  machine: boolean;
  allowErrors: boolean;
  json: boolean;
};

/** @throws UserError naming an option that is for workers alone, or a database where a file is expected */
export function refuseEngineOptions({ db, wait, audit }: Pick<EngineOptions, 'wait' | 'audit'> & { db: string }): void {
  if (isPostgresUrl(db)) {
    throw new UserError(
      `--db: expected a file, got ${db}. Workers judge into a database: ${programName()} run FILE --engine URL`,
    );
  }
  if (wait === false) throw new UserError('--no-wait: with --engine URL. A run on this machine judges by itself');
  if (audit > 0) throw new UserError('--audit: with --engine URL. On this machine: --fresh, or `sweep reproduce ID`');
}

const PLAIN_LINE_MS = 5_000;

/** `sweep run FILE --engine postgres://…`: workers of other machines judge the sweep, and this process follows them. */
export async function runOnEngine(
  plan: SweepPlan,
  definition: Json,
  stored: Json,
  seals: boolean,
  options: EngineOptions,
  setExitCode: SetExitCode,
): Promise<void> {
  if (options.featureOrder !== undefined) {
    throw new UserError(
      '--feature-order: workers have the run as it is. Put the file into the run, or run without --engine',
    );
  }
  if (options.fresh)
    throw new UserError('--fresh: of other machines a share is judged again, with --audit 1 all of it');
  if (options.audit > 0 && options.wait === false) {
    throw new UserError(
      '--audit: sent when everything is judged, which --no-wait does not wait for. Leave one of them out',
    );
  }
  // Loaded where it is asked for: the packages that speak to PostgreSQL are optional.
  const { runOnQueue } = await import('../distributed/run-on-queue.ts');
  const { name } = plan;
  using line = new ProgressLine(name);
  const summary = await interruptible(
    async (signal) =>
      runOnQueue(plan, await provenanceOf(definition, stored, { withMachine: options.machine }), {
        url: options.engine,
        barGaps: options.barGaps,
        replace: options.replace,
        seals,
        retryErrors: options.retryErrors,
        waits: options.wait !== false,
        audit: options.audit,
        times: queueTimes(options.heartbeat),
        signal,
        onNotice: (sentence) => line.say(sentence),
        onProgress: (progress) => line.show(progress),
      }),
    () => line.say('leaving: workers go on with what was sent; the same command follows them again'),
  );
  line[Symbol.dispose]();
  if (options.json) print(printableJson({ sweep: name, engine: options.engine, ...summary }));
  else print(summaryText(name, options.engine, summary));
  if (summary.conflicts > 0) setExitCode(EXIT.differs);
  if (summary.error > 0 && !options.allowErrors) setExitCode(EXIT.error);
  if (!summary.isWhole && options.wait !== false) setExitCode(EXIT.interrupted);
}

function summaryText(name: string, url: string, summary: QueueRunSummary): string {
  const { configurations, known, error, lost, pending, slices, durationMs, conflicts, audit } = summary;
  const program = programName();
  const parts = [`${countText(known)} of ${countOf(configurations, 'configuration')} judged`];
  if (error > 0) parts.push(`${countText(error)} of them error`);
  const lines = [`${name}: ${parts.join(', ')}, ${countOf(slices, 'slice')} sent, in ${durationText(durationMs)}`];
  if (lost > 0) {
    lines.push(
      `${countOf(lost, 'configuration')} given up with their slices: every host that had them died or failed; --retry-errors tries them again`,
    );
  }
  if (pending > 0) lines.push(`${countText(pending)} left. How far it is: ${commandLine(program, ['status', url])}`);
  if (audit.sent + audit.missed > 0) lines.push(auditText(audit));
  lines.push(`leaderboard: ${commandLine(program, ['report', url, '--sweep', name])}`);
  if (conflicts > 0) {
    lines.push(`CONFLICT: ${countOf(conflicts, 'verdict')} came out otherwise than stored; the stored ones stand`);
  }
  return lines.join('\n');
}

function auditText({ sent, left, missed }: AuditSummary): string {
  const parts = [`audit: ${countOf(sent - left, 'slice')} judged again, each by another host`];
  if (left > 0) parts.push(`${countText(left)} left in the queue for another host than the one that has judged them`);
  if (missed > 0) parts.push(`${countText(missed)} could not be judged again`);
  return parts.join('; ');
}

/** Progress on stderr: one line that is drawn again on a terminal, a plain one now and then elsewhere. */
class ProgressLine implements Disposable {
  readonly #name: string;
  readonly #isTerminal = process.stderr.isTTY === true && process.env.TERM !== 'dumb';
  #last = '';
  #saidAt = -Infinity;

  constructor(name: string) {
    this.#name = name;
  }

  say(text: string): void {
    this.#erase();
    note(text);
  }

  show({ configurations, settled, slicesLeft }: QueueProgress): void {
    const share = `${countText(settled)}/${countText(configurations)}`;
    const text = `${this.#name}  ${share} judged  ${countOf(slicesLeft, 'slice')} on the way`;
    const at = performance.now();
    if (this.#isTerminal) process.stderr.write(`\r\x1b[K${text}`);
    else if (text !== this.#last && at - this.#saidAt >= PLAIN_LINE_MS) {
      note(text);
      this.#saidAt = at;
    }
    this.#last = text;
  }

  [Symbol.dispose](): void {
    this.#erase();
    this.#last = '';
  }

  #erase(): void {
    if (this.#isTerminal && this.#last !== '') process.stderr.write('\r\x1b[K');
  }
}
