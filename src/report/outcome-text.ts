import { canonicalJson, type Json, sha256Json } from '../canonical-json.ts';
import { countText } from '../counts.ts';
import { PARAMETER_NAMES } from '../experiment/parameters.ts';
import { ALL_SPLITS, MODEL_KEYS, type SplitId } from '../experiment/results.ts';
import { shortHash } from '../short-hash.ts';
import type { ShownJudgement, StoredOutcome } from '../store/records.ts';
import { unconvergedFitsOf } from '../store/unconverged-fits.ts';
import { axisValueOf, axisValueText } from './axes.ts';
import { hintedCommand } from './command-line.ts';
import { fitNotes } from './fit-notes.ts';
import { gateLines } from './gates-text.ts';
import { aucText, durationText, MISSING, measureText, ratioText } from './number-text.ts';
import { printable } from './printable.ts';
import {
  columnsOver,
  hiddenText,
  noteLines,
  paint,
  type Screen,
  type TextColumn,
  tableLines,
  textTable,
  wrap,
} from './text-table.ts';
import { unconvergedLines } from './unconverged-text.ts';
import { type VerdictWord, verdictWord } from './verdict-words.ts';

/** One outcome in full, for a terminal. */
export function outcomeText(outcome: StoredOutcome, screen: Screen): string {
  const word = storedVerdict(outcome);
  const status = outcome.kind === 'completed' && !outcome.isSealed ? ` (${outcome.verdict.status})` : '';
  const title = `${outcome.configurationId}  ${paint(word === 'pass' ? 'green' : 'red', word, screen.color)}${printable(status)}`;
  return [
    title,
    ...section('configuration', pairs(configurationPairs(outcome), screen), screen),
    ...(outcome.kind === 'completed'
      ? judgementLines(outcome, outcome.configurationId, screen)
      : failureLines(outcome, screen)),
    ...section('made by', pairs(provenancePairs(outcome), screen), screen),
    '',
  ].join('\n');
}

function storedVerdict(outcome: StoredOutcome): VerdictWord {
  if (outcome.kind === 'failed') return 'error';
  return verdictWord(outcome.summary.passed, unconvergedFitsOf(outcome.result));
}

type Pair = readonly [name: string, value: string];

function section(title: string, lines: readonly string[], screen: Screen): string[] {
  return lines.length === 0 ? [] : ['', paint('bold', title, screen.color), ...lines];
}

function pairs(items: readonly Pair[], screen: Screen): string[] {
  const width = Math.max(...items.map(([name]) => name.length));
  return items.flatMap(([name, value]) => {
    const lines = wrap(printable(value), Math.max(20, screen.width - width - 4));
    return lines.map((line, i) => `  ${(i === 0 ? name : '').padEnd(width)}  ${line}`);
  });
}

function configurationPairs({ configuration }: StoredOutcome): Pair[] {
  return PARAMETER_NAMES.map((axis) => [axis, axisValueOf(configuration, axis)] as const)
    .filter(([, value]) => value !== null)
    .map(([axis, value]) => [axis, value === 0 ? `0 (no ${NO_LIMIT[axis] ?? axis})` : axisValueText(value)]);
}

const NO_LIMIT: { readonly [axis: string]: string } = {
  regressionTargetClipBps: 'clip',
  maxRowsPerSplit: 'cap',
  huberAlpha: 'penalty',
  ridgeAlpha: 'penalty',
};

function judgementLines(judgement: ShownJudgement, id: string, screen: Screen): string[] {
  return [
    ...(judgement.isSealed ? section('gates', sealedLines(id, screen), screen) : verdictLines(judgement, screen)),
    ...splitLines(judgement, screen),
    ...section(
      'fits',
      [
        ...indented(tableLines(fitColumns(judgement), narrower(screen))),
        ...fitNotes(judgement.result).flatMap((line) => indented(wrap(line, screen.width - 2))),
        ...unconvergedWarning(judgement, screen),
      ],
      screen,
    ),
  ];
}

/** Tables of the same columns: which of them had no room is said once, below the last. */
function splitLines(judgement: ShownJudgement, screen: Screen): string[] {
  const splits = ALL_SPLITS.map((split) => ({ split, ...textTable(splitColumns(judgement, split), narrower(screen)) }));
  const hidden = hiddenText(splits.flatMap(({ dropped }) => dropped));
  return [
    ...splits.flatMap(({ split, lines }) => section(split, indented(lines), screen)),
    ...indented(noteLines(hidden, narrower(screen))),
  ];
}

function sealedLines(id: string, screen: Screen): string[] {
  // A line of its own and not wrapped: it is there to be copied.
  return indented(['sealed: nobody was shown them yet. To look:', `  ${hintedCommand(screen, ['unseal', id])}`]);
}

function verdictLines({ result, verdict }: ShownJudgement & { isSealed: false }, screen: Screen): string[] {
  return [
    ...section('gates', indented(gateLines(result, narrower(screen))), screen),
    ...section(
      'reasons',
      verdict.reasons.flatMap((reason) =>
        wrap(printable(reason), screen.width - 4).map((line, i) => `  ${i === 0 ? '-' : ' '} ${line}`),
      ),
      screen,
    ),
  ];
}

function unconvergedWarning({ result }: ShownJudgement, screen: Screen): string[] {
  return unconvergedLines(unconvergedFitsOf(result))
    .flatMap((line) => wrap(line, screen.width - 2))
    .map((line) => paint('yellow', `  ${line}`, screen.color));
}

