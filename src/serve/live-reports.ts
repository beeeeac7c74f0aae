import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { LiveReport } from '../page-data/live.ts';
import { type ComputedReport, packedColumns, reportFacts } from '../report/facts/report-facts.ts';
import { readReportSource } from '../report/facts/report-source.ts';
import type { FactOptions } from '../report/facts/sweep-facts.ts';
import type { VerdictStore } from '../store/verdict-store.ts';

const gzipped = promisify(gzip);

/** Reports are computed this far apart at the least, and so much further the longer one takes. */
const LEAST_REST_MS = 2_000;
const REST = 4;

/** A report, and what is sent of it. */
export type MadeReport = {
  readonly version: number;
  /** Of the feed that it was made of. */
  readonly of: number;
  readonly isFinal: boolean;
  readonly computed: ComputedReport;
  /** `LiveReport` as JSON, gzip. */
  readonly packed: Buffer;
};

/** The newest report of what is followed, made by the functions that make `sweep report --html`. */
export class LiveReports {
  newest: MadeReport | null = null;
  readonly #program: string;
  readonly #options: FactOptions;
  readonly #now: () => number;
  #restUntil = -Infinity;

  /** @param program its version */
  constructor(program: string, options: FactOptions, now: () => number) {
    this.#program = program;
    this.#options = options;
    this.#now = now;
  }

  /** @param of what was read, counted; @param isLast whether nothing will follow: then it is not put off */
  isDue(of: number, isLast: boolean): boolean {
    if (this.newest?.of === of) return false;
    return isLast || this.newest === null || this.#now() >= this.#restUntil;
  }

  /** @throws UserError when the store cannot be read */
  async make(store: VerdictStore, sweep: string, of: number): Promise<void> {
    const startedAt = this.#now();
    // While a run stores more: a sentence must not count what the one before it did not.
    const computed = await store.atOneMoment(async () =>
      reportFacts([await readReportSource(store, { sweep })], this.#program, this.#options),
    );
    const version = (this.newest?.version ?? 0) + 1;
    const report: LiveReport = {
      version,
      header: JSON.stringify(computed.report),
      columns: packedColumns(computed.bytes),
    };
    const packed = await gzipped(JSON.stringify(report));
    const { isFinal } = computed.report.sweeps[0].state;
    this.newest = { version, of, isFinal, computed, packed };
    const endedAt = this.#now();
    this.#restUntil = endedAt + Math.max(LEAST_REST_MS, REST * (endedAt - startedAt));
  }
}
