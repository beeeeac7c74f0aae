import { Command, InvalidArgumentError, Option } from 'commander';
import { readLeaderboard, STATUSES, type Status } from '../../report/leaderboard.ts';
import { defaultTop, REPORT_FORMATS, type ReportFormat, renderLeaderboard } from '../../report/render-leaderboard.ts';
import { wholeNumberFrom } from '../../sweep/parameter-rules.ts';
import { show } from '../../sweep/problems.ts';
import { numberBy } from '../arguments.ts';
import { openStore } from '../open-store.ts';
import { DEFAULT_STORE } from '../sweep-options.ts';
import { print, stdoutScreen } from '../terminal.ts';

type Options = {
  db: string;
  sweep?: string;
  top?: number | 'all';
  sort?: string;
  where: string[];
  status?: Status;
  format: ReportFormat;
};

/** `sweep report`: the leaderboard. */
export function reportCommand(): Command {
  return new Command('report')
    .description('print the leaderboard, ranked by tune, and what the grid says')
    .addOption(new Option('--db <file>', 'store to read').default(DEFAULT_STORE))
    .option('--sweep <name>', 'only this sweep (default: the whole store)')
    .option('--top <n>', 'rows to show, or "all" (default: 20, all for json and csv)', parseTop)
    .option('--sort <column>', 'another order, such as "auc" or "margin:desc"; a gate split is marked as spent')
    .option('--where <condition>', 'such as kind=huber or alpha>=0.01; may be given again', collect, [])
    .addOption(
      new Option('--status <status>', 'only what passed, failed the rule, or could not be judged').choices(STATUSES),
    )
    .addOption(new Option('--format <format>', 'how to print it').choices(REPORT_FORMATS).default('table'))
    .action(async (options: Options) => {
      await using store = await openStore(options.db, { mode: 'read' });
      const top = options.top ?? defaultTop(options.format);
      const leaderboard = await readLeaderboard(store, { ...options, top: top === 'all' ? undefined : top });
      print(renderLeaderboard(leaderboard, options.format, stdoutScreen()));
    });
}

function parseTop(text: string): number | 'all' {
  if (text === 'all') return text;
  try {
    return numberBy(wholeNumberFrom(1))(text);
  } catch {
    throw new InvalidArgumentError(`expected a whole number ≥ 1 or "all", got ${show(text)}.`);
  }
}

function collect(text: string, previous: string[]): string[] {
  return [...previous, text];
}
