import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Table, Type, tableFromIPC, type Vector } from 'apache-arrow';
import { ParquetFile } from 'parquet-wasm';
import { runExperiment } from '../../src/experiment/run-experiment.ts';

/**
 * How far a quantity may lie from a golden value, and why:
 * - frame: float32 rounding of a float64 computation done in another order (2 ulps), and of sums over all rows;
 * - score: the frozen models' outputs, which the golden program sums in float32; a few rows at the end of each of its
 *   threads' shares are summed in another order than all others;
 * - metric, exact: same optimum, float64; what is left comes from `score` columns being features;
 * - metric, sklearn: scikit-learn stops its L-BFGS early;
 * - objective: the minimum itself, flat around the optimum;
 * - prediction: float32 values of the above.
 */
const BOUNDS = {
  frame: 3e-7,
  score: 2e-6,
  'metric/exact': 1e-6,
  'metric/sklearn': 1e-3,
  objective: 1e-9,
  prediction: 3e-7,
  text: 0,
} as const;

export type Deviation = {
  readonly kind: keyof typeof BOUNDS;
  readonly what: string;
  readonly got: string;
  readonly expected: string;
  readonly value: number;
  readonly withinBound: boolean;
};

export type Comparison = {
  readonly name: string;
  readonly deviations: readonly Deviation[];
  /** the largest deviation of each kind that was compared */
  readonly worst: readonly { kind: keyof typeof BOUNDS; value: number; bound: number }[];
};

/** Columns that come out of the frozen models. */
const SCORES = new Set(['entry_predicted_edge_bps', 'entry_direction_prob']);

/** Folders below `root` (or `root` itself) that hold a case.json. */
export async function findCases(root: string): Promise<string[]> {
  if (existsSync(join(root, 'case.json'))) return [root];
  const entries = await readdir(root, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => join(root, entry.name));
  return (await Promise.all(folders.sort().map(findCases))).flat();
}

/** Runs a case's experiment and returns the folder of its files. */
export async function runCase(folder: string, dataRoot: string, outputFolder: string): Promise<string> {
  const args = await readJson(join(folder, 'case.json'));
  const number = (key: string): number => Number(args[key]);
  const ages = String(args.ages_minutes).split(',').map(Number);
  const maxIter = number('huber_max_iter');
  await runExperiment(
    {
      dataRoot,
      baselineRunId: String(args.baseline_run_id),
      runId: `golden-${basename(folder)}`,
      barGaps: 'keep',
      force: false,
      outputFolder,
      configuration: {
        agesMinutes: [...new Set(ages)].sort((a, b) => a - b),
        maxRowsPerSplit: number('max_rows_per_split'),
        regressionTargetClipBps: number('regression_target_clip_bps'),
        regressor:
          args.regressor_kind === 'ridge'
            ? { kind: 'ridge', alpha: number('ridge_alpha'), maxIter }
            : { kind: 'huber', alpha: number('huber_alpha'), epsilon: number('huber_epsilon'), maxIter },
      },
    },
    () => {},
  );
  return outputFolder;
}

/** Compares nine files with a golden case. */
export async function compareCase(folder: string, files: string): Promise<Comparison> {
  const record = new Recorder();
  const frame = await readParquet(join(files, 'state_continue_train.parquet'));
  await compareSummary(record, frame, await readJson(join(folder, 'state_frame_summary.json')));
  compareRows(record, 'frame', frame, await readCsv(join(folder, 'state_frame_sample.csv')), 'frame');
  const result = await readJson(join(files, 'state_continue_result.json'));
  const predictions = await readParquet(join(files, 'state_continue_predictions.parquet'));
  for (const mode of ['exact', 'sklearn'] as const) {
    const golden = join(folder, mode);
    if (!existsSync(golden)) continue;
    compareResults(record, mode, result, await readJson(join(golden, 'state_continue_result.json')));
    await compareVerdicts(record, mode, files, golden);
  }
  const exact = join(folder, 'exact');
  if (existsSync(exact)) {
    compareRows(record, 'predictions', predictions, await readCsv(join(exact, 'predictions_sample.csv')), 'prediction');
    compareObjectives(record, result, await readJson(join(exact, 'fits.json')));
  }
  return {
    name: `${basename(dirname(folder))}/${basename(folder)}`,
    deviations: record.deviations,
    worst: record.worst,
  };
}