function narrower(screen: Screen): Screen {
  return { ...screen, width: screen.width - 2 };
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

function splitColumns({ result }: ShownJudgement, split: SplitId): TextColumn[] {
  const rows = MODEL_KEYS.flatMap((model) => {
    const metrics = result[model][split];
    return metrics === undefined || metrics === null ? [] : [{ ...metrics, model }];
  });
  if (rows.length === 0) return [];
  const { left, right } = columnsOver(rows);
  return [
    left('model', (row) => row.model),
    right('rows', (row) => countText(row.row_count)),
    right('positive', (row) => aucText(row.positive_rate), { priority: 'extra' }),
    right('auc', (row) => aucText(row.continue_auc ?? null)),
    right('brier', (row) => measureText(row.brier), { priority: 'wanted' }),
    right(['brier ratio', 'ratio'], (row) => ratioText(row.brier_vs_constant_ratio)),
    right('edge mae', (row) => measureText(row.edge_mae), { priority: 'wanted' }),
    right(['mae ratio', 'ratio'], (row) => ratioText(row.edge_mae_vs_constant_ratio)),
  ];
}

function fitColumns({ result }: ShownJudgement): TextColumn[] {
  const { left, right } = columnsOver(MODEL_KEYS.map((model) => ({ ...result[model], model })));
  return [
    left('model', (fit) => fit.model),
    right('features', (fit) => String(fit.feature_count), { priority: 'extra' }),
    left('regressor', (fit) => printable(fit.regressor_status)),
    right('steps', (fit) => String(fit.regressor_iterations)),
    right('residual', (fit) => measureText(fit.regressor_kkt_residual, 2)),
    right('scale', (fit) => measureText(fit.regressor_scale, 4), { priority: 'wanted' }),
    right('outliers', (fit) => (fit.regressor_outliers === null ? MISSING : countText(fit.regressor_outliers)), {
      priority: 'extra',
    }),
    left('classifier', (fit) => printable(fit.classifier_status)),
    right('steps', (fit) => String(fit.classifier_iterations), {
      priority: 'extra',
      hiddenAs: "the classifier's steps",
    }),
    right('residual', (fit) => measureText(fit.classifier_kkt_residual, 2), {
      priority: 'wanted',
      hiddenAs: "the classifier's residual",
    }),
  ];
}

function failureLines(outcome: StoredOutcome & { kind: 'failed' }, screen: Screen): string[] {
  const { error, attempts } = outcome;
  return section(
    'error',
    pairs(
      [
        ['error', `${error.name}: ${error.message}`],
        ['tries', String(attempts)],
      ],
      screen,
    ),
    screen,
  );
}

function provenancePairs(outcome: StoredOutcome): Pair[] {
  const { run, dataset, code, durationMs, sweeps, others } = outcome;
  const git =
    run.gitCommit === null ? 'no git checkout' : run.gitCommit + (run.gitDirty ? ', with uncommitted changes' : '');
  return [
    ...(outcome.kind === 'completed' ? [['verdict', outcome.verdictId] as const] : []),
    ['sweep', run.sweepName],
    ...alsoIn(run.sweepName, sweeps),
    ['run', `${run.runId}, ${run.startedAt}, ${run.outcome}`],
    ['code', `${code.version} ${shortHash(code.hash)} (${git})`],
    ['machine', `${run.cpuModel ?? 'not told'}, ${run.platform}, Node ${run.nodeVersion}`],
    ['baseline run', `${dataset.baselineRunId} in ${dataset.dataRoot}`],
    ['data', dataset.dataHash],
    ['dataset', dataset.contentHash ?? 'could not be built'],
    ...(dataset.rowCount === null ? [] : [['rows', countText(dataset.rowCount)] as const]),
    ['took', durationText(durationMs)],
    ['options', optionsText(run.options)],
    ['definition', definitionText(run.definition)],
    ['its sha256', sha256Json(run.definition)],
    ...others.map(({ verdictId, baselineRunId, dataHash, code: other }): Pair => {
      return [
        'also judged',
        `${verdictId}: baseline run ${baselineRunId}, data ${dataHash}, code ${other.version} ${other.hash}`,
      ];
    }),
    ...(outcome.kind === 'completed' ? notePairs(outcome) : []),
  ];
}

/** The other sweeps that show it. */
function alsoIn(madeBy: string, sweeps: readonly string[]): Pair[] {
  const others = sweeps.filter((name) => name !== madeBy);
  return others.length === 0 ? [] : [['also in', others.join(', ')]];
}

function notePairs({ notes, conflicts }: StoredOutcome & { kind: 'completed' }): Pair[] {
  return [
    ...notes.map(({ kind, text, writtenAt, author }): Pair => {
      return [kind, kind === 'tag' ? text : `${text} (${writtenAt}${author === null ? '' : `, ${author}`})`];
    }),
    ...conflicts.map(({ storedDigest, otherDigest, runId }): Pair => {
      return [
        'CONFLICT',
        `run ${runId} got another verdict, digest ${otherDigest}; the one that is shown has ${storedDigest}`,
      ];
    }),
  ];
}

/** Every option that says something, as `threads 2, barGaps keep`. */
function optionsText(options: Json): string {
  if (typeof options !== 'object' || options === null) return canonicalJson(options);
  const said = Object.entries(options).filter(([, value]) => value !== null && value !== false);
  return said.map(([name, value]) => `${name} ${typeof value === 'string' ? value : canonicalJson(value)}`).join(', ');
}

/** As one text that can be wrapped. */
function definitionText(definition: Json): string {
  const text = JSON.stringify(definition, null, 1).replace(/\n */g, ' ');
  return text.length > LONGEST_DEFINITION ? `${text.slice(0, LONGEST_DEFINITION)}… (all of it: --json)` : text;
}

const LONGEST_DEFINITION = 1000;
