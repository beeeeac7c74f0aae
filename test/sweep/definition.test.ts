import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parseSweepDefinition, readSweepDefinition } from '../../src/sweep/definition.ts';
import { countConfigurations, resolveAxes } from '../../src/sweep/expand.ts';
import { UserError } from '../../src/user-error.ts';

const HEAD = 'name: grid\nbaseline: { dataRoot: ./data, runId: btc-2m }\n';

const ISSUE_EXAMPLE = `
name: huber-grid
baseline: { dataRoot: ./data, runId: btc-2m }
axes:
  agesMinutes: [[3, 5, 10, 15, 30], [5, 15]]
  regressorKind: [huber, ridge]
  huberAlpha: { logspace: [-4, 0, 9] }
  huberEpsilon: { linspace: [1.1, 2.0, 10] }
  huberMaxIter: [1000]
  ridgeAlpha: [1, 10, 100]
  regressionTargetClipBps: [0, 60, 120]
  maxRowsPerSplit: [0]
`;

function yaml(text: string) {
  return parseSweepDefinition(text, 'yaml', 'sweep.yaml');
}

/** The message of the UserError that this definition is refused with. */
function refusal(text: string, format: 'yaml' | 'json' = 'yaml'): string {
  try {
    parseSweepDefinition(text, format, `sweep.${format}`);
  } catch (error) {
    assert.ok(error instanceof UserError, `expected a UserError, got ${error}`);
    return error.message;
  }
  assert.fail(`accepted: ${text}`);
}

/** The refusal of one axis, without the part that says where. */
function axisRefusal(axis: string): string {
  return refusal(`${HEAD}axes: { ${axis} }`).replaceAll('sweep.yaml: axes.', '');
}

describe('a sweep definition', () => {
  test('with every axis is read as it is written', () => {
    const definition = yaml(ISSUE_EXAMPLE);
    assert.equal(definition.name, 'huber-grid');
    assert.deepEqual(definition.baseline, { dataRoot: './data', runId: 'btc-2m' });
    assert.deepEqual(definition.axes.huberAlpha, { logspace: [-4, 0, 9] });
    assert.equal(countConfigurations(definition), 2 * 3 * (9 * 10 + 3));
  });

  test('without axes is the one default configuration', () => {
    const definition = yaml(HEAD);
    assert.deepEqual(definition.axes, {});
    assert.equal(countConfigurations(definition), 1);
  });

  test('is the same in YAML and in JSON, where $schema may name its schema', () => {
    const definition = yaml(ISSUE_EXAMPLE);
    const $schema = './sweep-definition.schema.json';
    const json = parseSweepDefinition(JSON.stringify({ $schema, ...definition }, null, '\t'), 'json', 'sweep.json');
    assert.deepEqual(json, { $schema, ...definition });
  });

  test('without axes is the one configuration of the defaults', () => {
    assert.deepEqual(resolveAxes(yaml(`${HEAD}axes: {}`).axes), {
      agesMinutes: [[3, 5, 10, 15, 30]],
      regressorKind: ['huber'],
      huberAlpha: [0.001],
      huberEpsilon: [1.35],
      huberMaxIter: [1000],
      ridgeAlpha: [10],
      regressionTargetClipBps: [0],
      maxRowsPerSplit: [0],
    });
  });

  test('may use YAML anchors', () => {
    const definition = yaml(`${HEAD}axes: { huberAlpha: &some [1, 2], ridgeAlpha: *some }`);
    assert.deepEqual(definition.axes.ridgeAlpha, [1, 2]);
  });

  test('may be named in any script', () => {
    assert.equal(yaml(HEAD.replace('grid', '続行 2 months_v1.0') + 'axes: {}').name, '続行 2 months_v1.0');
  });
});

