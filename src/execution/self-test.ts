import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { canonicalJson, type Json } from '../canonical-json.ts';
import { countOf } from '../counts.ts';
import { packageFile } from '../package-files.ts';
import type { OutcomeRecord } from '../store/records.ts';
import { documentOf } from '../store/verdict-document.ts';
import { type PlannedDataset, planSweep, type SweepPlan } from '../sweep/plan.ts';
import { UnfitHost } from '../unfit-host.ts';
import { openHost } from './host.ts';
import type { OpenSlice, OutcomeSink, SliceRows } from './slice-engine.ts';

/** What every machine has to come to, to the last bit. */
export type KnownAnswers = {
  /** Of the dataset's content. */
  readonly dataset: string;
  /** Of the dataset's days: labels, constants, classifiers. */
  readonly days: string;
  /** Configuration's id → SHA-256 of its document and its losses by day. */
  readonly verdicts: Readonly<Record<string, string>>;
};

export type SelfTestResult = {
  readonly configurations: number;
  readonly rowCount: number;
  /** What came out otherwise; none where this machine may work. */
  readonly differences: readonly string[];
};

const FOLDER = 'sweeps/self-test';
export const SELF_TEST_RUN = 'self-test';
/** Of `scripts/build-self-test.ts`, in this package. */
export const SELF_TEST_ANSWERS = `${FOLDER}/answers.json`;
export const SELF_TEST_DATA_ROOT = FOLDER;

const ANSWERS = z.object({ dataset: z.string(), days: z.string(), verdicts: z.record(z.string(), z.string()) });

/**
 * Sixteen configurations that between them take every way through the numerics: both kinds of regressor, with a clip and
 * without; a Huber threshold so near 1, and hardly a penalty, that the fit is found from inside (`interior-point.ts`); no
 * penalty at all over market features of which some are the same in every row, so that the minimum norm decides; and
 * classifiers on market features alone, which give positions of one minute the same probability, so that AUC has ties.
 */
function selfTestPlan(dataRoot: string): SweepPlan {
  return planSweep({
    name: 'self-test',
    baseline: { dataRoot, runId: SELF_TEST_RUN },
    axes: {
      agesMinutes: [[3, 5, 10]],
      regressorKind: ['huber', 'ridge'],
      huberEpsilon: [1.0001, 1.35],
      huberAlpha: [0, 0.001],
      ridgeAlpha: [0, 0.1, 10, 1000],
      regressionTargetClipBps: [0, 40],
    },
  });
}

/**
 * Judges the bundled baseline run and holds what comes out against what is known. Writes nothing.
 *
 * @param threads worker threads, ≥ 1; the answers do not depend on how many
 * @throws a bug's error when it cannot be carried out at all
 */
export async function selfTest(threads: number): Promise<SelfTestResult> {
  const [known, found] = await Promise.all([knownAnswers(), foundAnswers(packageFile(SELF_TEST_DATA_ROOT), threads)]);
  const differences: string[] = [];
  if (found.answers.dataset !== known.dataset) differences.push('the rows of the dataset');
  if (found.answers.days !== known.days) differences.push('labels and classifiers by day');
  for (const [id, digest] of Object.entries(known.verdicts)) {
    const now = found.answers.verdicts[id];
    if (now === undefined) differences.push(`configuration ${id.slice(0, 7)}, which is not judged`);
    else if (now !== digest) differences.push(`configuration ${id.slice(0, 7)}`);
  }
  return { configurations: Object.keys(known.verdicts).length, rowCount: found.rowCount, differences };
}

/** @throws UnfitHost when this machine computes otherwise than it should */
export async function requireSelfTest(threads: number): Promise<void> {
  const { differences, configurations } = await selfTest(threads);
  if (differences.length > 0) throw new UnfitHost(`${unfitText(differences, configurations)}. Nothing was written`);
}

/** How a machine that differs is told of. */
function unfitText(differences: readonly string[], configurations: number): string {
  const [first] = differences;
  const more = differences.length > 1 ? ` and ${differences.length - 1} more` : '';
  return (
    `self test: this machine computes otherwise than it should (${first}${more}, of ${countOf(configurations, 'known answer')}). ` +
    'Do not let it take part: another Node or CPU, or a damaged installation (npm ci) or memory'
  );
}

async function knownAnswers(): Promise<KnownAnswers> {
  return ANSWERS.parse(JSON.parse(await readFile(packageFile(SELF_TEST_ANSWERS), 'utf8')));
}

/** What this machine comes to; for the test itself, and for who writes down what is known. */
export async function foundAnswers(
  dataRoot: string,
  threads: number,
): Promise<{ readonly answers: KnownAnswers; readonly rowCount: number; readonly outcomes: readonly OutcomeRecord[] }> {
  const plan = selfTestPlan(dataRoot);
  const options = { threads, barGaps: 'keep', cache: null, timeLimitMs: TIME_LIMIT_MS } as const;
  await using host = await openHost(plan, options, {});
  using engine = await host.start();
  const sink = new CollectingSink();
  await engine.run(each(plan.datasets), sink, new AbortController().signal);
  const verdicts = sink.outcomes.map((outcome): [string, string] => [outcome.configurationId, digestOf(outcome)]);
  const answers = { dataset: sink.dataset, days: sink.days, verdicts: Object.fromEntries(verdicts.sort()) };
  return { answers, rowCount: sink.rowCount, outcomes: sink.outcomes };
}

/** As of a run: a machine on which one takes longer is not fit either. */
const TIME_LIMIT_MS = 300_000;

async function* each(datasets: readonly PlannedDataset[]): AsyncIterable<PlannedDataset> {
  yield* datasets;
}

/** A configuration that could not be judged has its reason for an answer, which is no known one. */
function digestOf(outcome: OutcomeRecord): string {
  if (outcome.kind === 'failed') return sha256(`failed: ${outcome.error.message}`);
  // Losses are of texts and numbers.
  const losses = outcome.dailyLosses as unknown as Json;
  return sha256(`${documentOf(outcome.result, outcome.verdict)}\n${canonicalJson(plain(losses))}`);
}

/** Typed arrays as lists. */
function plain(json: Json): Json {
  return JSON.parse(
    JSON.stringify(json, (_, value: unknown) => (ArrayBuffer.isView(value) ? [...listOf(value)] : value)),
  );
}

function listOf(view: ArrayBufferView): Iterable<unknown> {
  return Symbol.iterator in view ? (view as ArrayBufferView & Iterable<unknown>) : [];
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** Keeps what an engine finds, and lets it find everything. */
class CollectingSink implements OutcomeSink {
  readonly knowsNothing = true;
  readonly outcomes: OutcomeRecord[] = [];
  dataset = '';
  days = '';
  rowCount = 0;

  async open(slice: PlannedDataset, rows: SliceRows): Promise<OpenSlice> {
    if (rows.kind === 'built') {
      this.dataset = rows.contentHash;
      this.rowCount = rows.rowCount;
    }
    return {
      remaining: slice.configurations,
      wantsDays: true,
      tellDays: async (days) => {
        this.days = sha256(canonicalJson(plain(days as unknown as Json)));
      },
      begin: () => {},
      settle: (outcome) => {
        this.outcomes.push(outcome);
      },
      fail: (error) => {
        throw error;
      },
      stored: async () => {},
      [Symbol.asyncDispose]: async () => {},
    };
  }
}
