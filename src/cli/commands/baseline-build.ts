import { Command } from 'commander';
import type { BarSource } from '../../baseline/from-bars/bar-sources.ts';
import { buildBaselineRun } from '../../baseline/from-bars/build-baseline-run.ts';
import { BUILD_DEFAULTS, type BuildOptions } from '../../baseline/from-bars/build-plan.ts';
import { baselineBuildText } from '../../report/baseline-build-text.ts';
import { commandLine } from '../../report/command-line.ts';
import { printableJson } from '../../report/printable.ts';
import { numberFrom, wholeNumberFrom } from '../../sweep/parameter-rules.ts';
import { numberBy } from '../arguments.ts';
import {
  addReadingOptions,
  collectSources,
  type ReadingFlags,
  readingOptions,
  withoutReadingFlags,
} from '../bar-options.ts';
import { programName } from '../program-name.ts';
import { note, print } from '../terminal.ts';
import { baselineInspectCommand } from './baseline-inspect.ts';
import { baselineListCommand } from './baseline-list.ts';

type Options = Omit<BuildOptions, 'bars' | 'reading' | 'force'> &
  ReadingFlags & { force: boolean; json: boolean; verbose: boolean };

/** `sweep baseline build`: a baseline run from 1-minute bars. */
export function baselineCommand(): Command {
  const build = new Command('build')
    .description('make a baseline run from 1-minute bars: features, labels, splits, frozen models')
    .argument(
      '<SYMBOL=FILE...>',
      "1-minute bars: CSV, JSON, parquet or Arrow, packed or not; a folder, a pattern in quotes ('data/*.zip'), a symbol " +
        'repeated; FILE alone where a column says the symbol. Needs time, open, high, low, close, volume; may have ' +
        'quote volume, trades, taker buys, best bid and ask with sizes (docs/bars.md)',
      collectSources,
    )
    .requiredOption('--data-root <dir>', 'the run goes to DIR/trader-v4/runs/ID')
    .requiredOption('--run-id <id>', 'name of the new baseline run')
    .option('--start <time>', 'first UTC day or minute, included: 2024-05-01 or 2024-05-01T12:00Z (default: all bars)')
    .option('--end <time>', 'first UTC day or minute left out (default: all bars)')
    .option('--stop-distance-bps <n>', 'distance of the stop', number, BUILD_DEFAULTS.stopDistanceBps)
    .option('--target-distance-bps <n>', 'distance of the target', number, BUILD_DEFAULTS.targetDistanceBps)
    .option('--cost-bps <n>', 'cost of a round trip', number, BUILD_DEFAULTS.costBps)
    .option('--entry-horizon-minutes <n>', 'bars an entry label looks ahead', whole, BUILD_DEFAULTS.entryHorizonMinutes)
    .option(
      '--min-expected-entry-edge-bps <n>',
      'least edge after cost that makes an entry label 1',
      anyNumber,
      BUILD_DEFAULTS.minExpectedEntryEdgeBps,
    )
    .option('--entry-stride-minutes <n>', 'label every n-th minute', whole, BUILD_DEFAULTS.entryStrideMinutes)
    .option(
      '--continue-horizon-minutes <n>',
      "bars the experiment's own label looks ahead",
      whole,
      BUILD_DEFAULTS.continueHorizonMinutes,
    )
    .option(
      '--min-expected-continue-edge-bps <n>',
      "least edge after cost that makes the experiment's label 1",
      anyNumber,
      BUILD_DEFAULTS.minExpectedContinueEdgeBps,
    )
    .option(
      '--max-age-minutes <n>',
      'largest age that the gap between splits must serve',
      whole,
      BUILD_DEFAULTS.maxAgeMinutes,
    )
    .option(
      '--split-fractions <list>',
      'shares of fit_inner, tune, validation_locked, latest_stress',
      parseFractions,
      BUILD_DEFAULTS.splitFractions,
    )
    .option('--force', 'replace the files of an earlier build', false)
    .option('--json', 'print the summary as JSON', false)
    .option('--verbose', 'say each step on stderr', false)
    .action(async (bars: BarSource[], { json, verbose, ...flags }: Options) => {
      const options = { ...withoutReadingFlags(flags), bars, reading: readingOptions(flags) };
      const summary = await buildBaselineRun(options, (step) => {
        if (verbose) note(step);
      });
      const { dataRoot, runId } = options;
      const next = commandLine(programName(), ['init', `${runId}.yaml`, '--data-root', dataRoot, '--run-id', runId]);
      print(json ? printableJson({ ...summary, next }) : baselineBuildText(summary, next));
    });
  return new Command('baseline')
    .description('baseline runs, the input of every experiment: make, look at, list')
    .addCommand(addReadingOptions(build))
    .addCommand(baselineInspectCommand())
    .addCommand(baselineListCommand());
}

const number = numberBy(numberFrom(0));
const whole = numberBy(wholeNumberFrom(1));
const anyNumber = numberBy(numberFrom(Number.NEGATIVE_INFINITY));

function parseFractions(text: string): number[] {
  return text.split(',').map((item) => number(item.trim()));
}