describe('a mistake in a definition names its path, the rule and the value', () => {
  const mistakes: [axis: string, message: string][] = [
    ['huberAlpha: [1, 2, -1]', 'huberAlpha[2]: expected a number ≥ 0, got -1'],
    ['huberAlpha: [.inf]', 'huberAlpha[0]: expected a number ≥ 0, got Infinity'],
    ['huberAlpha: [.nan]', 'huberAlpha[0]: expected a number ≥ 0, got NaN'],
    ['huberAlpha: [1e999]', 'huberAlpha[0]: expected a number ≥ 0, got Infinity'],
    ['huberAlpha: [1_000]', 'huberAlpha[0]: expected a number ≥ 0, got "1_000"'],
    ['huberAlpha: [~]', 'huberAlpha[0]: expected a number ≥ 0, got null'],
    ['huberAlpha: []', 'huberAlpha: expected at least one value, got []'],
    ['huberAlpha: { linspace: [0, 1] }', 'huberAlpha.linspace: expected [from, to, count], got [0, 1]'],
    ['huberAlpha: { linspace: [-1, 1, 5] }', 'huberAlpha.linspace: expected a number ≥ 0 at every step, got -1'],
    [
      'huberAlpha: { linspace: [0, 1, 1e9] }',
      'huberAlpha.linspace[2]: expected a whole number of values from 1 to 100000, got 1000000000',
    ],
    [
      'huberAlpha: { linspace: [0, 1, 2.5] }',
      'huberAlpha.linspace[2]: expected a whole number of values from 1 to 100000, got 2.5',
    ],
    [
      'huberAlpha: { linspace: [1e308, 1.7e308, 3] }',
      'huberAlpha.linspace: expected a number ≤ 1e+100 at every step, got 1e+308',
    ],
    [
      'huberAlpha: { logspace: [-4, 400, 3] }',
      'huberAlpha.logspace[1]: expected a power of ten from -300 to 300, got 400',
    ],
    ['huberAlpha: { range: [1, 0, 1] }', 'huberAlpha.range: expected from ≤ to, got [1, 0, 1]'],
    ['huberAlpha: { range: [0, 1, 0] }', 'huberAlpha.range[2]: expected a step > 0, got 0'],
    ['huberAlpha: { range: [0, 1, -0.1] }', 'huberAlpha.range[2]: expected a step > 0, got -0.1'],
    ['huberAlpha: { range: [0, 1, 1e-9] }', 'huberAlpha.range: expected at most 100000 values, got [0, 1, 1e-9]'],
    ['huberEpsilon: [0.99]', 'huberEpsilon[0]: expected a number ≥ 1, got 0.99'],
    ['huberMaxIter: [0]', 'huberMaxIter[0]: expected a whole number ≥ 1, got 0'],
    ['huberMaxIter: [10.5]', 'huberMaxIter[0]: expected a whole number ≥ 1, got 10.5'],
    ['ridgeAlpha: [-0.1]', 'ridgeAlpha[0]: expected a number ≥ 0, got -0.1'],
    ['regressionTargetClipBps: [-5]', 'regressionTargetClipBps[0]: expected a number ≥ 0, got -5'],
    ['maxRowsPerSplit: [-1]', 'maxRowsPerSplit[0]: expected a whole number ≥ 0, got -1'],
    [
      'maxRowsPerSplit: { logspace: [3, 5, 4] }',
      'maxRowsPerSplit.logspace: expected a whole number ≥ 0 at every step, got 4641.58883361',
    ],
    ['regressorKind: [hubr]', 'regressorKind[0]: expected huber or ridge, got "hubr"'],
    ['regressorKind: huber', 'regressorKind: expected a list such as [huber, ridge], got "huber"'],
    ['agesMinutes: [[]]', 'agesMinutes[0]: expected at least one age, got []'],
    ['agesMinutes: [[5.5]]', 'agesMinutes[0][0]: expected a whole number of minutes from 1 to 525600, got 5.5'],
    ['agesMinutes: [[0]]', 'agesMinutes[0][0]: expected a whole number of minutes from 1 to 525600, got 0'],
    ['agesMinutes: [5]', 'agesMinutes[0]: expected a list of ages in minutes such as [3, 5, 10], got 5'],
  ];
  for (const [axis, message] of mistakes) {
    test(`{ ${axis} }`, () => assert.equal(axisRefusal(axis), message));
  }

  test('an axis that is neither a list nor a known form says what it may be', () => {
    const forms =
      'expected a list such as [1, 10], {logspace: [fromPower, toPower, count]}, {linspace: [from, to, count]} ' +
      'or {range: [from, to, step]}';
    for (const [written, shown] of [
      ['0.1', '0.1'],
      ['{ logspce: [1, 2, 3] }', '{logspce: [1, 2, 3]}'],
      ['{ linspace: [0, 1, 3], range: [0, 1, 1] }', '{linspace: [0, 1, 3], range: [0, 1, 1]}'],
    ]) {
      assert.equal(axisRefusal(`ridgeAlpha: ${written}`), `ridgeAlpha: ${forms}, got ${shown}`);
    }
  });

  test('an unknown key is met with the key that was probably meant, or with those there are', () => {
    assert.equal(
      refusal(`${HEAD}axes: { huberAlpah: [1], huber_epsilon: [1] }\nseed: 1`),
      [
        'sweep.yaml: axes: unknown key "huberAlpah", did you mean huberAlpha?',
        'sweep.yaml: axes: unknown key "huber_epsilon", did you mean huberEpsilon?',
        'sweep.yaml: unknown key "seed", expected one of name, baseline, axes, seal',
      ].join('\n'),
    );
  });

  test('keys that JavaScript treats as special are unknown keys like others', () => {
    for (const key of ['__proto__', 'constructor', '<<']) {
      assert.match(refusal(`${HEAD}axes: { ${key}: { huberAlpha: [1] } }`), /axes: unknown key/);
    }
  });

  test('a key that is given twice is refused with its line, in YAML and in JSON', () => {
    assert.equal(
      refusal(`${HEAD}axes:\n  huberAlpha: [1]\n  huberAlpha: [2]`),
      'sweep.yaml: line 5, column 3: key "huberAlpha" is given twice, keep one',
    );
    assert.equal(
      refusal('{\n\t"name": "a",\n\t"name": "b"\n}', 'json'),
      'sweep.json: line 3, column 2: key "name" is given twice, keep one',
    );
  });

  test('a missing part is called missing', () => {
    assert.equal(
      refusal('name: a\naxes: {}'),
      'sweep.yaml: baseline: expected a mapping with dataRoot and runId, got nothing',
    );
    assert.match(refusal(`${HEAD}axes:`), /^sweep\.yaml: axes: expected a mapping of axes, got null$/);
  });

  test('a name or run id that could be mistaken for a path is refused', () => {
    for (const name of [
      '""',
      '"a/b"',
      '"a\\\\b"',
      '".."',
      '".hidden"',
      '"a\\nb"',
      '"a\\u001b[2J"',
      'x'.repeat(81),
      '2024',
    ]) {
      assert.match(
        refusal(`name: ${name}\nbaseline: { dataRoot: d, runId: r }\naxes: {}`),
        /^sweep\.yaml: name: expected/,
      );
    }
    for (const runId of ['""', '"a/b"', '"a\\\\b"', '"."', '".."', '"a\\0"', '2024']) {
      assert.match(
        refusal(`name: n\nbaseline: { dataRoot: d, runId: ${runId} }\naxes: {}`),
        /^sweep\.yaml: baseline\.runId: expected/,
      );
    }
  });

  test('no control character reaches the terminal', () => {
    const message = refusal(`${HEAD}axes: { "\\e[31m\\x9b\\u202e": 1, huberAlpha: ["\\e[31m\\x9b"] }`);
    assert.doesNotMatch(message.replaceAll('\n', ''), /\p{C}/u);
  });

  test('many mistakes are counted, not all printed, and each takes one line', () => {
    const lines = refusal(`${HEAD}axes: { huberAlpha: [${'-1, '.repeat(50)}] }`).split('\n');
    assert.equal(lines.length, 9);
    assert.equal(lines[0], 'sweep.yaml: axes.huberAlpha[0]: expected a number ≥ 0, got -1');
    assert.equal(lines[8], 'sweep.yaml: and 42 more problems');
  });
});

