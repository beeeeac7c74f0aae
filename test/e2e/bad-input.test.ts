import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { before, describe, test } from 'node:test';
import { boundByPermissions } from '../support/bound-by-permissions.ts';
import { storedVerdicts } from '../support/stored-verdicts.ts';
import { ask, type Ended, refusalIn, SweepProcess, sharedFolder, sweep } from '../support/sweep-command.ts';
import { runSweepFile, TINY_DATA_ROOT, writeDefinition } from '../support/tiny-sweep.ts';

const folder = sharedFolder();
const db = join(folder, 'store.db');
let copies = 0;
const good = writeDefinition(folder, { name: 'good', axes: { agesMinutes: [[38]], regressorKind: ['ridge'] } });

before(async () => {
  await runSweepFile(good, db);
});

describe('a definition with', { concurrency: 2 }, () => {
  const cases: readonly { what: string; text: string; problems: readonly (string | RegExp)[] }[] = [
    {
      what: 'unknown keys',
      text: definition('  huberAlhpa: [1]\n  colour: red\n'),
      problems: [
        /axes: unknown key "huberAlhpa", did you mean huberAlpha\?$/,
        /axes: unknown key "colour", expected one of agesMinutes, /,
      ],
    },
    {
      what: 'wrong types and values out of range',
      text: definition(
        '  agesMinutes: [3, 5]\n  huberAlpha: many\n  huberEpsilon: [1.35, 0.5]\n  regressorKind: [lasso]\n',
      ),
      problems: [
        'axes.agesMinutes[0]: expected a list of ages in minutes such as [3, 5, 10], got 3',
        'axes.agesMinutes[1]: expected a list of ages in minutes such as [3, 5, 10], got 5',
        'axes.regressorKind[0]: expected huber or ridge, got "lasso"',
        /axes\.huberAlpha: expected a list such as \[1, 10\], .+, got "many"$/,
        'axes.huberEpsilon[1]: expected a number ≥ 1, got 0.5',
      ],
    },
    {
      what: 'an empty axis',
      text: definition('  huberAlpha: []\n'),
      problems: ['axes.huberAlpha: expected at least one value, got []'],
    },
    {
      what: 'an axis given twice',
      text: definition('  huberAlpha: [1]\n  ridgeAlpha: [1]\n  huberAlpha: [2]\n'),
      problems: ['line 6, column 3: key "huberAlpha" is given twice, keep one'],
    },
    {
      what: 'no baseline and axes that are nothing',
      text: 'name: x\naxes:\n',
      problems: [
        'baseline: expected a mapping with dataRoot and runId, got nothing',
        'axes: expected a mapping of axes, got null',
      ],
    },
    {
      what: 'a run id that leaves the data root',
      text: definition('  ridgeAlpha: [1]\n', '../../tiny'),
      problems: [
        /baseline\.runId: expected a run's id of 1 to 128 letters, digits, "\.", "_" and "-" that begins with a letter or digit, got "\.\.\/\.\.\/tiny"$/,
      ],
    },
    { what: 'a broken YAML', text: 'name: [x\nbaseline: }\n', problems: [/line \d+, column \d+: not YAML: /] },
    { what: 'nothing in it', text: '', problems: ['expected a sweep definition, got an empty file'] },
  ];

  for (const { what, text, problems } of cases) {
    test(`${what} is refused in one line a problem`, async () => {
      const path = join(folder, `${what.replaceAll(' ', '-')}.yaml`);
      writeFileSync(path, text);
      const { stderr } = await refused(['run', path]);
      const lines = stderr
        .replace(/^sweep: /, '')
        .trimEnd()
        .split('\n');
      assert.equal(lines.length, problems.length, stderr);
      for (const problem of problems) {
        const found = lines.filter((line) => {
          return typeof problem === 'string'
            ? line === `${path}: ${problem}`
            : line.startsWith(`${path}: `) && problem.test(line);
        });
        assert.equal(found.length, 1, `${problem} in\n${stderr}`);
      }
    });
  }
});

