import { existsSync } from 'node:fs';
import { basename, isAbsolute, relative, sep } from 'node:path';
import { Command, Option } from 'commander';
import { countOf, countText } from '../../counts.ts';
import { QUEUE_TIMES } from '../../distributed/queue-names.ts';
import { runSweep } from '../../execution/run-sweep.ts';
import { commandLine } from '../../report/command-line.ts';
import { durationText } from '../../report/number-text.ts';
import { printableJson } from '../../report/printable.ts';
import { emptyShardText, planTitle, shardJson } from '../../report/shard-text.ts';
import { looksSpent, type NamedBook } from '../../report/sweep-budget.ts';
import { TooMany } from '../../report/too-many.ts';
import type { VerdictStore } from '../../store/verdict-store.ts';
import { numberFrom, numberWithin } from '../../sweep/parameter-rules.ts';
import type { SweepPlan } from '../../sweep/plan.ts';
import type { AnyPlan } from '../../sweep/shards.ts';
import { numberBy } from '../arguments.ts';
import { startPageOfRun } from '../beside-run.ts';
import { refuseEngineOptions, runOnEngine } from '../engine-run.ts';
import { EXIT, type SetExitCode } from '../exit-codes.ts';
import { injectedFault } from '../injected-fault.ts';
import { interruptible } from '../interrupt.ts';
import { addToLedger, ledgerOrNone } from '../looks-sources.ts';
import { openStore, refuseUnwritablePlace } from '../open-store.ts';
import { asCalled, programName } from '../program-name.ts';
import { SweepProgress } from '../progress.ts';
import { provenanceOf } from '../provenance.ts';
import { type ServeOptions, serveOptions } from '../serve-options.ts';
import { inShard, type ShardOptions, shardOptions } from '../shard-options.ts';
import {
  DEFAULT_STORE,
  DEFAULT_TIME_LIMIT_SECONDS,
  planFile,
  runSettings,
  type SharedSweepOptions,
  sharedSweepOptions,
  storeWords,
} from '../sweep-options.ts';
import { note, print } from '../terminal.ts';

type Options = SharedSweepOptions &
  ShardOptions &
  ServeOptions & {
    serve: boolean;
    db: string;
    fresh: boolean;
    replace: boolean;
    mixShards: boolean;
    selfTest: boolean;
    machine: boolean;
    retryErrors: boolean;
    timeLimit: number;
    wait: number | false;
    engine?: string;
    audit: number;
    heartbeat: number;
    allowErrors: boolean;
    seal?: boolean;
    ledger?: string;
    json: boolean;
  };

