import { countOf, countText, wordFor } from '../counts.ts';
import type { SweepObserver } from '../execution/observer.ts';
import { asciiSigns, printable, truncate } from '../report/printable.ts';
import { SweepTally } from '../report/sweep-tally.ts';
import { summaryOf } from '../store/verdict-summary.ts';
import type { SweepPlan } from '../sweep/plan.ts';
import { note, showsUnicode } from './terminal.ts';

/** How often the line on a terminal is drawn, and how often a plain line is written where there is none. */
const REDRAW_MS = 100;
const PLAIN_LINE_MS = 5000;

/**
 * Progress on stderr: one line that is drawn again on a terminal, a plain line now and then elsewhere. Drawn at each
 * event and by a timer, since a phase may hold the thread for a while, or hear nothing for long.
 */
export class SweepProgress implements Disposable {
  readonly observer: SweepObserver;
  readonly #tally: SweepTally;
  readonly #isTerminal = process.stderr.isTTY === true && process.env.TERM !== 'dumb';
  readonly #timer: NodeJS.Timeout;
  #drawnAt = -Infinity;
  #isDrawn = false;

  constructor(plan: SweepPlan) {
    this.#tally = new SweepTally(plan.name, plan.datasets);
    this.observer = {
      phase: ({ phase, planned }) => {
        this.#tally.enter(phase, planned, performance.now());
        this.#draw(this.#isTerminal);
      },
      datasetBuilt: ({ planned, rowCount, remaining }) => {
        this.#tally.built(planned, remaining);
        const known = planned.configurations.length - remaining;
        const cap = planned.maxRowsPerSplit > 0 ? `, at most ${countOf(planned.maxRowsPerSplit, 'row')} a split` : '';
        const reused = known > 0 ? `, ${countText(known)} already in the store` : '';
        this.line(
          `ages ${planned.agesMinutes.join(',')}${cap}: ${countOf(rowCount, 'row')}, ${countOf(remaining, 'configuration')}${reused}`,
        );
      },
      outcome: (outcome, counts) => {
        const isJudged = outcome.kind === 'completed';
        const ratio = isJudged ? summaryOf(outcome.result, outcome.verdict).tuneEdgeMaeRatio : null;
        this.#tally.judged(counts, ratio, performance.now());
        this.#draw();
      },
      notice: (sentence) => this.line(sentence),
      cacheProblem: (message) => this.line(message),
      batchLost: ({ reason, configurations, attempt }) => {
        const again = attempt === 1 ? 'what was in flight is tried once more, alone' : 'given up where it failed again';
        this.line(
          `${reason}; ${countOf(configurations, 'configuration')} of its batch ${wordFor(configurations, 'was', 'were')} left: ${again}`,
        );
      },
    };
    this.#timer = setInterval(() => this.#draw(), REDRAW_MS).unref();
  }

  /** Writes a line of its own; on a terminal the progress line moves below it. */
  line(text: string): void {
    this.#erase();
    note(text);
    if (this.#isTerminal) this.#draw(true);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#erase();
  }

  #draw(now = false): void {
    const at = performance.now();
    if (!now && at - this.#drawnAt < (this.#isTerminal ? REDRAW_MS : PLAIN_LINE_MS)) return;
    this.#drawnAt = at;
    const text = printable(this.#tally.text(at));
    const shown = showsUnicode(process.env) ? text : asciiSigns(text);
    if (this.#isTerminal) process.stderr.write(`\r\x1b[K${truncate(shown, (process.stderr.columns || 80) - 1)}`);
    else process.stderr.write(`${shown}\n`);
    this.#isDrawn = this.#isTerminal;
  }

  #erase(): void {
    if (this.#isDrawn) process.stderr.write('\r\x1b[K');
    this.#isDrawn = false;
  }
}
