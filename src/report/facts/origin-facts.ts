import { basename, isAbsolute } from 'node:path';
import { type Json, sha256Json } from '../../canonical-json.ts';
import { countText } from '../../counts.ts';
import type { DatasetFacts, FailureFacts, ReproduceFacts, RunFacts, StateFacts } from '../../page-data/report.ts';
import type { DatasetRecord, FailedConfiguration, OutcomeSet, RunHistory, StoredSweep } from '../../store/records.ts';
import { commandLine } from '../command-line.ts';
import { printable, printableLines } from '../printable.ts';
import { withoutPaths } from './without-paths.ts';

/** How far a sweep is, by its last run. */
export function stateFacts(runs: readonly RunHistory[], judged: number, configurations: number): StateFacts {
  const last = runs.at(-1);
  const outcome = last?.outcome ?? 'interrupted';
  const isFinal = judged === configurations && outcome !== 'running';
  const at = last?.finishedAt ?? last?.startedAt ?? null;
  const when = at === null ? '' : ` ${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;
  const words = outcome === 'running' ? `running since${when}` : `${outcome}${when}`;
  // A run that is over is not on its way: another may judge the rest.
  const soFar = outcome === 'running' ? ' so far' : '';
  const progress =
    judged === configurations ? '' : `, ${countText(judged)} of ${countText(configurations)} done${soFar}`;
  return { isFinal, outcome, finishedAt: last?.finishedAt ?? null, text: words + progress };
}

/** The datasets of outcomes, each once, and where an outcome's stands among them. */
export function datasetPlaces(outcomes: OutcomeSet): {
  readonly datasets: readonly DatasetRecord[];
  readonly placeOf: (dataset: DatasetRecord) => number;
} {
  const keyOf = ({ agesMinutes, maxRowsPerSplit, contentHash, dataHash }: DatasetRecord) =>
    `${agesMinutes.join()} ${maxRowsPerSplit} ${contentHash} ${dataHash}`;
  const known = new Map<string, DatasetRecord>();
  for (const { dataset } of [...outcomes.judged, ...outcomes.failed]) {
    const key = keyOf(dataset);
    if (!known.has(key)) known.set(key, dataset);
  }
  const ordered = [...known].sort(
    ([, a], [, b]) => compareLists(a.agesMinutes, b.agesMinutes) || a.maxRowsPerSplit - b.maxRowsPerSplit,
  );
  const places = new Map(ordered.map(([key], place) => [key, place]));
  return { datasets: ordered.map(([, dataset]) => dataset), placeOf: (dataset) => places.get(keyOf(dataset)) ?? 0 };
}

function compareLists(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((item, i) => item !== b[i]);
  return at === -1 ? a.length - b.length : a[at]! - (b[at] ?? -Infinity);
}

/** @param withMachine whether folders are said */
export function datasetFacts(datasets: readonly DatasetRecord[], withMachine: boolean): DatasetFacts[] {
  const hasCaps = new Set(datasets.map(({ maxRowsPerSplit }) => maxRowsPerSplit)).size > 1;
  return datasets.map(
    ({ agesMinutes, maxRowsPerSplit: cap, rowCount, baselineRunId, dataRoot, dataHash, contentHash }) => ({
      label: agesMinutes.join() + (hasCaps ? `, ${cap === 0 ? 'no cap' : `cap ${cap}`}` : ''),
      agesMinutes,
      maxRowsPerSplit: cap,
      rows: rowCount,
      baselineRun: printable(baselineRunId),
      dataRoot: withMachine ? printable(dataRoot) : null,
      dataHash,
      contentHash,
    }),
  );
}

/** @param withMachine whether processors are said; hosts and users never are */
export function runFacts(runs: readonly RunHistory[], withMachine: boolean): RunFacts[] {
  return runs.map((run) => ({
    id: run.runId,
    sweep: printable(run.sweepName),
    startedAt: run.startedAt,
    finishedAt: run.finishedAt,
    outcome: run.outcome,
    reason: run.reason === null ? null : textOf(run.reason, withMachine),
    judged: run.judgedCount,
    errors: run.errorCount,
    codeVersion: run.code.version,
    codeHash: run.code.hash,
    gitCommit: run.gitCommit,
    gitDirty: run.gitDirty,
    nodeVersion: run.nodeVersion,
    packages: run.packages,
    machine: withMachine && run.cpuModel !== null ? printable(`${run.cpuModel}, ${run.platform}`) : null,
  }));
}

/** Reasons that so many share are told with one configuration each. */
export function failureFacts(failed: readonly FailedConfiguration[], withMachine: boolean): FailureFacts {
  const reasons = new Map<string, { count: number; example: string }>();
  for (const { error, configurationId } of failed) {
    const reason = textOf(`${error.name}: ${error.message}`, withMachine);
    const known = reasons.get(reason);
    if (known === undefined) reasons.set(reason, { count: 1, example: configurationId });
    else known.count += 1;
  }
  const counted = [...reasons].map(([reason, { count, example }]) => ({ reason, count, example }));
  return { reasons: counted.sort((a, b) => b.count - a.count).slice(0, MOST_REASONS) };
}

const MOST_REASONS = 50;

/**
 * @param db words that name the store, `--db FILE`; none for the default one
 * @param id of the configuration to begin with, and what it is; null where nothing was judged
 */
export function reproduceFacts(
  sweep: StoredSweep,
  first: { readonly id: string; readonly what: string } | null,
  db: readonly string[],
  withMachine: boolean,
): ReproduceFacts {
  const store = withMachine ? db : db.map((word) => (isAbsolute(word) ? basename(word) : word));
  const of = ['--sweep', sweep.name, ...store];
  const command = (words: readonly string[], meaning: string) => ({ command: commandLine(PROGRAM, words), meaning });
  return {
    commands: [
      command(['report', ...of], 'the leaderboard'),
      command(['trust', ...of], 'what may be believed of it, with the numbers of each answer'),
      ...(first === null
        ? []
        : [
            command(['show', first.id, ...of], `${first.what}, in full`),
            command(['reproduce', first.id, ...of], 'the same again, alone: writes its files and compares every value'),
          ]),
      command(['export', ...of, '--out', 'verdicts.csv'], 'every verdict with every metric'),
    ],
    definition: printableLines(JSON.stringify(withMachine ? sweep.definition : withoutRoot(sweep.definition), null, 2)),
    definitionSha256: sha256Json(sweep.definition),
  };
}

/** As the README has it: a file goes to people who start the program in other ways. */
const PROGRAM = 'npx sweep';

function textOf(text: string, withMachine: boolean): string {
  return printable(withMachine ? text : withoutPaths(text));
}

/** A definition without the folder that its baseline run lies in. */
function withoutRoot(definition: Json): Json {
  if (!isRecord(definition)) return definition;
  const { baseline } = definition;
  if (baseline === undefined || !isRecord(baseline)) return definition;
  const { dataRoot: _, ...others } = baseline;
  return { ...definition, baseline: others };
}

function isRecord(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
