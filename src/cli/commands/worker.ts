import { hostname } from 'node:os';
import { Command, Option } from 'commander';
import { codeIdentity } from '../../code-identity.ts';
import { countOf } from '../../counts.ts';
import { QUEUE_TIMES, queueTimes } from '../../distributed/queue-names.ts';
import { requireSelfTest } from '../../execution/self-test.ts';
import { printableJson } from '../../report/printable.ts';
import { numberFrom, wholeNumberFrom, wholeNumberWithin } from '../../sweep/parameter-rules.ts';
import { numberBy } from '../arguments.ts';
import { collectPlaces, fetchData, maxDataOption } from '../data-options.ts';
import { EXIT, type SetExitCode } from '../exit-codes.ts';
import { injectedFault, injectedTampering } from '../injected-fault.ts';
import { interruptible } from '../interrupt.ts';
import { provenanceOf } from '../provenance.ts';
import { DEFAULT_CACHE, DEFAULT_TIME_LIMIT_SECONDS, MOST_THREADS, runSettings } from '../sweep-options.ts';
import { note, print } from '../terminal.ts';

type Options = {
  data?: string[];
  dataRoot?: string;
  maxData: number;
  threads?: number;
  cache: string | false;
  maxMemory?: number;
  idleExit?: number;
  grace: number;
  maxSlices?: number;
  timeLimit: number;
  machine: boolean;
  selfTest: boolean;
  heartbeat: number;
  json: boolean;
};

const DEFAULT_GRACE_SECONDS = 60;

/** `sweep worker URL`: this machine judges what waits in a queue, until it is told to stop. */
export function workerCommand(setExitCode: SetExitCode): Command {
  const command = new Command('worker')
    .description('judge slices of sweeps that `sweep run --engine` has sent to a PostgreSQL database')
    .argument('<url>', 'postgres://USER@HOST/DATABASE; the password comes from PGPASSWORD or a password file')
    .addOption(
      new Option('--data <place>', 'fetch baseline runs from a folder, https://… or s3://…; several are asked in order')
        .argParser(collectPlaces)
        .conflicts('dataRoot'),
    )
    .option('--data-root <dir>', 'folder that holds trader-v4/runs on this machine (default: "data")');
  return maxDataOption(command)
    .option('--threads <n>', 'worker threads (default: one a core)', numberBy(wholeNumberWithin(1, MOST_THREADS)))
    .option('--cache <dir>', 'where data and state rows are kept for the next start', DEFAULT_CACHE)
    .option('--no-cache', 'build state rows anew and keep nothing')
    .option('--max-memory <MiB>', 'refuse to use more shared memory than this', numberBy(wholeNumberFrom(1)))
    .option('--idle-exit <seconds>', 'end after so long without work (default: never)', numberBy(numberFrom(0)))
    .option('--max-slices <n>', 'end after so many slices (default: never)', numberBy(wholeNumberFrom(1)))
    .option(
      '--grace <seconds>',
      'when told to stop, finish and store what is in hand for so long at the most',
      numberBy(numberFrom(0)),
      DEFAULT_GRACE_SECONDS,
    )
    .option(
      '--time-limit <seconds>',
      'give a configuration up when it takes longer',
      numberBy(numberFrom(0.001)),
      DEFAULT_TIME_LIMIT_SECONDS,
    )
    .option('--no-self-test', 'begin without the known answers of sweep doctor --self-test')
    .option('--no-machine', 'store no host, user and CPU')
    .addOption(
      new Option('--heartbeat <seconds>', 'for tests: as the queue was made with')
        .argParser(numberBy(numberFrom(1)))
        .default(QUEUE_TIMES.heartbeatSeconds)
        .hideHelp(),
    )
    .option('--json', 'print what was judged as JSON', false)
    .addHelpText(
      'after',
      '\nCtrl-C or SIGTERM: what is in hand is judged and stored, the rest goes back to' +
        '\nthe queue. A second one ends at once; what was stored stays.' +
        `\n\nExit code ${EXIT.unfit} when this machine may not work (data, memory, arithmetic),` +
        `\n${EXIT.differs} when a verdict came out otherwise than the one that is stored.`,
    )
    .action(async (url: string, options: Options) => {
      // Loaded where it is asked for: the packages that speak to PostgreSQL are optional.
      const { runWorker } = await import('../../distributed/worker.ts');
      const { threads, cache, memoryLimit } = runSettings({ ...NO_SWEEP, ...options });
      const proveHost = async (): Promise<void> => {
        if (options.selfTest) await requireSelfTest(threads);
      };
      const heard = (text: string) => note(`worker: ${text}`);
      const summary = await interruptible(
        (signal) =>
          runWorker({
            url,
            dataRootOf: async ({ baselineRunId }) =>
              options.data === undefined
                ? (options.dataRoot ?? DEFAULT_DATA_ROOT)
                : (await fetchData(options.data, baselineRunId, options)).folder,
            host: { threads, cache, memoryLimit, timeLimitMs: options.timeLimit * 1000, ...injectedFault() },
            proveHost,
            provenanceOf: ({ definition, options: asked }) =>
              provenanceOf(definition, asked, { withMachine: options.machine }),
            codeHash: codeIdentity().hash,
            hostName: hostname(),
            idleExitMs: options.idleExit === undefined ? null : options.idleExit * 1000,
            maxSlices: options.maxSlices ?? null,
            graceMs: options.grace * 1000,
            times: queueTimes(options.heartbeat),
            signal,
            ...injectedTampering(),
            notice: heard,
          }),
        () => {
          heard('stopping: storing what is in hand, the rest goes back to the queue (again: ends at once)');
          // A server that does not answer cannot be given anything back: it takes the slice back by itself.
          const end = (): void => {
            heard(`not done within ${options.grace} s: the queue takes the slice back when this host is silent`);
            process.exit(EXIT.done);
          };
          setTimeout(end, options.grace * 1000).unref();
        },
      );
      if (options.json) print(printableJson(summary));
      else {
        const { slices, completed, failed } = summary;
        print(`worker: ${countOf(slices, 'slice')}, ${countOf(completed, 'verdict')}, ${countOf(failed, 'error')}`);
      }
      if (summary.conflicts > 0) setExitCode(EXIT.differs);
    });
}

const DEFAULT_DATA_ROOT = 'data';
/** What of a sweep's options a worker is not asked: it comes with the slices. */
const NO_SWEEP = { yes: true, barGaps: 'keep', allowLongAges: true } as const;
