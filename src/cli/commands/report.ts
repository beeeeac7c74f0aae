import { Command, InvalidArgumentError, Option } from 'commander';
import { type Leaderboard, STATUSES, type Status } from '../../report/leaderboard.ts';
import { trustedRowsText } from '../../report/leaderboard-text.ts';
import { printable } from '../../report/printable.ts';
import { readLeaderboards } from '../../report/read-leaderboard.ts';
import {
  formatDefaults,
  REPORT_FORMATS,
  type ReportFormat,
  renderLeaderboards,
} from '../../report/render-leaderboard.ts';
import { leaderboardTrust } from '../../report/stored-trust.ts';
import type { NamedBook } from '../../report/sweep-budget.ts';
import type { Screen } from '../../report/text-table.ts';
import { sizeText } from '../../size-text.ts';
import type { VerdictStore } from '../../store/verdict-store.ts';
import { wholeNumberFrom } from '../../sweep/parameter-rules.ts';
import { show } from '../../sweep/problems.ts';
import { UserError } from '../../user-error.ts';
import { collect, numberBy } from '../arguments.ts';
import { changedDataText } from '../changed-data.ts';
import { type HtmlReportOptions, writeHtmlReport } from '../html-report-file.ts';
import { lastSweep } from '../last-sweep.ts';
import { type LooksSources, looksOfOthers, withLooksSources } from '../looks-sources.ts';
import { openStore } from '../open-store.ts';
import { DEFAULT_STORE, storeWords } from '../sweep-options.ts';
import { note, print, stdoutScreen } from '../terminal.ts';

type Options = LooksSources & {
  db: string;
  sweep?: string[];
  all: boolean;
  data?: string;
  code?: string;
  top?: number | 'all';
  sort?: string;
  where: string[];
  status?: Status;
  show?: string[];
  fold: boolean;
  format: ReportFormat;
  json: boolean;
  html?: string;
  models?: string[];
  machine: boolean;
  force: boolean;
};

/** `sweep report`: the leaderboard. */
export function reportCommand(): Command {
  return withLooksSources(new Command('report'))
    .description('print the leaderboard, ranked by tune, and what the grid says')
    .argument('[store]', 'the same as --db: a file, or postgres://USER@HOST/DATABASE')
    .addOption(new Option('--db <store>', 'store to read').default(DEFAULT_STORE))
    .option(
      '--sweep <name>',
      'this sweep (default: the one that ran last); with --html it may be given again, to compare',
      collect,
    )
    .addOption(new Option('--all', 'every sweep: one table for each baseline run').default(false).conflicts('sweep'))
    .option('--data <hash>', 'on these data, by the beginning of their hash (default: those of the last run)')
    .option(
      '--code <hash>',
      'by this code, by the beginning of its hash or its version (default: that of the last run)',
    )
    .option('--top <n>', 'rows to show, or "all" (default: 20, all for json and csv)', parseTop)
    .option('--sort <column>', 'another order, such as "tune_auc" or "margin:desc"; a gate split is marked as spent')
    .addOption(
      new Option('--where <condition>', 'such as kind=huber or alpha>=0.01; may be given again')
        .argParser(collect)
        .default([], 'none'),
    )
    .addOption(
      new Option(
        '--status <status>',
        'only these: passed, not ready, with a fit that did not converge, sealed, or not to be judged (error)',
      )
        .choices(STATUSES)
        .argParser(parseStatus),
    )
    .option('--show <columns>', 'further columns, such as data,duration_ms,tune.brier', parseList)
    .option('--no-fold', 'a row for each configuration, also where they read the same')
    .addOption(new Option('--format <format>', 'how to print it').choices(REPORT_FORMATS).default('table'))
    .addOption(new Option('--json', 'the same as --format json').default(false).implies({ format: 'json' }))
    .addOption(
      new Option(
        '--html <file>',
        'write a report for a browser, one file that asks for nothing, in place of a table',
      ).conflicts(NOT_WITH_HTML),
    )
    .option(
      '--models <folder>',
      'with --html: show the coefficients of a configuration, from the folder that `sweep reproduce` wrote; may be given again',
      collect,
    )
    .option('--no-machine', 'with --html: leave processors and folders out, for a file that is given away')
    .option('--force', 'with --html: replace a file that is there', false)
    .action(async (place: string | undefined, given: Options, command: Command) => {
      if (place !== undefined && command.getOptionValueSource('db') === 'cli') {
        throw new UserError(`report: expected one store, got ${place} and ${given.db}`);
      }
      const options = { ...given, db: place ?? given.db };
      // What a refusal advises is about it, too.
      command.setOptionValue('db', options.db);
      refuseMisplaced(options);
      const others = await looksOfOthers(options);
      await using store = await openStore(options.db, { mode: 'read' });
      if (options.html !== undefined) {
        const [first = await lastSweep(store), ...more] = new Set(options.sweep);
        const rules = { ...options, looksOfOthers: others, replaces: options.force };
        print(await htmlFile(options.html, store, [first, ...more], rules));
        // Not in the file: it says the same wherever it is made.
        for (const sweep of options.data === undefined ? [first, ...more] : []) {
          const changed = await changedDataText(store, sweep);
          if (changed !== null) note(changed);
        }
        return;
      }
      const screen = { ...stdoutScreen(), store: storeWords(options.db) };
      const { top: fewest, fold, wanted } = formatDefaults(options.format, screen);
      const top = options.top ?? fewest;
      const [sweep] = options.sweep ?? [];
      const scope = options.all ? 'all' : { sweep: sweep ?? (await lastSweep(store)) };
      const read = await readLeaderboards(
        store,
        scope,
        {
          ...options,
          wanted,
          fold: fold && options.fold,
          top: top === 'all' ? undefined : top,
        },
        options,
      );
      const changed = scope === 'all' || options.data !== undefined ? null : await changedDataText(store, scope.sweep);
      const leaderboards =
        changed === null ? read : read.map((one) => ({ ...one, warnings: [...one.warnings, changed] }));
      for await (const text of renderings(store, leaderboards, others, options, screen)) print(text);
      // Every other format has them in it.
      if (options.format === 'csv')
        for (const warning of leaderboards.flatMap(({ warnings }) => warnings)) note(warning);
    });
}

