import type { SweepCounts, SweepObserver } from '../execution/observer.ts';
import { countText, durationText, ratioText } from '../report/number-text.ts';
import { summaryOf } from '../store/verdict-summary.ts';
import { note } from './terminal.ts';

/** How often the line on a terminal is drawn, and how often a plain line is written where there is none. */
const REDRAW_MS = 100;
const PLAIN_LINE_MS = 5000;
const BAR_WIDTH = 20;
const LEAST_FOR_ESTIMATE = 32;

/** Progress on stderr: one line that is drawn again on a terminal, a plain line now and then elsewhere. */
export class SweepProgress implements Disposable {
  readonly observer: SweepObserver;
  readonly #name: string;
  readonly #isTerminal = process.stderr.isTTY === true;
  readonly #started = performance.now();
  #judgingSince: number | undefined;
  #total = 0;
  #counts: SweepCounts = { known: 0, completed: 0, failed: 0 };
  #best: { ratio: number; id: string } | undefined;
  #drawnAt = -Infinity;
  #isDrawn = false;

  constructor(name: string) {
    this.#name = name;
    this.observer = {
      started: ({ configurations }) => {
        this.#total = configurations;
      },
      datasetBuilt: ({ planned, rowCount, remaining }) => {
        this.#judgingSince ??= performance.now();
        const known = planned.configurations.length - remaining;
        this.#counts = { ...this.#counts, known: this.#counts.known + known };
        const cap = planned.maxRowsPerSplit > 0 ? `, at most ${countText(planned.maxRowsPerSplit)} rows a split` : '';
        const reused = known > 0 ? `, ${countText(known)} already in the store` : '';
        this.line(
          `ages ${planned.agesMinutes.join(',')}${cap}: ${countText(rowCount)} rows, ${countText(remaining)} configurations${reused}`,
        );
      },
      outcome: (outcome, counts) => {
        this.#counts = counts;
        if (outcome.kind === 'completed') {
          const ratio = summaryOf(outcome.result, outcome.verdict).tuneEdgeMaeRatio;
          if (ratio !== null && (this.#best === undefined || ratio < this.#best.ratio)) {
            this.#best = { ratio, id: outcome.configurationId };
          }
        }
        this.#draw();
      },
      notice: (sentence) => this.line(sentence),
      cacheProblem: (message) => this.line(message),
      batchLost: ({ reason, configurations, attempt }) => {
        const again = attempt === 1 ? 'what was in flight is tried once more, alone' : 'given up where it failed again';
        this.line(`${reason}; ${countText(configurations)} configurations of its batch were left: ${again}`);
      },
    };
  }

  /** Writes a line of its own; on a terminal the progress line moves below it. */
  line(text: string): void {
    this.#erase();
    note(text);
    if (this.#isTerminal && this.#total > 0) this.#draw(true);
  }

  [Symbol.dispose](): void {
    this.#erase();
  }

  #draw(now = false): void {
    const interval = this.#isTerminal ? REDRAW_MS : PLAIN_LINE_MS;
    const at = performance.now();
    if (!now && at - Math.max(this.#drawnAt, this.#started) < interval) return;
    this.#drawnAt = at;
    const text = this.#text(at);
    if (!this.#isTerminal) {
      process.stderr.write(`${text}\n`);
      return;
    }
    process.stderr.write(`\r\x1b[K${text.slice(0, (process.stderr.columns ?? 80) - 1)}`);
    this.#isDrawn = true;
  }

  #erase(): void {
    if (this.#isDrawn) process.stderr.write('\r\x1b[K');
    this.#isDrawn = false;
  }

  #text(at: number): string {
    const { known, completed, failed } = this.#counts;
    const judged = completed + failed;
    const done = known + judged;
    const share = this.#total > 0 ? done / this.#total : 0;
    const filled = Math.round(share * BAR_WIDTH);
    const rate = judged / Math.max((at - (this.#judgingSince ?? at)) / 1000, 1e-3);
    const parts = [
      `${this.#name}  ${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)} ${countText(done)}/${countText(this.#total)}`,
    ];
    if (judged > 0) {
      parts.push(`${rate < 10 ? rate.toFixed(1) : countText(Math.round(rate))}/s`);
      // Verdicts come sixteen at a time: a rate of the first few says nothing about the rest.
      if (judged >= LEAST_FOR_ESTIMATE) parts.push(`${durationText(((this.#total - done) / rate) * 1000)} left`);
    }
    if (failed > 0) parts.push(`${countText(failed)} failed`);
    if (this.#best !== undefined) parts.push(`best ${ratioText(this.#best.ratio)}`);
    return parts.join('  ');
  }
}
