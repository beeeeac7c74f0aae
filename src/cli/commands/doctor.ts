import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { Command, Option } from 'commander';
import { countOf, countText } from '../../counts.ts';
import { type Diagnosis, detailOf, diagnose } from '../../execution/diagnose.ts';
import { selfTest } from '../../execution/self-test.ts';
import { DEFAULTS } from '../../experiment/configuration.ts';
import { printableJson, printableLines } from '../../report/printable.ts';
import { readSweepDefinition } from '../../sweep/definition.ts';
import { planSweep, type SweepPlan } from '../../sweep/plan.ts';
import { messageOf, UserError } from '../../user-error.ts';
import { EXIT, type SetExitCode } from '../exit-codes.ts';
import { refuseLongAges } from '../long-ages.ts';
import { openStore } from '../open-store.ts';
import { asCalled } from '../program-name.ts';
import { DEFAULT_STORE, storeWords } from '../sweep-options.ts';
import { print } from '../terminal.ts';

/** A store of 100,000 verdicts may be damaged in as many places. */
const DAMAGES_NAMED = 20;
const REMEDY =
  'mend what is named, restore a copy (`sweep backup` makes them), or move the store away and run the sweeps again';

type Options = { db: string; dataRoot?: string; selfTest: boolean; json: boolean };

/** `sweep doctor [FILE]`: is everything there that a sweep needs? */
export function doctorCommand(setExitCode: SetExitCode): Command {
  return new Command('doctor')
    .description(
      "check Node, SIMD, threads, memory, disk, the store's integrity, and a definition's baseline run and memory",
    )
    .argument('[file]', 'sweep definition whose baseline run and memory to check')
    .addOption(new Option('--db <file>', 'store to check').default(DEFAULT_STORE))
    .option('--data-root <dir>', "folder that holds trader-v4/runs, instead of the definition's")
    .option('--self-test', 'judge bundled data, and hold every digit against the known answers', false)
    .option('--json', 'print the findings as JSON', false)
    .addHelpText('after', `\nExit code ${EXIT.unfit} when nothing but the self test fails: another machine may do it.`)
    .action(async (file: string | undefined, options: Options) => {
      const read = file === undefined ? undefined : await readPlan(file, options.dataRoot);
      const plan = read !== undefined && 'plan' in read ? read.plan : undefined;
      const findings = await diagnose(process.versions.node, { storeFolder: dirname(options.db), plan });
      if (read !== undefined && 'problem' in read) findings.push(read.problem);
      findings.push(...(await checkStore(options.db)));
      const ownFault = findings.some(({ ok }) => !ok);
      if (options.selfTest) findings.push(await checkAnswers());
      const told = findings.map((finding) => ({
        ...finding,
        detail: asCalled(finding.detail, storeWords(options.db)),
      }));
      if (options.json) print(printableJson(told));
      else print(told.map(line).join('\n'));
      if (ownFault) setExitCode(EXIT.mistake);
      else if (findings.some(({ ok }) => !ok)) setExitCode(EXIT.unfit);
    });
}

async function readPlan(
  file: string,
  dataRoot: string | undefined,
): Promise<{ plan: SweepPlan } | { problem: Diagnosis }> {
  try {
    const definition = await readSweepDefinition(file);
    const baseline = { ...definition.baseline, ...(dataRoot === undefined ? {} : { dataRoot }) };
    const sets = definition.axes.agesMinutes ?? [DEFAULTS.agesMinutes];
    await refuseLongAges(
      baseline,
      sets.map((ages, i) => [`axes.agesMinutes[${i}]`, ages]),
    );
    return { plan: planSweep({ ...definition, baseline }) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { problem: { what: 'definition', ok: false, detail: error.message } };
  }
}

/** The bundled run's known answers. What keeps it from being judged at all is a finding, too. */
async function checkAnswers(): Promise<Diagnosis> {
  const what = 'self test';
  const remedy =
    'another Node or CPU than was tried, or a damaged installation (npm ci) or memory: use another machine';
  try {
    const { configurations, rowCount, differences } = await selfTest(availableParallelism());
    const answers = `${countOf(configurations, 'configuration')} on ${countOf(rowCount, 'row')}`;
    if (differences.length === 0) return { what, ok: true, detail: `${answers}: as known, to the last bit` };
    return { what, ok: false, detail: `${answers}: ${differences.length} differ, first ${differences[0]}`, remedy };
  } catch (error) {
    return { what, ok: false, detail: `could not be judged (${messageOf(error)})`, remedy };
  }
}

/** A finding for each damage, since what is to be mended has to be named. */
async function checkStore(path: string): Promise<Diagnosis[]> {
  const what = `store ${path}`;
  if (!existsSync(path)) return [{ what, ok: true, detail: 'not there yet; the first sweep makes it' }];
  try {
    await using store = await openStore(path, { mode: 'read' });
    const problems = await store.check();
    if (problems.length === 0) {
      return [{ what, ok: true, detail: `${countOf((await store.sweeps()).length, 'sweep')}, no damage` }];
    }
    const named = problems.slice(0, DAMAGES_NAMED).map((detail) => ({ what, ok: false, detail }));
    const more = problems.length - named.length;
    if (more > 0) named.push({ what, ok: false, detail: `${countText(more)} more of the kind` });
    return [...named.slice(0, -1), { ...named.at(-1)!, remedy: REMEDY }];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [{ what, ok: false, detail: detailOf(path, error) }];
  }
}

function line({ what, ok, detail, remedy }: Diagnosis): string {
  const advice = remedy === undefined ? '' : `\n      ${remedy}`;
  return printableLines(`${ok ? 'ok   ' : 'FAULT'} ${what}: ${detail}${advice}`);
}