/** What a report for a browser has no use for: its reader sorts, filters and picks in it. */
const NOT_WITH_HTML = ['all', 'top', 'sort', 'where', 'status', 'show', 'fold', 'format', 'json'];

/** @throws UserError naming what only a report for a browser takes */
function refuseMisplaced({ html, sweep = [], machine, models, force }: Options): void {
  if (html !== undefined) return;
  if (sweep.length > 1)
    throw new UserError(
      `--sweep: one sweep, got ${sweep.length}. Several are for --html FILE; \`sweep compare A B\` sets two side by side`,
    );
  if (!machine) throw new UserError('--no-machine: for --html FILE. A table names no machine');
  if (models !== undefined) throw new UserError('--models: for --html FILE. A table shows no coefficients');
  if (force) throw new UserError('--force: for --html FILE. A table replaces nothing');
}

/** Writes the report of these sweeps. @returns where it is, and how large */
async function htmlFile(
  file: string,
  store: VerdictStore,
  sweeps: readonly [string, ...string[]],
  options: HtmlReportOptions,
): Promise<string> {
  const size = await writeHtmlReport(file, store, sweeps, options);
  return printable(`${file}  ${sizeText(size)}, ${sweeps.join(', ')}: open it in a browser`);
}

/**
 * The leaderboards, a table with what may be believed of it. Of thousands of configurations that takes a second and more:
 * then the table comes first, and it below.
 */
async function* renderings(
  store: VerdictStore,
  leaderboards: readonly Leaderboard[],
  others: readonly NamedBook[],
  { all, format, data, code }: Options,
  screen: Screen,
): AsyncGenerator<string> {
  const [leaderboard] = leaderboards;
  const trustOf = (one: Leaderboard) => leaderboardTrust(store, one, { data, code }, others);
  if (all || format !== 'table' || leaderboard === undefined) {
    yield renderLeaderboards(leaderboards, all, format, screen);
    return;
  }
  if (leaderboard.counts.judged <= MOST_AT_ONCE) {
    const trust = await trustOf(leaderboard);
    yield renderLeaderboards([{ ...leaderboard, trust }], all, format, screen);
    return;
  }
  yield renderLeaderboards([leaderboard], all, format, screen);
  yield trustedRowsText({ ...leaderboard, trust: await trustOf(leaderboard) }, screen);
}

const MOST_AT_ONCE = 2000;

function parseTop(text: string): number | 'all' {
  if (text === 'all') return text;
  try {
    return numberBy(wholeNumberFrom(1))(text);
  } catch {
    throw new InvalidArgumentError(`expected a whole number ≥ 1 or "all", got ${show(text)}.`);
  }
}

/** As a screen has it, too: `not ready`. */
function parseStatus(text: string): Status {
  const status = STATUSES.find((known) => known === text.replace(' ', '-'));
  if (status === undefined)
    throw new InvalidArgumentError(`expected one of ${STATUSES.join(', ')}, got ${show(text)}.`);
  return status;
}

function parseList(text: string): string[] {
  return text.split(',').map((name) => name.trim());
}