describe('a run is refused in one line, without a store and with one,', { concurrency: 2 }, () => {
  const nowhere = writeDefinition(folder, { name: 'nowhere', dataRoot: join(folder, 'nowhere'), axes: {} });
  const missing = writeDefinition(folder, { name: 'missing', runId: 'not-there', axes: {} });
  const cases: readonly { what: string; args: readonly string[]; message: RegExp }[] = [
    {
      what: 'when its file is missing',
      args: ['no-such.yaml'],
      message: /no-such\.yaml: no such file, expected a sweep definition\. `.+ init` writes one/,
    },
    { what: 'when its file is a folder', args: [folder], message: /: a folder, expected a sweep definition/ },
    { what: 'when its baseline run is missing', args: [missing], message: /not-there/ },
    { what: 'when its data root is missing', args: [nowhere], message: /nowhere/ },
    {
      what: 'when it may use too little memory',
      args: [good, '--max-memory', '1'],
      message: /memory: \d+ MiB of shared memory are needed .+ the limit is 1 MiB \(--max-memory\)\. /,
    },
    { what: 'when its feature order is missing', args: [good, '--feature-order', 'none.json'], message: /none\.json/ },
    {
      what: 'on no threads',
      args: [good, '--threads', '0'],
      message: /^error: --threads: expected a whole number from 1 to 256, got "0"/,
    },
    {
      what: 'on more threads than there can be',
      args: [good, '--threads', '1000'],
      message: /^error: --threads: expected a whole number from 1 to 256, got "1000"/,
    },
    {
      what: 'for none of its configurations',
      args: [good, '--limit', '0'],
      message: /^error: --limit: expected a whole number ≥ 1/,
    },
    { what: 'with an unknown option', args: [good, '--thread', '2'], message: /unknown option '--thread'/ },
  ];

  for (const { what, args, message } of cases) {
    test(what, async () => {
      const refusal = refusalIn(await refused(['run', ...args]));
      assert.match(refusal, message);
      // Of an unknown option: what is wrong, which one may be meant, where the usage is.
      assert.ok(refusal.trimEnd().split('\n').length <= 3, refusal);
    });
  }

  test('when its store could not be made, before a baseline run is looked for', async () => {
    const refusal = refusalIn(await ask(['run', missing, '--db', join(good, 'below', 'a-file.db')]));
    assert.match(refusal, /a-file\.db: expected a file in a folder, but .+good\.yaml is a file\. Name another store$/m);
    assert.doesNotMatch(refusal, /not-there/);
  });

  test('and makes no store where there was none', async () => {
    const none = join(folder, 'none');
    mkdirSync(none);
    await ask(['run', missing, '--db', join(none, 'sweeps.db')]);
    assert.deepEqual(readdirSync(none), []);
  });

  test('and says of a missing baseline run that it is the run that is missing', async () => {
    const { stderr } = await refused(['run', missing]);
    assert.match(stderr, /baseline run not-there/);
    assert.doesNotMatch(stderr, /--feature-order/);
  });
});

