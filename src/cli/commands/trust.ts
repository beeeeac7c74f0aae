import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { Command, Option } from 'commander';
import { AUC_MIN, MAE_RATIO_MAX } from '../../experiment/gates.ts';
import { printableJson } from '../../report/printable.ts';
import { trustText } from '../../report/trust-text.ts';
import type { SweepLosses } from '../../trust/losses.ts';
import { parseLosses } from '../../trust/losses-file.ts';
import { trustOfSweep } from '../../trust/trust-of-sweep.ts';
import { UserError } from '../../user-error.ts';
import { print, stdoutScreen } from '../terminal.ts';

/** `sweep trust`: what may be believed of a sweep, against chance and choice. */
export function trustCommand(): Command {
  return new Command('trust')
    .description('say what may be believed of a sweep: noise of its days, luck of its tries, what choosing gained')
    .addOption(
      new Option(
        '--losses <file>',
        'losses by day of a sweep (.json or .json.gz; format: docs/trust.md)',
      ).makeOptionMandatory(),
    )
    .option('--explain', 'say what each number means', false)
    .option('--json', 'print all of it as JSON', false)
    .action((options: { losses: string; explain: boolean; json: boolean }) => {
      const losses = readLosses(options.losses);
      const trust = trustOfSweep(losses, { aucMin: AUC_MIN, maeRatioMax: MAE_RATIO_MAX });
      print(options.json ? printableJson(trust) : trustText(losses.sweep, trust, stdoutScreen(), options.explain));
    });
}

function readLosses(file: string): SweepLosses {
  let json: unknown;
  try {
    const bytes = readFileSync(file);
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    json = JSON.parse((isGzip ? gunzipSync(bytes) : bytes).toString('utf8'));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UserError(`${file}: losses of a sweep cannot be read (${reason}). Its format is in docs/trust.md.`, {
      cause,
    });
  }
  return parseLosses(json, file);
}
