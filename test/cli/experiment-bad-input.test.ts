import assert from 'node:assert/strict';
import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { onnxModel } from '../support/onnx.ts';
import { headTensors, write } from '../support/run-folder.ts';
import { ask } from '../support/sweep-command.ts';
import { everythingBelow, temporaryFolder } from '../support/temporary-folder.ts';
import { BARS, changeColumns, copyTinyRun, FEATURES, keepRows, LABELS } from '../support/tiny-run.ts';

type BadInput = {
  /** what is wrong with the input */
  readonly what: string;
  /** damage to a copy of the reference run: one of each kind, all others are refused in test/baseline */
  readonly damage?: (folder: string, dataRoot: string) => Promise<void>;
  /** arguments that replace or follow the usual ones; DATA stands for the data root */
  readonly args?: readonly string[];
  readonly message: RegExp;
};

const DIRECTION = 'model/direction/direction.onnx';
const N_FEATURES = 54;

function direction(nOutputs: number, storage: 'raw' | 'external' = 'raw', value = 0.1): Uint8Array {
  const head = {
    weights: Array.from({ length: N_FEATURES }, () => new Array<number>(nOutputs).fill(value)),
    bias: [0, 0, 0],
  };
  const tensors = headTensors('direction', { ...head, bias: head.bias.slice(0, nOutputs) }, { type: 'FLOAT', storage });
  return onnxModel(tensors);
}

