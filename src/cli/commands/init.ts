import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, parse, relative, resolve, sep } from 'node:path';
import { Command } from 'commander';
import { readBuildRecord } from '../../baseline/build-manifest.ts';
import { listRuns } from '../../baseline/list-runs.ts';
import { missingRun } from '../../baseline/missing-run.ts';
import { RUN_FILES } from '../../baseline/run-files.ts';
import { runFolder } from '../../baseline/run-folder.ts';
import { countOf } from '../../counts.ts';
import { packageFile } from '../../package-files.ts';
import { commandLine } from '../../report/command-line.ts';
import { parseSweepDefinition } from '../../sweep/definition.ts';
import { SWEEP_NAME_PATTERN } from '../../sweep/definition-schema.ts';
import { countConfigurations } from '../../sweep/expand.ts';
import { firstDefinition } from '../../sweep/first-definition.ts';
import { isFolder } from '../../system-words.ts';
import { UserError } from '../../user-error.ts';
import { programName } from '../program-name.ts';
import { print } from '../terminal.ts';
import { writeUserFile } from '../user-file.ts';

const DEFAULT_FILE = 'sweep.yaml';

type Options = { dataRoot: string; runId?: string; name?: string; force: boolean };

/** `sweep init [FILE]`: a sweep definition for a baseline run that is there. */
export function initCommand(): Command {
  return new Command('init')
    .description('write a sweep definition for a baseline run: its ages, the defaults, a modest grid')
    .argument('[file]', 'definition to write', DEFAULT_FILE)
    .option('--data-root <dir>', 'folder that holds trader-v4/runs', 'data')
    .option('--run-id <id>', 'baseline run (default: the only one there)')
    .option('--name <name>', "what the sweep is called (default: the file's name)")
    .option('--force', 'replace a file that is there', false)
    .action(async (file: string, options: Options) => {
      const runId = options.runId ?? onlyRun(options.dataRoot);
      const text = await definitionText(file, runId, options);
      const definition = parseSweepDefinition(text, 'yaml', file);
      await writeUserFile(file, { replaces: options.force }, (handle) => handle.writeFile(text));
      print(
        [
          `${file}: ${countOf(countConfigurations(definition), 'configuration')} over baseline run ${runId}`,
          'next',
          `  ${commandLine(programName(), ['plan', file])}   what would run: datasets, memory, time`,
          `  ${commandLine(programName(), ['run', file])}    judge it`,
        ].join('\n'),
      );
    });
}

function onlyRun(dataRoot: string): string {
  const runs = listRuns(dataRoot).map((run) => run.runId);
  const [only] = runs;
  if (only !== undefined && runs.length === 1) return only;
  const build = commandLine(programName(), ['baseline', 'build']);
  if (only === undefined) {
    throw new UserError(
      `${dataRoot}: there is no baseline run in ${dataRoot}/trader-v4/runs. ${build} makes one, --data-root says where they lie.`,
    );
  }
  throw new UserError(
    `--run-id: ${dataRoot} has ${countOf(runs.length, 'baseline run')}, name one of ${runs.join(', ')}`,
  );
}

/** The file's name without its ending; the run's id where that is no name of a sweep, or the file is called as any other. */
function nameOf(file: string, runId: string): string {
  const { name } = parse(file);
  return file !== DEFAULT_FILE && SWEEP_NAME_PATTERN.test(name) ? name : runId;
}

async function definitionText(file: string, runId: string, options: Options): Promise<string> {
  const { dataRoot, name = nameOf(file, runId) } = options;
  const root = runFolder(dataRoot, runId);
  if (!isFolder(root)) throw missingRun(dataRoot, runId, root);
  const manifest = join(root, RUN_FILES.buildManifest);
  return firstDefinition({
    name,
    runId,
    dataRoot: isAbsolute(dataRoot) ? dataRoot : pathFrom(file, dataRoot),
    schema: pathFrom(file, packageFile('sweeps/sweep-definition.schema.json')),
    maxAgeMinutes: existsSync(manifest) ? (await readBuildRecord(manifest)).maxAgeMinutes : null,
  });
}

/** A path as it is written in a file: from the file's folder, with slashes. */
function pathFrom(file: string, path: string): string {
  const from = relative(dirname(resolve(file)), resolve(path))
    .split(sep)
    .join('/');
  return from.startsWith('.') ? from : `./${from}`;
}
