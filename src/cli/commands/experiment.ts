import { Command, Option } from 'commander';
import { madeBy } from '../../execution/made-by.ts';
import { DEFAULTS, REGRESSOR_KINDS } from '../../experiment/configuration.ts';
import { gatesOf } from '../../experiment/gates.ts';
import { configurationFrom, type NumericParameterName, type ParameterValues } from '../../experiment/parameters.ts';
import { runExperiment } from '../../experiment/run-experiment.ts';
import { experimentText } from '../../report/experiment-text.ts';
import { printable, printableJson } from '../../report/printable.ts';
import { unconvergedLines } from '../../report/unconverged-text.ts';
import { unconvergedFitsOf } from '../../store/unconverged-fits.ts';
import { ruleOf } from '../../sweep/parameter-rules.ts';
import { numberBy, parseAges } from '../arguments.ts';
import { EXIT, type SetExitCode } from '../exit-codes.ts';
import { type LogFormat, stderrLog } from '../log.ts';
import { ALLOW_LONG_AGES, refuseLongAges } from '../long-ages.ts';
import { provenanceOf } from '../provenance.ts';
import { note, print, stdoutScreen } from '../terminal.ts';

type Options = ParameterValues & {
  machine: boolean;
  dataRoot: string;
  baselineRunId: string;
  runId: string;
  featureOrder?: string;
  barGaps: 'keep' | 'drop';
  out?: string;
  allowLongAges: boolean;
  force: boolean;
  json: boolean;
  requirePass: boolean;
  verbose: boolean;
  logJson: boolean;
};

/** `sweep experiment`: the seed's program, one configuration. */
export function experimentCommand(setExitCode: SetExitCode): Command {
  return new Command('experiment')
    .description('run one configuration of the state-continue experiment and write its nine files and its models')
    .requiredOption('--data-root <dir>', 'folder that holds trader-v4/runs')
    .requiredOption('--baseline-run-id <id>', 'baseline run to read')
    .requiredOption('--run-id <id>', 'run to write, below the data root')
    .option('--ages-minutes <list>', 'position ages in minutes', parseAges, [...DEFAULTS.agesMinutes])
    .addOption(
      new Option('--regressor-kind <kind>', 'regressor of the expected continue edge')
        .choices(REGRESSOR_KINDS)
        .default(DEFAULTS.regressorKind),
    )
    .addOption(numeric('ridgeAlpha', 'ridge penalty, ≥ 0'))
    .addOption(numeric('huberAlpha', 'Huber penalty, ≥ 0'))
    .addOption(numeric('huberEpsilon', 'Huber threshold in scales, ≥ 1'))
    .addOption(numeric('huberMaxIter', 'Newton steps within which a Huber fit has to converge'))
    .addOption(numeric('regressionTargetClipBps', 'clip targets and predictions to ± this many bps; 0: no clip'))
    .addOption(numeric('maxRowsPerSplit', 'keep the last rows by event time of each split; 0: all'))
    .option('--feature-order <file>', "JSON array of market features, instead of the run's feature/feature_order.json")
    .addOption(
      new Option('--bar-gaps <policy>', 'rows whose window of bars spans missing minutes')
        .choices(['keep', 'drop'] as const)
        .default('keep'),
    )
    .option(...ALLOW_LONG_AGES, false)
    .option('--out <dir>', 'write the files to this folder instead')
    .option('--force', "replace an earlier run's files", false)
    .option('--json', 'print the outcome as JSON', false)
    .option('--no-machine', 'write no CPU into the manifest: for results that are given away')
    .option('--require-pass', `exit with ${EXIT.notReady} unless the verdict is PASS_TO_FORMAL_CHAIN`, false)
    .option('--verbose', "log the experiment's events to stderr", false)
    .option('--log-json', 'log the events as JSON lines', false)
    .action(async (options: Options) => {
      const configuration = configurationFrom(options);
      if (!options.allowLongAges) {
        const baseline = { dataRoot: options.dataRoot, runId: options.baselineRunId };
        await refuseLongAges(baseline, [['--ages-minutes', configuration.agesMinutes]]);
      }
      const outcome = await runExperiment(
        {
          dataRoot: options.dataRoot,
          baselineRunId: options.baselineRunId,
          runId: options.runId,
          configuration,
          barGaps: options.barGaps,
          force: options.force,
          given: options,
          madeBy: madeBy(await provenanceOf(null, null, { withMachine: options.machine })),
          ...(options.featureOrder === undefined ? {} : { featureOrderFile: options.featureOrder }),
          ...(options.out === undefined ? {} : { outputFolder: options.out }),
        },
        stderrLog(logFormat(options)),
      );
      const { result, verdict } = outcome.judgement;
      if (options.json) {
        const { folder, manifest } = outcome;
        const document = {
          runId: options.runId,
          configuration,
          folder,
          manifest,
          verdict,
          gates: gatesOf(result),
          result,
        };
        print(printableJson(document));
      } else print(`${experimentText(result, verdict, stdoutScreen())}\nfiles: ${printable(outcome.folder)}`);
      // The stored verdict decides; that a gate was made easier is for whoever relies on it.
      if (options.requirePass) for (const line of unconvergedLines(unconvergedFitsOf(result))) note(line);
      if (options.requirePass && verdict.status !== 'PASS_TO_FORMAL_CHAIN') setExitCode(EXIT.notReady);
    });
}

/** `--huber-alpha` for `huberAlpha`, with the rule and default that it has as an axis of a sweep. */
function numeric(name: NumericParameterName, description: string): Option {
  const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return new Option(`--${flag} <n>`, description).argParser(numberBy(ruleOf(name))).default(DEFAULTS[name]);
}

function logFormat({ verbose, logJson }: Options): LogFormat {
  if (logJson) return 'json';
  return verbose ? 'text' : 'quiet';
}