describe('a text that is no definition', () => {
  const texts: [what: string, text: string, message: RegExp][] = [
    ['an empty file', ' \n', /^sweep\.yaml: expected a sweep definition, got an empty file$/],
    ['a sentence', 'hello', /expected a sweep definition: a mapping with name and baseline, got "hello"$/],
    ['broken YAML', `${HEAD}axes: [1`, /^sweep\.yaml: line 3, column 9: not YAML: Flow sequence/],
    ['an unknown tag', `${HEAD}axes: !!js/function x`, /^sweep\.yaml: line 3, column 7: not YAML: Unresolved tag/],
    ['several documents', `${HEAD}axes: {}\n---\na: 1`, /^sweep\.yaml: line 4, column 1: expected one YAML document/],
    ['an alias of nothing', `${HEAD}axes: *nothing`, /^sweep\.yaml: .*not YAML: .*nothing/],
    ['an alias of itself', `${HEAD}axes: { huberAlpha: &a [*a] }`, /huberAlpha\[0\]: expected a number ≥ 0, got \[/],
    ['brackets without end', '['.repeat(20_000), /^sweep\.yaml: line 1, column \d+: not YAML: /],
  ];
  for (const [what, text, message] of texts) {
    test(`${what} is refused in one line`, () => {
      assert.match(refusal(text), message);
      assert.doesNotMatch(refusal(text), /\n/);
    });
  }

  test('aliases that would multiply the text are refused', () => {
    const levels = Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(9)}]`);
    assert.match(refusal(`a0: &a0 [x]\n${levels.join('\n')}`), /^sweep\.yaml: not YAML: Excessive alias count/);
  });

  test('JSON with a trailing comma is refused in one line with its position', () => {
    assert.match(refusal('{\n"name": "a",\n}', 'json'), /^sweep\.json: not JSON: [^\n]*position 15[^\n]*$/);
  });
});

describe('the file of a definition', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sweep-definition-'));
  });
  after(() => rm(folder, { recursive: true }));

  async function write(name: string, content: string | Uint8Array): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, content);
    return path;
  }

  test('has its data root relative to its own folder', async () => {
    const definition = await readSweepDefinition(await write('relative.yaml', ISSUE_EXAMPLE));
    assert.equal(definition.baseline.dataRoot, join(folder, 'data'));
  });

  test('may have an absolute data root', async () => {
    const text = ISSUE_EXAMPLE.replace('./data', '/some/data');
    assert.equal((await readSweepDefinition(await write('absolute.yaml', text))).baseline.dataRoot, '/some/data');
  });

  test('is JSON when its name ends in .json, and may begin with a byte order mark', async () => {
    const path = await write('sweep.JSON', `\ufeff${JSON.stringify(yaml(ISSUE_EXAMPLE))}`);
    assert.equal((await readSweepDefinition(path)).name, 'huber-grid');
    await assert.rejects(readSweepDefinition(await write('yaml.json', ISSUE_EXAMPLE)), /yaml\.json: not JSON: /);
  });

  test('that is missing, a folder, too large or not text is refused by name', async () => {
    const large = await write('large.yaml', `# ${'x'.repeat(1 << 20)}`);
    const binary = await write('binary.yaml', new Uint8Array([0x6e, 0xff, 0xfe]));
    const refusals: [path: string, message: RegExp][] = [
      [join(folder, 'missing.yaml'), /missing\.yaml: no such file, expected a sweep definition/],
      [folder, /a folder, expected a sweep definition/],
      [large, /large\.yaml: expected a sweep definition of at most 1048576 bytes, got more/],
      [binary, /binary\.yaml: expected text in UTF-8/],
    ];
    for (const [path, message] of refusals) {
      await assert.rejects(readSweepDefinition(path), (error) => {
        assert.ok(error instanceof UserError);
        assert.match(error.message, message);
        return true;
      });
    }
  });
});