class Recorder {
  readonly deviations: Deviation[] = [];

  /** Relative deviation of numbers; `floor` is the size below which it is taken relative to the floor. */
  number(kind: keyof typeof BOUNDS, what: string, got: unknown, expected: unknown, floor = 1e-12): void {
    if (got === expected || (isMissing(got) && isMissing(expected))) {
      this.#add(kind, what, got, expected, 0);
      return;
    }
    const a = Number(got);
    const b = Number(expected);
    const value = Math.abs(a - b) / Math.max(Math.abs(b), floor);
    this.#add(kind, what, got, expected, Number.isNaN(value) ? Infinity : value);
  }

  text(what: string, got: unknown, expected: unknown): void {
    const a = JSON.stringify(got);
    const b = JSON.stringify(expected);
    this.#add('text', what, a, b, a === b ? 0 : 1);
  }

  /** `got` may lie below but not above. */
  notAbove(kind: keyof typeof BOUNDS, what: string, got: number, expected: number): void {
    this.#add(kind, what, got, expected, Math.max(0, (got - expected) / Math.abs(expected)));
  }

  get worst(): Comparison['worst'] {
    const kinds = [...new Set(this.deviations.map((deviation) => deviation.kind))];
    return kinds.map((kind) => ({
      kind,
      value: this.deviations.reduce(
        (max, deviation) => (deviation.kind === kind ? Math.max(max, deviation.value) : max),
        0,
      ),
      bound: BOUNDS[kind],
    }));
  }

  #add(kind: keyof typeof BOUNDS, what: string, got: unknown, expected: unknown, value: number): void {
    const withinBound = value <= BOUNDS[kind];
    this.deviations.push({
      kind,
      what: `${kind} ${what}`,
      got: String(got),
      expected: String(expected),
      value,
      withinBound,
    });
  }
}

type JsonObject = Record<string, unknown>;