/** `sweep run FILE`: the main job. */
export function runCommand(setExitCode: SetExitCode): Command {
  const command = new Command('run')
    .description('judge every configuration of a sweep definition; run again, it goes on where it was')
    .argument('<file>', 'sweep definition, YAML or JSON')
    .addOption(new Option('--db <file>', 'store for the verdicts').default(DEFAULT_STORE));
  const serving = command.option('--serve', 'show the run as a page in the browser', false);
  return serveOptions(shardOptions(sharedSweepOptions(serving)), { serve: true })
    .option('--mix-shards', 'let a store take more than one shard of a sweep', false)
    .option('--no-self-test', 'of a shard: judge without the known answers of sweep doctor --self-test before it')
    .option('--fresh', 'judge everything again; verdicts that are stored stand', false)
    .option('--replace', 'take the place of a sweep of that name that has another definition', false)
    .option('--seal', 'show nobody the gates of what is judged until sweep unseal (default: what the definition says)')
    .option('--no-seal', 'show them, whatever the definition says')
    .option('--ledger <file>', 'add the looks at locked splits to this ledger after the run (docs/trust.md)')
    .option('--retry-errors', 'judge again what could not be judged before', false)
    .addOption(new Option('--retry-failed', 'its name in 0.1.0').implies({ retryErrors: true }).hideHelp())
    .option(
      '--time-limit <seconds>',
      'give a configuration up when it takes longer, and the preparation of a dataset after 16 times that',
      numberBy(numberFrom(0.001)),
      DEFAULT_TIME_LIMIT_SECONDS,
    )
    .option('--wait <seconds>', 'wait so long for another run on the same store', numberBy(numberFrom(0)), 0)
    .addOption(
      new Option(
        '--engine <url>',
        'have workers of other machines judge it: postgres://USER@HOST/DATABASE (docs/distributed.md)',
      ).conflicts(['db', 'serve', 'shard', 'shardIndex', 'shards', 'ledger', 'threads', 'maxMemory', 'timeLimit']),
    )
    .option('--no-wait', 'with --engine: leave when everything is sent')
    .option(
      '--audit <share>',
      'with --engine: have so much of it judged again by another host, 0 to 1',
      numberBy(numberWithin(0, 1)),
      0,
    )
    .addOption(
      new Option('--heartbeat <seconds>', 'for tests')
        .argParser(numberBy(numberFrom(1)))
        .default(QUEUE_TIMES.heartbeatSeconds)
        .hideHelp(),
    )
    .option('--no-machine', 'store no host, user and CPU: for results that are given away')
    .option('--allow-errors', `exit with ${EXIT.done} although configurations could not be judged`, false)
    .option('--json', 'print the summary as JSON', false)
    .addHelpText(
      'after',
      `\nExit code ${EXIT.error} when any configuration could not be judged, now or before,` +
        `\n${EXIT.differs} when a verdict came out otherwise than the one that is stored,` +
        `\n${EXIT.unfit} of a shard whose machine fails the self test: nothing is written then.` +
        '\n\nCtrl-C with --engine leaves: workers go on, and the same command follows them\nagain.',
    )
    .action(async (file: string, options: Options) => {
      if (options.engine === undefined) {
        refuseEngineOptions(options);
        if (!existsSync(options.db)) refuseUnwritablePlace(options.db);
      }
      const { definition, ...whole } = await planFile(file, options, 'run');
      const plan = inShard(whole, options);
      const settings = runSettings(options);
      const seals = options.seal ?? plan.seals;
      const { engine } = options;
      if (engine !== undefined) {
        const asked = storedOptions(file, options, settings.threads, seals);
        await runOnEngine(whole, definition, asked, seals, { ...options, engine }, setExitCode);
        return;
      }
      // Before anything is written: shards of machines that differ could be told apart only by judging all again.
      if ('shard' in plan && plan.datasets.length > 0 && options.selfTest) await proveHost(settings.threads);
      // A damaged one is told before anything is judged.
      const ledger = options.ledger === undefined ? [] : [{ name: options.ledger, book: ledgerOrNone(options.ledger) }];
      const started = options.serve ? await startPageOfRun({ ...options, sweep: plan.name }) : null;
      if (typeof started === 'number') {
        setExitCode(started);
        return;
      }
      await using page = started;
      using progress = new SweepProgress(plan);
      const summary = await interruptible(
        (signal) =>
          runSweep(
            plan,
            {
              isThere: existsSync(options.db),
              open: async () => {
                const store = await openStore(options.db, { mode: 'write', waitMs: (options.wait || 0) * 1000 });
                page?.storeIsOpen();
                return store;
              },
            },
            provenanceOf(definition, storedOptions(file, options, settings.threads, seals), {
              withMachine: options.machine,
            }),
            {
              ...settings,
              fresh: options.fresh,
              replace: options.replace,
              mixShards: options.mixShards,
              retryErrors: options.retryErrors,
              seals,
              begun: async (store) => {
                const text = await looksToSpendText(store, plan, { seals, retriesErrors: options.retryErrors, ledger });
                if (text !== null) progress.line(text);
              },
              timeLimitMs: options.timeLimit * 1000,
              ...injectedFault(),
              signal,
            },
            progress.observer,
          ),
        () => progress.line('stopping: finishing the verdicts in hand (Ctrl-C again stops at once)'),
      );
      progress[Symbol.dispose]();
      if (options.ledger !== undefined) {
        await using store = await openStore(options.db, { mode: 'read' });
        await addToLedger(options.ledger, store, plan.name);
      }
      if (options.json)
        print(printableJson({ sweep: plan.name, ...shardJson(plan), db: options.db, sealed: seals, ...summary }));
      else print(summaryText(plan, options.db, summary, seals));
      if (summary.interrupted) setExitCode(EXIT.interrupted);
      if (summary.conflicts.length > 0) setExitCode(EXIT.differs);
      if (summary.error + summary.errorBefore > 0 && !options.allowErrors) setExitCode(EXIT.error);
    });
}

/** @throws UnfitHost when this machine computes otherwise than it should */
async function proveHost(threads: number): Promise<void> {
  // Of shards alone.
  const { requireSelfTest } = await import('../../execution/self-test.ts');
  note('self test: known answers, before the first batch');
  await requireSelfTest(threads);
}

/**
 * What a run is about to spend of the locked splits, and how much was spent; null where it judges nothing or they have no
 * rows.
 */
