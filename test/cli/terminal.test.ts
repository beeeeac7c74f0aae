import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { nameFor } from '../../src/cli/program-name.ts';
import { screenOf, showsUnicode } from '../../src/cli/terminal.ts';
import { commandLine } from '../../src/report/command-line.ts';

const TERMINAL = { isTerminal: true, columns: 132 };
const PIPE = { isTerminal: false, columns: undefined };

describe('a screen', () => {
  test('is as wide as its terminal, else as COLUMNS says, else 100', () => {
    assert.equal(screenOf(TERMINAL, { COLUMNS: '70' }, 'sweep').width, 132);
    assert.equal(screenOf(PIPE, { COLUMNS: '70' }, 'sweep').width, 70);
    for (const columns of ['0', '-1', 'x', '19', ''])
      assert.equal(screenOf(PIPE, { COLUMNS: columns }, 'sweep').width, 100);
    const unsized = { isTerminal: true, columns: 0 };
    assert.equal(screenOf(unsized, { COLUMNS: '70' }, 'sweep').width, 70);
    assert.equal(screenOf(unsized, {}, 'sweep').width, 100);
  });

  test('has colours on a terminal, and none on a dumb one, in a pipe, or when nobody wants them', () => {
    assert.equal(screenOf(TERMINAL, { TERM: 'xterm' }, 'sweep').color, true);
    assert.equal(screenOf(TERMINAL, { NO_COLOR: '' }, 'sweep').color, true, 'an empty one says nothing');
    assert.equal(screenOf(TERMINAL, { NO_COLOR: '1' }, 'sweep').color, false);
    assert.equal(screenOf(TERMINAL, { TERM: 'dumb' }, 'sweep').color, false);
    assert.equal(screenOf(PIPE, { TERM: 'xterm' }, 'sweep').color, false);
  });

  test('has signs beyond ASCII unless its locale has none; of several settings the first counts', () => {
    for (const env of [{}, { LANG: 'en_US.UTF-8' }, { LANG: 'C', LC_ALL: 'C.utf8' }, { LANG: '' }]) {
      assert.ok(showsUnicode(env), JSON.stringify(env));
      assert.equal(screenOf(TERMINAL, env, 'sweep').ascii, false);
    }
    for (const env of [{ LANG: 'C' }, { LC_ALL: 'POSIX', LANG: 'de_DE.UTF-8' }, { LC_CTYPE: 'de_DE.ISO-8859-1' }]) {
      assert.ok(!showsUnicode(env), JSON.stringify(env));
      assert.equal(screenOf(TERMINAL, env, 'sweep').ascii, true);
    }
  });
});

describe('a hint begins as the program was called', () => {
  test('by npx or npm', () => {
    assert.equal(
      nameFor('/p/node_modules/.bin/sweep', '/p', { npm_command: 'exec', PATH: '/p/node_modules/.bin' }),
      'npx sweep',
    );
    assert.equal(nameFor('/p/bin/sweep.js', '/p', { npm_command: 'start' }), 'npx sweep');
  });

  test('by its name, where the shell finds it', () => {
    assert.equal(nameFor('/usr/local/bin/sweep', '/home/me', { PATH: '/bin:/usr/local/bin' }), 'sweep');
    assert.equal(nameFor('/p/node_modules/.bin/sweep', '/p', { PATH: '/p/node_modules/.bin:/bin' }), 'sweep');
    assert.equal(nameFor('/p/node_modules/.bin/sweep', '/p', { PATH: '/bin' }), 'npx sweep');
    assert.equal(nameFor("/o'k x/sweep", '/p', { PATH: '/bin' }), "'/o'\\''k x/sweep'");
  });

  test('by its script', () => {
    assert.equal(nameFor('/p/bin/sweep.js', '/p', {}), 'node bin/sweep.js');
    assert.equal(nameFor('/p q/bin/sweep.js', '/p q', {}), 'node bin/sweep.js');
    assert.equal(nameFor('/p q/bin/sweep.js', '/elsewhere', {}), "node '/p q/bin/sweep.js'");
  });

  test('or in the way that works beside it, where an older Node handed over', () => {
    assert.equal(nameFor('/p/dist/program/main.js', '/p', {}), 'npx sweep');
  });
});

test('a command line is one that a shell reads back, and no terminal obeys', () => {
  assert.equal(
    commandLine('npx sweep', ['report', '--sweep', 'my sweep', '--where', "a='b'", '--where', 'alpha>=1']),
    "npx sweep report --sweep 'my sweep' --where 'a='\\''b'\\''' --where 'alpha>=1'",
  );
  assert.equal(commandLine('sweep', ['', '\u001b[2J', '\u202e']), "sweep '' '\\x1b[2J' '\\u202e'");
});
