import { existsSync } from 'node:fs';
import { Command, Option } from 'commander';
import { type Diagnosis, diagnose } from '../../execution/diagnose.ts';
import { openVerdictStore } from '../../store/verdict-store.ts';
import { readSweepDefinition } from '../../sweep/definition.ts';
import { messageOf } from '../../user-error.ts';
import { DEFAULT_STORE } from '../sweep-options.ts';
import { print } from '../terminal.ts';

/** Exit code when something would keep a sweep from running. */
const PROBLEM_EXIT_CODE = 2;

/** `sweep doctor [FILE]`: is everything there that a sweep needs? */
export function doctorCommand(setExitCode: (code: number) => void): Command {
  return new Command('doctor')
    .description("check Node, SIMD, threads, memory, disk, the store's integrity, and a definition's baseline run")
    .argument('[file]', 'sweep definition whose baseline run to check')
    .addOption(new Option('--db <file>', 'store to check').default(DEFAULT_STORE))
    .option('--data-root <dir>', "folder that holds trader-v4/runs, instead of the definition's")
    .option('--json', 'print the findings as JSON', false)
    .action(async (file: string | undefined, options: { db: string; dataRoot?: string; json: boolean }) => {
      const definition = file === undefined ? undefined : await readSweepDefinition(file);
      const baseline =
        definition === undefined
          ? undefined
          : { ...definition.baseline, ...(options.dataRoot === undefined ? {} : { dataRoot: options.dataRoot }) };
      const findings = [...(await diagnose(process.versions.node, baseline)), await checkStore(options.db)];
      if (options.json) print(JSON.stringify(findings, null, 2));
      else print(findings.map(line).join('\n'));
      if (findings.some(({ ok }) => !ok)) setExitCode(PROBLEM_EXIT_CODE);
    });
}

async function checkStore(path: string): Promise<Diagnosis> {
  const what = `store ${path}`;
  if (!existsSync(path)) return { what, ok: true, detail: 'not there yet; the first sweep makes it' };
  try {
    await using store = await openVerdictStore(path, { mode: 'read' });
    const [problem, ...others] = await store.check();
    if (problem === undefined) return { what, ok: true, detail: `${(await store.sweeps()).length} sweeps, no damage` };
    const more = others.length > 0 ? `, and ${others.length} more` : '';
    return {
      what,
      ok: false,
      detail: `${problem}${more}`,
      remedy: 'restore a copy, or move it away and run the sweeps again',
    };
  } catch (error) {
    return { what, ok: false, detail: messageOf(error) };
  }
}

function line({ what, ok, detail, remedy }: Diagnosis): string {
  const advice = remedy === undefined ? '' : `\n      ${remedy}`;
  return `${ok ? 'ok   ' : 'FAULT'} ${what}: ${detail}${advice}`;
}
