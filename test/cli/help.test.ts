import assert from 'node:assert/strict';
import { before, snapshot, test } from 'node:test';
import { ask, type Ended } from '../support/sweep-command.ts';

// The texts are in help.test.ts.snapshot. After a wanted change, write them anew and read the difference:
//
//   node --test --test-update-snapshots test/cli/help.test.ts && git diff test/cli

snapshot.setDefaultSnapshotSerializers([String]);

const COMMANDS = [
  'quickstart',
  'baseline',
  'baseline build',
  'baseline list',
  'baseline inspect',
  'data',
  'data manifest',
  'data publish',
  'data fetch',
  'init',
  'plan',
  'run',
  'worker',
  'serve',
  'report',
  'trust',
  'show',
  'compare',
  'reproduce',
  'unseal',
  'note',
  'list',
  'history',
  'rm',
  'merge',
  'status',
  'db',
  'db init',
  'pull',
  'backup',
  'export',
  'doctor',
  'experiment',
];

const helps = new Map<string, Ended>();

before(async () => {
  const askFor = async (command: string): Promise<void> => {
    helps.set(command, await ask([...command.split(' ').filter((word) => word !== ''), '--help']));
  };
  await Promise.all(['', ...COMMANDS].map(askFor));
});

for (const command of ['', ...COMMANDS]) {
  const title = command === '' ? 'sweep' : `sweep ${command}`;
  test(`${title} --help prints its usage to stdout and exits 0`, (t) => {
    const { code, stdout, stderr } = helps.get(command)!;
    assert.equal(code, 0);
    assert.equal(stderr, '');
    t.assert.snapshot(stdout);
  });

  test(`${title} --help fits a terminal of 80 columns`, () => {
    const tooLong = helps
      .get(command)!
      .stdout.split('\n')
      .filter((line) => line.length > 80);
    assert.deepEqual(tooLong, []);
  });
}

test('every command that sweep --help lists has its help tested here', () => {
  const listed = /\nCommands:\n([\s\S]*)$/.exec(helps.get('')!.stdout)?.[1] ?? '';
  const names = [...listed.matchAll(/^ {2}(\w+)/gm)].map((match) => match[1]);
  assert.deepEqual(
    names.filter((name) => name !== 'help'),
    COMMANDS.filter((command) => !command.includes(' ')),
  );
});

test('a command that does not exist, or none, is a mistake: usage on stderr, exit 2', async () => {
  const [unknown, none] = await Promise.all([ask(['nonsense']), ask([])]);
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /^error: unknown command 'nonsense'\n\(add --help for usage\)\n$/);
  assert.equal(none.code, 2);
  assert.match(none.stderr, /^Usage: sweep \[options\] \[command\]\n/);
  assert.equal(unknown.stdout + none.stdout, '');
});

test('every other mistake in a line says in one line what is wrong, and where the usage is', async () => {
  const mistakes = [
    ['run'],
    ['plan'],
    ['show'],
    ['run', 'a.yaml', '--nonsense'],
    ['run', 'a.yaml', '--threads', 'many'],
    ['report', 'one', 'too-many'],
    ['experiment'],
    ['baseline', 'build'],
  ];
  for (const args of mistakes) {
    const { code, stdout, stderr } = await ask(args);
    assert.equal(code, 2, args.join(' '));
    assert.match(stderr, /^error: [^\n]+\n\(add --help for usage\)\n$/, args.join(' '));
    assert.equal(stdout, '');
  }
});

test('a value that an option does not take is told in one sentence that has it once', async () => {
  for (const [args, sentence] of [
    [['run', 'a.yaml', '--threads', 'many'], '--threads: expected a whole number from 1 to 256, got "many"'],
    [['run', 'a.yaml', '--shard', '5/3'], '--shard: expected a whole number from 1 to 3, got 5 in "5/3"'],
    [['export', '--out', ''], '--out: expected a value, got an empty text'],
    [['run', 'a.yaml', '--cache', ''], '--cache: expected a value, got an empty text'],
    [['baseline', 'list', '--data-root', ''], '--data-root: expected a value, got an empty text'],
    [['report', '--html', 'x.html', '--models', ''], '--models: expected a value, got an empty text'],
    [['backup', ''], 'file: expected a value, got an empty text'],
    [
      ['report', '--status', 'not_ready'],
      '--status: expected one of pass, not-ready, unconverged, sealed, error, got "not_ready"; did you mean not-ready?',
    ],
    [['run', 'a.yaml', '--data', ''], '--data: expected a folder, https://… or s3://BUCKET/PREFIX, got an empty text'],
    [
      ['report', '--format', 'marksdown'],
      '--format: expected one of table, json, csv, markdown, got "marksdown"; did you mean markdown?',
    ],
    [
      ['report', '--status', 'best'],
      '--status: expected one of pass, not-ready, unconverged, sealed, error, got "best"',
    ],
    [
      ['baseline', 'build', 'X=', '--data-root', 'd', '--run-id', 'r'],
      'SYMBOL=FILE: expected a symbol and its file such as BTCUSDT=bars.csv.gz, got "X="',
    ],
  ] as const) {
    const { code, stderr } = await ask(args);
    assert.deepEqual([code, stderr], [2, `error: ${sentence}\n(add --help for usage)\n`]);
  }
});