async function compareSummary(record: Recorder, frame: Table, summary: JsonObject): Promise<void> {
  record.text('frame rows', frame.numRows, summary.rows);
  record.text('frame columns', frame.schema.names.map(String), summary.columns);
  for (const [column, golden] of Object.entries(asObject(summary.numeric))) {
    const values = numbersOf(frame, column);
    const stats = asObject(golden);
    let sum = 0;
    let absSum = 0;
    let squares = 0;
    let min = Infinity;
    let max = -Infinity;
    for (const value of values) {
      sum += value;
      absSum += Math.abs(value);
      squares += value * value;
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
    const kind = SCORES.has(column) ? 'score' : 'frame';
    // A sum of values of both signs is as exact as the sum of their sizes.
    record.number(kind, `sum of ${column}`, sum, stats.sum, absSum);
    record.number(kind, `squares of ${column}`, squares, stats.sumsq);
    record.number(kind, `min of ${column}`, min, stats.min);
    record.number(kind, `max of ${column}`, max, stats.max);
  }
}

function compareRows(
  record: Recorder,
  what: string,
  table: Table,
  golden: readonly Record<string, string>[],
  kind: 'frame' | 'prediction',
): void {
  const columns = Object.keys(golden[0] ?? {}).filter((column) => column !== 'row');
  for (const column of columns) {
    const vector = table.getChild(column);
    if (vector === null) {
      record.text(`${what} column ${column}`, 'missing', 'present');
      continue;
    }
    const isText = vector.type.typeId === Type.Utf8;
    for (const [i, row] of golden.entries()) {
      // The golden's row labels are those before rows were dropped; its rows stand at even steps of what was kept.
      const at = Math.floor((i * (table.numRows - 1)) / (golden.length - 1));
      const where = `${what} row ${at} ${column}`;
      if (isText) record.text(where, vector.get(at), row[column]);
      else {
        const columnKind = SCORES.has(column)
          ? 'score'
          : column.startsWith('predicted') || column === 'continue_prob'
            ? kind
            : 'frame';
        record.number(columnKind, where, numberAt(vector, at), row[column], columnKind === 'frame' ? 1e-5 : 1e-1);
      }
    }
  }
}

/** Only the golden's keys: this program adds more. */
function compareResults(record: Recorder, mode: 'exact' | 'sklearn', got: JsonObject, golden: JsonObject): void {
  record.text('models', Object.keys(got), Object.keys(golden));
  for (const [model, expected] of Object.entries(golden)) {
    for (const [key, value] of Object.entries(asObject(expected))) {
      const mine = asObject(got[model])[key];
      if (typeof value === 'object' && value !== null) {
        for (const [metric, number] of Object.entries(value)) {
          record.number(`metric/${mode}`, `${model} ${key} ${metric}`, asObject(mine)[metric], number);
        }
      } else if (key === 'regressor_iterations') {
        // Another algorithm takes another number of steps.
      } else if (key === 'regressor_converged' && mode === 'sklearn') {
        // scikit-learn's L-BFGS may stop at its limit where the optimum is reached here.
      } else record.text(`${model} ${key}`, mine, value);
    }
  }
}

async function compareVerdicts(record: Recorder, mode: string, files: string, golden: string): Promise<void> {
  const mine = await readJson(join(files, 'state_continue_verdict.json'));
  const expected = await readJson(join(golden, 'state_continue_verdict.json'));
  record.text(`${mode} status`, mine.status, expected.status);
  record.text(`${mode} acceptance_rule`, mine.acceptance_rule, expected.acceptance_rule);
  record.text(`${mode} passed_checks`, mine.passed_checks, expected.passed_checks);
  record.text(`${mode} failing checks`, namesOf(mine.reasons), namesOf(expected.reasons));
}

/** Reasons without their numbers, and without convergence, in which solvers differ. */
function namesOf(reasons: unknown): string[] {
  return (Array.isArray(reasons) ? reasons : [])
    .map((reason) => String(reason).split(':')[0]!)
    .filter((reason) => !reason.endsWith('did not converge'));
}

function compareObjectives(record: Recorder, result: JsonObject, fits: JsonObject): void {
  for (const [name, fit] of Object.entries(fits)) {
    const [, model = '', kind = ''] = /^(.*)_(classifier|regressor)$/.exec(name) ?? [];
    const golden = asObject(fit);
    const mine = asObject(result[model]);
    // A lower objective than the golden's is a better answer, not a deviation.
    record.notAbove('objective', `${name} objective`, Number(mine[`${kind}_objective`]), Number(golden.objective));
    if (golden.scale !== undefined) record.number('metric/exact', `${name} scale`, mine.regressor_scale, golden.scale);
  }
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

function asObject(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

async function readJson(path: string): Promise<JsonObject> {
  return asObject(JSON.parse(await readFile(path, 'utf8')));
}

async function readCsv(path: string): Promise<Record<string, string>[]> {
  const [header = '', ...lines] = (await readFile(path, 'utf8')).trim().split(/\r?\n/);
  const names = header.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [names[i] ?? '', cell])));
}

async function readParquet(path: string): Promise<Table> {
  const file = await ParquetFile.fromFile(new Blob([new Uint8Array(await readFile(path))]));
  return tableFromIPC((await file.read({ batchSize: 10_000_000 })).intoIPCStream());
}

function numbersOf(table: Table, column: string): Float64Array {
  const vector = table.getChild(column);
  if (vector === null) return new Float64Array(0);
  return Float64Array.from({ length: vector.length }, (_, i) => numberAt(vector, i));
}

function numberAt(vector: Vector, at: number): number {
  const value: unknown = vector.get(at);
  return value === null ? Number.NaN : Number(value);
}
