import { join } from 'node:path';
import { Command, Option } from 'commander';
import { reproduce } from '../../execution/reproduce.ts';
import { printableJson } from '../../report/printable.ts';
import { reproductionText } from '../../report/reproduction-text.ts';
import { EXIT, type SetExitCode } from '../exit-codes.ts';
import { stderrLog } from '../log.ts';
import { openStore } from '../open-store.ts';
import { programName } from '../program-name.ts';
import { provenanceOf } from '../provenance.ts';
import { DEFAULT_STORE } from '../sweep-options.ts';
import { print } from '../terminal.ts';

type Options = {
  db: string;
  sweep?: string;
  out?: string;
  dataRoot?: string;
  featureOrder?: string;
  force: boolean;
  machine: boolean;
  baseline?: string;
  data?: string;
  code?: string;
  json: boolean;
  verbose: boolean;
};

/** `sweep reproduce ID`: one configuration again, alone, with its nine files and its models. */
export function reproduceCommand(setExitCode: SetExitCode): Command {
  return new Command('reproduce')
    .description(
      'run one configuration alone, write its nine files and its models, and compare every metric with the stored verdict',
    )
    .argument('<id>', "configuration's or verdict's id, or any prefix that names one only")
    .addOption(new Option('--db <file>', 'store to read').default(DEFAULT_STORE))
    .option('--sweep <name>', 'the verdict that this sweep shows, where the configuration has several')
    .option('--baseline <id>', 'the verdict on this baseline run')
    .option('--data <hash>', 'the verdict on these data, by the beginning of their hash')
    .option('--code <hash>', 'the verdict by this code, by the beginning of its hash or its version')
    .option('--out <dir>', 'folder for the files (default: results/reproduced/ID)')
    .option('--data-root <dir>', 'where the data lie now, if they were moved')
    .option('--feature-order <file>', "JSON array of market features, instead of the run's feature/feature_order.json")
    .option('--force', 'replace files of an earlier reproduction', false)
    .option('--json', 'print the comparison as JSON', false)
    .option('--no-machine', 'write no CPU into the manifest: for results that are given away')
    .option('--verbose', "log the experiment's events to stderr", false)
    .addHelpText('after', `\nExit code ${EXIT.differs} when anything differs.`)
    .action(async (id: string, options: Options) => {
      await using store = await openStore(options.db, { mode: 'read' });
      const outcome = await store.find(id, options);
      const reproduction = await reproduce(
        outcome,
        await provenanceOf(null, null, { withMachine: options.machine }),
        {
          outputFolder: options.out ?? join('results', 'reproduced', outcome.configurationId),
          force: options.force,
          program: programName(),
          dataRoot: options.dataRoot,
          featureOrderFile: options.featureOrder,
        },
        stderrLog(options.verbose ? 'text' : 'quiet'),
      );
      print(options.json ? printableJson(reproduction) : reproductionText(reproduction));
      if (reproduction.differences.length > 0) setExitCode(EXIT.differs);
    });
}