async function looksToSpendText(
  store: VerdictStore,
  { name, configurations }: Pick<SweepPlan, 'name' | 'configurations'>,
  { seals, retriesErrors, ledger }: { seals: boolean; retriesErrors: boolean; ledger: readonly NamedBook[] },
): Promise<string | null> {
  const summary = await store.summary(name);
  const left = (summary?.pendingCount ?? 0) + (retriesErrors ? (summary?.errorCount ?? 0) : 0);
  // Of a shard its own.
  const open = Math.min(left, configurations.length);
  const before = open === 0 ? null : await looksSpentText(store, name, ledger);
  if (before === null) return null;
  return seals
    ? `locked splits: gates are sealed, no look is spent before sweep unseal; ${before}`
    : `locked splits: up to ${countOf(open, 'look')} to be spent, ${before} (--seal spends none)`;
}

async function looksSpentText(
  store: VerdictStore,
  sweep: string,
  ledger: readonly NamedBook[],
): Promise<string | null> {
  try {
    const spent = await looksSpent(store, sweep, ledger);
    return spent === null ? null : `${countOf(spent, 'look')} spent so far`;
  } catch (error) {
    if (error instanceof TooMany)
      return `how many were spent is not counted: ${asCalled(error.message, storeWords(store.location))}`;
    throw error;
  }
}

/** What the run was started with, for whoever asks a verdict what made it. */
function storedOptions(file: string, options: Options, threads: number, seal: boolean) {
  const {
    barGaps,
    featureOrder = null,
    limit = null,
    maxMemory = null,
    cache,
    fresh,
    retryErrors,
    timeLimit,
    allowLongAges,
  } = options;
  const injectedFault = process.env.SWEEP_INJECT_FAULT || null;
  const asked = { barGaps, allowLongAges, featureOrder, limit, maxMemory, cache, fresh, retryErrors, seal, timeLimit };
  return { file: shownFile(file), threads, ...asked, injectedFault };
}

/** The definition's file from the working folder, its name alone where it lies elsewhere: stores are given away. */
function shownFile(file: string): string {
  const way = relative('', file);
  const shown = way.startsWith('..') || isAbsolute(way) ? basename(file) : way.replaceAll(sep, '/');
  // No option.
  return shown.startsWith('-') ? `./${shown}` : shown;
}

function summaryText(plan: AnyPlan, db: string, summary: Awaited<ReturnType<typeof runSweep>>, seals: boolean): string {
  const { name } = plan;
  if (plan.datasets.length === 0) {
    return `${emptyShardText(plan)}. ${db} says so`;
  }
  const { known, completed, error, errorBefore, configurations, durationMs } = summary;
  const judged = completed + error;
  const rate = judged > 0 ? `, ${(durationMs / judged).toFixed(1)} ms each` : '';
  const parts = [`${countText(completed)} judged`];
  if (error > 0) parts.push(`${countText(error)} error`);
  const ofThem = errorBefore > 0 ? ` (${countText(errorBefore)} of them error)` : '';
  if (known > 0) parts.push(`${countText(known)} already in the store${ofThem}`);
  const lines = [`${planTitle(plan)}: ${parts.join(', ')}, in ${durationText(durationMs)}${rate}`];
  const program = programName();
  const report = ['report', '--sweep', name, ...storeWords(db)];
  if (summary.interrupted) {
    const left = countOf(configurations - known - judged, 'configuration');
    lines.push(`interrupted, ${left} left. Go on with: ${commandLine(program, process.argv.slice(2))}`);
  } else lines.push(`leaderboard: ${commandLine(program, report)}`);
  if ('shard' in plan && !summary.interrupted) {
    lines.push(
      `once all ${plan.shard.count} are done: ${commandLine(program, ['merge', 'all.db', db])} and the others' stores`,
    );
  }
  if (seals && completed > 0) {
    const unseal = ['unseal', 'ID', ...storeWords(db)];
    lines.push(`their gates are sealed; to look at those of one: ${commandLine(program, unseal)}`);
  }
  const [conflict] = summary.conflicts;
  if (conflict !== undefined) {
    const count = countOf(summary.conflicts.length, 'verdict');
    lines.push(
      `CONFLICT: ${count} came out otherwise than stored, such as ${conflict.verdictId}; the stored ones stand`,
    );
  }
  if (error + errorBefore > 0) lines.push(`errors: ${commandLine(program, [...report, '--status', 'error'])}`);
  return lines.join('\n');
}