describe('a store that is', { concurrency: 2 }, () => {
  const cases: readonly { what: string; spoil: (path: string) => void; message: RegExp }[] = [
    {
      what: 'a folder',
      spoil: (path) => mkdirSync(path),
      message: /: a folder, expected a store's file\. Try .+sweeps\.db$/m,
    },
    {
      what: 'a text',
      spoil: (path) => writeFileSync(path, 'my notes, which are longer than a header'),
      message: /: not a sweep store/,
    },
    {
      what: 'cut short',
      spoil: (path) => truncateSync(copy(path), 20_000),
      message: /: damaged \(.+\)\. Move .+-wal and .+-shm away, then put a copy in its place/,
    },
    {
      what: 'made by a newer version',
      spoil: (path) => setVersion(copy(path), 99),
      message: /has schema 99, this version knows up to \d+: made by a newer version\. Update/,
    },
  ];

  for (const [i, { what, spoil, message }] of cases.entries()) {
    test(`${what} is refused by run and report, and left as it is`, async () => {
      const path = join(folder, `spoilt-${i}.db`);
      spoil(path);
      for (const args of [['run', good], ['report']]) {
        const refusal = refusalIn(await refused(args, path));
        assert.match(refusal, message);
        assert.match(refusal, /^sweep: [^\n]+\n$/);
      }
    });
  }

  test('not there is refused by what reads, which makes none', async () => {
    const path = join(folder, 'not-there.db');
    for (const args of [['list'], ['export'], ['reproduce', 'abc']]) {
      const { code, stderr } = await ask([...args, '--db', path]);
      assert.equal(code, 2, args.join(' '));
      assert.match(stderr, /^sweep: .+not-there\.db: no such store\. Make one with `npx sweep run FILE --db .+\n$/);
    }
    assert.ok(!existsSync(path));
  });

  test('only readable is read, and refused by run', async (t) => {
    const start = boundByPermissions();
    if (start === null) return t.skip('no way to start a process that permissions bind');
    const readOnly = join(folder, 'read-only');
    mkdirSync(readOnly);
    const path = copy(join(readOnly, 'sweeps.db'));
    chmodSync(path, 0o444);
    chmodSync(readOnly, 0o555);
    chmodSync(folder, 0o755);
    try {
      const bound = { cwd: readOnly, start };
      const report = await sweep(['report', '--db', path], bound);
      assert.equal(report.code, 0, report.stderr);
      const run = await sweep(['run', good, '--db', path, '--no-cache'], bound);
      assert.equal(run.code, 2, run.stderr);
      assert.match(
        refusalIn(run),
        /^sweep: .+sweeps\.db: cannot be written \(permission denied\)\. Give permission on the file and its folder, or .+\n$/,
      );
      assert.equal(hashOf(path), hashOf(db));
    } finally {
      chmodSync(readOnly, 0o755);
    }
  });
});

test('a second run on a store is told who writes it; one that may wait gets it afterwards, and both end right', async () => {
  const path = join(folder, 'shared.db');
  const axes = { agesMinutes: [[30], [38]], regressorKind: ['ridge'], ridgeAlpha: [1, 10, 100] } as const;
  const definitionPath = writeDefinition(folder, { name: 'shared', axes });
  const first = new SweepProcess(['run', definitionPath, '--db', path]);
  assert.ok(await first.hasSaid('ages 30:'));
  first.kill('SIGSTOP');
  // What would be refused once the data are read is not come to.
  const second = await sweep(['run', definitionPath, '--db', path, '--max-memory', '1']);
  assert.equal(second.code, 2);
  assert.match(
    refusalIn(second),
    new RegExp(
      `^sweep: .+shared\\.db: being written by process ${first.pid} on \\S+ \\(since .+ UTC, for sweep "shared"\\)\\. Wait until it ends, or name another store\n$`,
    ),
  );
  const reader = await ask(['report', '--db', path]);
  assert.equal(reader.code, 0, 'what reads is let in');
  const third = new SweepProcess(['run', definitionPath, '--db', path, '--wait', '600', '--json']);
  assert.ok(await third.hasSaid(`shared.db: waiting for process ${first.pid} on `));
  first.kill('SIGCONT');
  assert.equal((await first.ended).code, 0);
  const { code, stdout, stderr } = await third.ended;
  assert.equal(code, 0, stderr);
  const { known, completed } = JSON.parse(stdout);
  assert.deepEqual({ known, completed }, { known: 6, completed: 0 });
  assert.equal((await storedVerdicts(path)).size, 6);
});

describe('a question that the store cannot answer is refused in one line:', { concurrency: 2 }, () => {
  const cases: readonly { args: readonly string[]; message: RegExp }[] = [
    { args: ['report', '--sweep', 'nope'], message: /sweep "nope": not in this store, which has "good"/ },
    { args: ['report', '--sort', 'tune.breir'], message: /"tune\.breir": no such field\. Did you mean tune\.brier\?/ },
    { args: ['report', '--where', 'alpha~3'], message: /where "alpha~3": expected FIELD=VALUE, or != < <= > >=/ },
    { args: ['report', '--where', 'alpha>much'], message: /where "alpha>much": expected a number, got much/ },
    {
      args: ['report', '--top', 'few'],
      message: /^error: --top: expected a whole number ≥ 1 or "all"/,
    },
    { args: ['reproduce', 'ffffffffff'], message: /id ffffffffff: no such configuration in this store/ },
  ];

  for (const { args, message } of cases) {
    test(args.join(' '), async () => {
      const { stderr } = await refused(args);
      assert.match(stderr, message);
      assert.ok(stderr.trimEnd().split('\n').length <= 2, stderr);
    });
  }
});

/**
 * Expects exit 2, a word on stderr and none on stdout, and the store as it was to the last byte.
 *
 * @param path by default a copy of the good store: one at a time may write a store, and tests run side by side
 */
async function refused(args: readonly string[], path = copy(join(folder, `${++copies}.db`))): Promise<Ended> {
  const before = hashOf(path);
  const ended = await ask([...args, '--db', path]);
  assert.equal(ended.code, 2, ended.stdout + ended.stderr);
  assert.equal(ended.stdout, '');
  assert.doesNotMatch(ended.stderr, /\n {4}at /, 'a stack is for bugs');
  assert.equal(hashOf(path), before);
  return ended;
}

/** Of the store and of the log that belongs to it; of a folder, what is in it. */
function hashOf(path: string): string {
  if (existsSync(path) && !isFile(path)) return readdirSync(path).join();
  const log = existsSync(`${path}-wal`) ? readFileSync(`${path}-wal`) : '';
  return createHash('sha256').update(readFileSync(path)).update(log).digest('hex');
}

function isFile(path: string): boolean {
  return readdirSync(join(path, '..'), { withFileTypes: true }).some(
    (entry) => entry.isFile() && path.endsWith(entry.name),
  );
}

/** A copy of the good store. */
function copy(path: string): string {
  copyFileSync(db, path);
  return path;
}

function setVersion(path: string, version: number): void {
  const database = new DatabaseSync(path);
  database.exec(`PRAGMA user_version = ${version}`);
  database.close();
}

function definition(axes: string, runId = 'tiny'): string {
  return `name: x\nbaseline: { dataRoot: ${TINY_DATA_ROOT}, runId: ${runId} }\naxes:\n${axes}`;
}

test('another definition under a name of the store is refused before the data are read', async () => {
  const path = join(folder, 'named.db');
  const axes = { agesMinutes: [[38]], regressorKind: ['ridge'], ridgeAlpha: [1] } as const;
  const made = await sweep(['run', writeDefinition(folder, { name: 'named', axes }), '--db', path]);
  assert.equal(made.code, 0, made.stderr);
  const other = writeDefinition(folder, { name: 'named', axes: { ...axes, ridgeAlpha: [7] } });
  const refused = await sweep(['run', other, '--db', path, '--max-memory', '1']);
  assert.equal(refused.code, 2);
  assert.match(
    refusalIn(refused),
    /^sweep: sweep "named": has another definition in .+ \(.+\)\. Give this one another name/,
  );
});
