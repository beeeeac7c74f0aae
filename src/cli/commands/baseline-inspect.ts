import { Command } from 'commander';
import type { BarSource } from '../../baseline/from-bars/bar-sources.ts';
import { inspectBars } from '../../baseline/from-bars/inspect-bars.ts';
import { baselineInspectText } from '../../report/baseline-inspect-text.ts';
import { printableJson } from '../../report/printable.ts';
import { addReadingOptions, collectSources, type ReadingFlags, readingOptions } from '../bar-options.ts';
import { print } from '../terminal.ts';

type Options = ReadingFlags & { json: boolean };

/** `sweep baseline inspect`: what a build would understand of files of bars. */
export function baselineInspectCommand(): Command {
  const inspect = new Command('inspect')
    .description('say what a build would understand of files of bars, and build nothing')
    .argument(
      '<FILE...>',
      'as for `sweep baseline build`: FILE, SYMBOL=FILE, a folder, a pattern in quotes',
      collectSources,
    );
  return addReadingOptions(inspect)
    .option('--json', 'print it as JSON', false)
    .action(async (sources: BarSource[], { json, ...flags }: Options) => {
      const inspections = await inspectBars(sources, {}, readingOptions(flags));
      print(json ? printableJson(inspections) : baselineInspectText(inspections));
    });
}