const BAD_INPUTS: readonly BadInput[] = [
  {
    what: 'a missing file',
    damage: (folder) => rm(join(folder, LABELS)),
    message: /^sweep: label\/entry_labels\.parquet: file is missing \(.*\)$/,
  },
  {
    what: 'a fit split without rows',
    damage: (folder) => keepRows(join(folder, FEATURES), (row) => row.split_id !== 'fit_inner'),
    message: /^sweep: state continue LONG has no fit_inner rows: nothing to train on/,
  },
  {
    what: 'no entry with a side',
    damage: (folder) => changeColumns(join(folder, LABELS), ['entry_target'], () => 0),
    message: /^sweep: label\/entry_labels\.parquet: the entry set is empty: 0 labels have entry_target 1 and a side/,
  },
  {
    what: 'ages that give no rows',
    args: ['--ages-minutes', '5000'],
    message: /^sweep: ages 5000: the state frame has no rows\. Choose ages for which/,
  },
  {
    what: 'fit labels of one class',
    damage: (folder) => changeColumns(join(folder, BARS), ['high', 'low', 'close'], () => 1_200_000),
    message: /^sweep: state continue LONG: fit_inner labels are all of one class \(0 of \d+ rows continue\)/,
  },
  {
    what: 'a feature that is NaN throughout',
    damage: (folder) => changeColumns(join(folder, FEATURES), ['ret_1m_bps'], () => Number.NaN),
    message: /^sweep: ages 30: the state frame has no rows\./,
  },
  {
    what: 'JSON that is not JSON',
    damage: (folder) => writeFile(join(folder, 'split/split_manifest.json'), 'source_replay_path: replay.parquet'),
    message: /^sweep: split\/split_manifest\.json: is not JSON \(/,
  },
  {
    what: 'ONNX weights in another file',
    damage: (folder) => write(join(folder, DIRECTION), direction(3, 'external')),
    message: /^sweep: model\/direction\/direction\.onnx: initializer direction_W is stored outside the file\./,
  },
  {
    what: 'truncated parquet',
    damage: (folder) => truncate(join(folder, FEATURES), 200_000),
    message: /^sweep: feature\/feature_frame\.parquet: is not a readable parquet file \(/,
  },
  {
    what: 'parquet with damaged pages behind a whole footer',
    damage: async (folder) => {
      const bytes = await readFile(join(folder, FEATURES));
      await writeFile(join(folder, FEATURES), bytes.fill(0xff, 4, bytes.length >> 1));
    },
    message: /^sweep: feature\/feature_frame\.parquet: is not a readable parquet file \(/,
  },
  {
    what: 'a number that is not one',
    args: ['--huber-alpha', 'abc'],
    message: /--huber-alpha.* expected a number ≥ 0, got "abc"/,
  },
  { what: 'no number', args: ['--ridge-alpha', ''], message: /--ridge-alpha.* expected a number ≥ 0, got ""/ },
  { what: 'NaN', args: ['--ridge-alpha', 'NaN'], message: /--ridge-alpha.* expected a number ≥ 0, got "NaN"/ },
  { what: 'an infinite clip', args: ['--regression-target-clip-bps', 'Infinity'], message: /got "Infinity"/ },
  {
    what: 'a negative alpha',
    args: ['--huber-alpha', '-1'],
    message: /--huber-alpha.* expected a number ≥ 0, got "-1"/,
  },
  {
    what: 'an epsilon below 1',
    args: ['--huber-epsilon', '0.999'],
    message: /--huber-epsilon.* expected a number ≥ 1, got "0\.999"/,
  },
  {
    what: 'an unknown kind',
    args: ['--regressor-kind', 'lasso'],
    message: /^error: --regressor-kind: expected one of huber, ridge, got "lasso"$/,
  },
  {
    what: 'half an iteration',
    args: ['--huber-max-iter', '1.5'],
    message: /--huber-max-iter.* expected a whole number ≥ 1, got "1\.5"/,
  },
  {
    what: 'an age of 0',
    args: ['--ages-minutes', '3,0'],
    message: /--ages-minutes.* expected a whole number of minutes from 1 to \d+, got "0"/,
  },
  {
    what: 'no ages',
    args: ['--ages-minutes', ' , '],
    message: /--ages-minutes.* expected ages in minutes such as 3,5,10/,
  },
  { what: 'an unknown option', args: ['--nonsense'], message: /unknown option '--nonsense'/ },
  {
    what: 'a run id that leaves its folder',
    args: ['--run-id', '../../x'],
    message: /^sweep: run id: expected a run's id of .+, got "\.\.\/\.\.\/x"$/,
  },
  {
    what: 'a baseline run id that does',
    args: ['--baseline-run-id', '../tiny'],
    message: /^sweep: run id: expected a run's id of .+, got "\.\.\/tiny"$/,
  },
  {
    what: 'a baseline run that is not there',
    args: ['--baseline-run-id', 'huge'],
    message: /^sweep: baseline run huge: there is no folder .*runs\/huge\./,
  },
  {
    what: 'a data root that is not there',
    args: ['--data-root', 'DATA/elsewhere'],
    message: /^sweep: baseline run tiny: there is no folder .*elsewhere/,
  },
  {
    what: 'a data root that is a file',
    args: ['--data-root', 'DATA/file'],
    message:
      /^sweep: \S+file: expected a folder that holds trader-v4\/runs, got a file\. Name another with --data-root$/,
  },
  { what: 'output into an existing file', args: ['--out', 'DATA/file'], message: /^sweep: .*\/file: / },
  { what: 'output below an existing file', args: ['--out', 'DATA/file/out'], message: /^sweep: .*\/file\/out: / },
  {
    what: 'a feature order that is not there',
    args: ['--feature-order', 'DATA/order.json'],
    message: /^sweep: \S+order\.json: file is missing$/,
  },
  {
    what: 'a feature order that is a folder',
    args: ['--feature-order', 'DATA'],
    message: /^sweep: \S+: expected a file, got a folder$/,
  },
  {
    what: 'a feature order below a file',
    args: ['--feature-order', 'DATA/file/order.json'],
    message: /^sweep: \S+order\.json: cannot be read \(a part of its path is a file, not a folder\)$/,
  },
];

describe('bad input ends with one line, exit code 2, and nothing written:', { concurrency: 2 }, () => {
  for (const { what, damage, args = [], message } of BAD_INPUTS) {
    test(what, async (context) => {
      const dataRoot = await temporaryFolder(context);
      const folder = await copyTinyRun(dataRoot);
      await writeFile(join(dataRoot, 'file'), 'not a folder');
      await damage?.(folder, dataRoot);
      const before = await everythingBelow(dataRoot);
      assert.match(await lastLineOf(dataRoot, args), message);
      assert.deepEqual(await everythingBelow(dataRoot), before, 'a file or folder was left behind');
    });
  }

  for (const option of ['--data-root', '--baseline-run-id', '--run-id']) {
    test(`no ${option}`, async () => {
      const all = ['--data-root', 'data', '--baseline-run-id', 'tiny', '--run-id', 'bad'];
      const at = all.indexOf(option);
      const { code, stderr } = await ask(['experiment', ...all.filter((_, i) => i !== at && i !== at + 1)]);
      assert.equal(code, 2);
      assert.equal(
        stderr,
        `error: required option '${option} <${option === '--data-root' ? 'dir' : 'id'}>' not specified\n(add --help for usage)\n`,
      );
    });
  }
});

/** The one line that the command prints before it exits with 2, and behind a mistake in its own line where the usage is. */
async function lastLineOf(dataRoot: string, args: readonly string[]): Promise<string> {
  const usual = ['--data-root', dataRoot, '--baseline-run-id', 'tiny', '--run-id', 'bad', '--ages-minutes', '30'];
  // The last of two values for one option counts.
  const own = args.map((arg) => arg.replace('DATA', dataRoot));
  const { code, stdout, stderr } = await ask(['experiment', ...usual, ...own]);
  const lines = stderr.split('\n');
  const hint = lines[0]!.startsWith('error: ') ? ['(add --help for usage)'] : [];
  assert.deepEqual([code, lines.slice(1), stdout], [2, [...hint, ''], ''], stderr);
  return lines[0]!;
}
