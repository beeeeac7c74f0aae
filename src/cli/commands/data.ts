import { Command } from 'commander';
import { countOf } from '../../counts.ts';
import { manifestOfRun } from '../../execution/baseline-data.ts';
import { publishData } from '../../execution/obtain-data.ts';
import { printable, printableJson } from '../../report/printable.ts';
import { sizeText } from '../../size-text.ts';
import { type FetchOptions, fetchData, maxDataOption } from '../data-options.ts';
import { DEFAULT_CACHE } from '../sweep-options.ts';
import { environment, note, print } from '../terminal.ts';

const DATA_ROOT = ['--data-root <dir>', 'folder that holds trader-v4/runs', 'data'] as const;
const RUN = ['<run>', "the baseline run's id"] as const;

/** `sweep data`: baseline runs by their content, from machine to machine. */
export function dataCommand(): Command {
  return new Command('data')
    .description('move baseline runs between machines by their content: every byte is verified')
    .addCommand(manifestCommand())
    .addCommand(publishCommand())
    .addCommand(fetchCommand());
}

function manifestCommand(): Command {
  return new Command('manifest')
    .description("print what a baseline run's data are: path, size and SHA-256 of each file, as canonical JSON")
    .argument(...RUN)
    .option(...DATA_ROOT)
    .action(async (run: string, { dataRoot }: { dataRoot: string }) => {
      const { text, hash } = await manifestOfRun(dataRoot, run);
      print(text);
      note(`manifest ${hash}`);
    });
}

function publishCommand(): Command {
  return new Command('publish')
    .description('put a baseline run where other machines can fetch it')
    .argument(...RUN)
    .argument('<dest>', 'a folder (shared, or one that a web server gives out) or s3://BUCKET/PREFIX')
    .option(...DATA_ROOT)
    .option('--json', 'print what was published as JSON', false)
    .addHelpText(
      'after',
      '\nS3 reads AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN,' +
        '\nAWS_REGION and AWS_ENDPOINT_URL from the environment, and nothing else.',
    )
    .action(async (run: string, dest: string, { dataRoot, json }: { dataRoot: string; json: boolean }) => {
      const published = await publishData(dataRoot, run, dest, environment());
      if (json) return print(printableJson(published));
      const { files, newFiles, newBytes, manifest } = published;
      const news = newFiles === 0 ? 'all there before' : `${newFiles} new, ${sizeText(newBytes)}`;
      print(`${run}: ${countOf(files, 'file')} published (${news})\nthese data, and no others: ${printable(manifest)}`);
    });
}

function fetchCommand(): Command {
  const command = new Command('fetch')
    .description('fetch a published baseline run into the cache, and print the data root that holds it')
    .argument('<from...>', 'folders, https://… or s3://BUCKET/PREFIX, asked in this order')
    .option('--run-id <id>', 'the baseline run, where the place does not end in /runs/ID.json or /manifests/HASH.json')
    .option('--cache <dir>', 'what was fetched is in DIR/data', DEFAULT_CACHE);
  return maxDataOption(command)
    .option('--json', 'print what was fetched as JSON', false)
    .action(async (from: string[], options: FetchOptions & { runId?: string; json: boolean }) => {
      const run = await fetchData(from, options.runId ?? null, options);
      if (options.json) return print(printableJson({ ...run, dataRoot: run.folder }));
      const news = run.fetchedBytes === 0 ? 'all there before' : `${sizeText(run.fetchedBytes)} fetched`;
      note(`${run.runId}: ${countOf(run.files, 'file')}, ${sizeText(run.bytes)} (${news}), verified`);
      print(run.folder);
    });
}
