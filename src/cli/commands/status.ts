import { Command } from 'commander';
import { printableJson } from '../../report/printable.ts';
import { statusJson, statusText } from '../../report/status-text.ts';
import { EXIT, type SetExitCode } from '../exit-codes.ts';
import { print, stdoutScreen } from '../terminal.ts';

/** `sweep status URL`: how far sweeps on many machines are. */
export function statusCommand(setExitCode: SetExitCode): Command {
  return new Command('status')
    .description('say how far sweeps on many machines are: slices, rate, time left, hosts, alarms')
    .argument('<url>', 'postgres://USER@HOST/DATABASE')
    .option('--json', 'print it as JSON', false)
    .addHelpText('after', `\nExit code ${EXIT.differs} when a verdict came out otherwise on another host.`)
    .action(async (url: string, { json }: { json: boolean }) => {
      const { machinesStatus } = await import('../../distributed/status.ts');
      const status = await machinesStatus(url);
      if (status.alarms.length > 0) setExitCode(EXIT.differs);
      print(json ? printableJson(statusJson(status)) : statusText(status, stdoutScreen()));
    });
}
