import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { EXIT } from '../../src/cli/exit-codes.ts';
import { ask } from '../support/sweep-command.ts';

const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url));
const SCHEMA = new URL('../real/node_modules/kubernetes-models/apps/v1/index.js', import.meta.url);

/** Options that it names and the command does not have; and whether it names a database without a password. */
async function refusedArguments(args: readonly string[]): Promise<string[]> {
  const [command, url = '', ...options] = args;
  const help = await ask([command ?? '', '--help']);
  assert.equal(help.code, 0);
  assert.match(url, /^postgres:\/\/[\w.-]+@[\w.-]+\/\w+$/);
  const flags = options.filter((arg) => arg.startsWith('--'));
  assert.ok(flags.length >= 3);
  return flags.filter((flag) => !new RegExp(`^ +${flag}[ ,]`, 'm').test(help.stdout));
}

function after(args: readonly string[], flag: string): number {
  return Number(args[args.indexOf(flag) + 1]);
}

describe('examples/kubernetes/workers.yaml', () => {
  const text = readFileSync(`${EXAMPLES}kubernetes/workers.yaml`, 'utf8');
  const deployment = parse(text);

  test('is a Deployment whose fields have the types that Kubernetes asks for, and other types are told', async () => {
    // What is in test/real is installed by the test command, after the type checker has run.
    const { Deployment } = await import(SCHEMA.href);
    new Deployment(deployment).validate();
    for (const [from, to] of [
      ['replicas: 3', 'replicas: "3"'],
      ['"4"\n            - --grace', '4\n            - --grace'],
      ['terminationGracePeriodSeconds: 75', 'terminationGracePeriodSeconds: soon'],
    ] as const) {
      assert.notEqual(text.replace(from, to), text);
      assert.throws(() => new Deployment(parse(text.replace(from, to))).validate(), to);
    }
  });

  test('runs a worker by options that there are, selects its own pods, and waits longer than the worker takes', async () => {
    const { selector, template } = deployment.spec;
    assert.deepEqual(selector.matchLabels, template.metadata.labels);
    const [container] = template.spec.containers;
    const args = [...container.args];
    assert.deepEqual(container.command, ['sweep']);
    assert.deepEqual(await refusedArguments(args), []);
    assert.deepEqual(await refusedArguments([...args, '--nonsense']), ['--nonsense']);
    assert.ok(template.spec.terminationGracePeriodSeconds > after(args, '--grace'));
    const volumes = template.spec.volumes.map(({ name }: { name: string }) => name);
    assert.deepEqual(
      container.volumeMounts.map(({ name }: { name: string }) => name),
      volumes,
    );
  });

  test('takes an image that has the packages which speak to PostgreSQL, in the versions that were tried', () => {
    const { devDependencies } = JSON.parse(readFileSync(`${EXAMPLES}../package.json`, 'utf8'));
    const dockerfile = readFileSync(`${EXAMPLES}kubernetes/Dockerfile`, 'utf8');
    for (const name of ['pg', 'pg-boss']) assert.match(dockerfile, new RegExp(` ${name}@${devDependencies[name]} `));
  });
});

describe('examples/systemd/sweep-worker.service', () => {
  const unit = readFileSync(`${EXAMPLES}systemd/sweep-worker.service`, 'utf8');
  const settingOf = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(unit)?.[1] ?? '';

  test('runs a worker by options that there are, and waits longer than the worker takes', async () => {
    const [program, ...args] = settingOf('ExecStart').split(' ');
    assert.match(program ?? '', /^\/.*\/sweep$/);
    assert.deepEqual(await refusedArguments(args), []);
    assert.ok(Number(settingOf('TimeoutStopSec')) > after(args, '--grace'));
    assert.equal(settingOf('KillMode'), 'mixed');
  });

  test('is not started again where the same would come of it', () => {
    const codes = settingOf('RestartPreventExitStatus').split(' ').map(Number);
    assert.deepEqual(codes, [EXIT.mistake, EXIT.differs, EXIT.unfit]);
  });

  test('has every setting in the section that systemd reads it from', () => {
    const sections: Record<string, string[]> = {};
    let section = '';
    for (const line of unit.split('\n').filter((each) => each !== '' && !each.startsWith('#'))) {
      const header = /^\[(\w+)\]$/.exec(line);
      if (header !== null) section = header[1]!;
      else (sections[section] ??= []).push(line.slice(0, line.indexOf('=')));
    }
    assert.deepEqual(Object.keys(sections), ['Unit', 'Service', 'Install']);
    assert.ok(sections['Service']!.includes('Restart') && sections['Service']!.includes('ExecStart'));
    assert.deepEqual(sections['Install'], ['WantedBy']);
  });
});
