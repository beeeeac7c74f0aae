import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { KUBERNETES_JOB, refusedBySchema } from '../support/kubernetes-job.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url));

/** Says what it was asked, makes a store, and ends with `CODE`, or on TERM with 130 where it is to wait. */
const SWEEP = `echo "sweep $*" >> "$LOG"
case $1 in
  backup) cp "$4" "$2" ;;
  merge) echo merged > "$2" ;;
  run)
    while [ $# -gt 0 ]; do [ "$1" = --db ] && db=$2; shift; done
    echo judged >> "$db"
    if [ -n "\${WAIT:-}" ]; then trap 'exit 130' TERM; echo begun >> "$LOG"; while :; do sleep 0.05; done; fi
    if [ -n "\${BAD_HOST:-}" ] && [ "\${HOST:-}" = "$BAD_HOST" ]; then exit 5; fi
    exit "\${CODE:-0}" ;;
esac`;
const STUBS: Readonly<Record<string, string>> = {
  sweep: SWEEP,
  srun: 'exec "$@"',
  scontrol: 'echo "scontrol $*" >> "$LOG"',
  // Every machine is this one, in a folder of its own.
  ssh: 'mkdir -p "$HOSTS/$1"; cd "$HOSTS/$1"; HOST=$1 exec bash -c "$2"',
  scp: `shift
at() {
  case $1 in
    *:*) mkdir -p "$HOSTS/$(echo "$1" | cut -d: -f1)/sweep"; echo "$HOSTS/$(echo "$1" | tr : /)" ;;
    *) echo "$1" ;;
  esac
}
cp "$(at "$1")" "$(at "$2")"`,
};

type Started = {
  readonly folder: string;
  readonly log: () => string[];
  start(more?: Record<string, string>): ChildProcess;
};

/** A script of the examples among stub commands, in a folder of its own. */
async function example(
  context: TestContext,
  script: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<Started> {
  const folder = await temporaryFolder(context);
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  mkdirSync(join(folder, 'scratch'));
  for (const [name, code] of Object.entries(STUBS)) {
    writeFileSync(join(bin, name), `#!/usr/bin/env bash\n${code}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  writeFileSync(join(folder, 'grid.yaml'), 'name: grid\n');
  const log = join(folder, 'log');
  const own = {
    PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`,
    LOG: log,
    HOSTS: join(folder, 'hosts'),
    TMPDIR: join(folder, 'scratch'),
    SCRATCH: join(folder, 'scratch'),
    OUT: join(folder, 'out'),
    SWEEP_OUT: join(folder, 'out'),
    SWEEP_FILE: 'grid.yaml',
    SWEEP_DATA: '/shared/runs',
    SWEEP: 'sweep',
    USER: 'me',
  };
  mkdirSync(own.OUT);
  return {
    folder,
    log: () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []),
    start: (more = {}) =>
      spawn('bash', [join(EXAMPLES, script), ...args], {
        cwd: folder,
        env: { ...own, ...env, ...more },
        stdio: 'pipe',
      }),
  };
}

async function codeOf(child: ChildProcess): Promise<number | null> {
  await once(child, 'close');
  return child.exitCode;
}

/** Until the stub that waits has begun. */
async function begun({ log }: Started): Promise<void> {
  while (!log().includes('begun')) await new Promise((done) => setTimeout(done, 20));
}

describe('examples/slurm', () => {
  const SLURM = { SLURM_ARRAY_TASK_ID: '3', SLURM_ARRAY_JOB_ID: '77', SLURM_JOB_ID: '80', SLURM_CPUS_PER_TASK: '4' };

  test('a task judges its shard on the own disk, and what it has goes to the shared folder', async (context) => {
    const task = await example(context, 'slurm/sweep.sbatch', [], SLURM);
    assert.equal(await codeOf(task.start()), 0);
    const [run = '', backup = ''] = task.log();
    assert.match(
      run,
      /^sweep run grid\.yaml --shard 3\/16 --db \S+\/scratch\/sweep-80-3\/shard\.db --data \/shared\/runs .*--threads 4$/,
    );
    assert.match(backup, /^sweep backup \S+\/out\/shard-3\.db\.80 --db /);
    assert.equal(readFileSync(join(task.folder, 'out/shard-3.db'), 'utf8'), 'judged\n');
    assert.equal(await codeOf(task.start()), 0);
    assert.equal(
      readFileSync(join(task.folder, 'out/shard-3.db'), 'utf8'),
      'judged\njudged\n',
      'it goes on with its store',
    );
  });

  for (const [code, ends, again] of [
    ['6', 0, false],
    ['5', 0, true],
    ['2', 2, false],
    ['4', 4, false],
  ] as const) {
    test(`exit code ${code} ends a task with ${ends}${again ? ', queued again' : ''}`, async (context) => {
      const task = await example(context, 'slurm/sweep.sbatch', [], SLURM);
      assert.equal(await codeOf(task.start({ CODE: code })), ends);
      assert.equal(task.log().includes('scontrol requeue 77_3'), again);
    });
  }

  test('a task whose time is over keeps what is judged, and is queued again', async (context) => {
    const task = await example(context, 'slurm/sweep.sbatch', [], SLURM);
    const child = task.start({ WAIT: '1' });
    await begun(task);
    child.kill('SIGTERM');
    assert.equal(await codeOf(child), 0);
    assert.ok(existsSync(join(task.folder, 'out/shard-3.db')));
    assert.ok(task.log().includes('scontrol requeue 77_3'));
  });
});

describe('examples/kubernetes', () => {
  const text = readFileSync(join(EXAMPLES, 'kubernetes/job.yaml'), 'utf8');
  const job = KUBERNETES_JOB.parse(parse(text));

  test('the Job is one that Kubernetes takes, and its parts fit each other', () => {
    const { completions, podFailurePolicy, template } = job.spec;
    const [container] = template.spec.containers;
    const env = Object.fromEntries(container!.env.map(({ name, value }) => [name, value]));
    assert.equal(env['SHARDS'], String(completions));
    const volumes = template.spec.volumes.map(({ name }) => name);
    assert.deepEqual(container!.volumeMounts.map(({ name }) => name).sort(), volumes.sort());
    for (const { onExitCodes } of podFailurePolicy.rules) {
      if (onExitCodes !== undefined) assert.equal(onExitCodes.containerName, container!.name);
    }
    const codes = (action: string) =>
      podFailurePolicy.rules.flatMap((rule) => (rule.action === action ? (rule.onExitCodes?.values ?? []) : []));
    assert.deepEqual([codes('FailIndex'), codes('Count')], [[2], [5]]);
  });

  test("the Job has the fields' types that Kubernetes' own schema asks for, and other types are told", async () => {
    assert.equal(await refusedBySchema(parse(text)), null);
    for (const [from, to, place] of [
      ['backoffLimitPerIndex: 2', 'backoffLimitPerIndex: "2"', 'spec/backoffLimitPerIndex'],
      ['values: [5]', 'values: ["5"]', 'spec/podFailurePolicy/rules/2/onExitCodes/values/0'],
      ['action: Count', 'action: Retry', 'spec/podFailurePolicy/rules/2/action'],
      ['value: "16"', 'value: 16', 'spec/template/spec/containers/0/env/3/value'],
      ['memory: 8Gi', 'memory: 8Gigs', 'spec/template/spec/containers/0/resources/limits/memory'],
      ['maxSkew: 1', 'maxSkew: one', 'spec/template/spec/topologySpreadConstraints/0/maxSkew'],
    ] as const) {
      const broken = text.replace(from, to);
      assert.notEqual(broken, text);
      assert.ok((await refusedBySchema(parse(broken)))?.includes(place), `${to} is not told`);
    }
  });

  test('what checks Jobs refuses fields, types and combinations that are none', () => {
    for (const broken of [
      text.replace('completionMode', 'completionmode'),
      text.replace('value: "16"', 'value: 16'),
      text.replace('restartPolicy: Never', 'restartPolicy: OnFailure'),
      text.replace('action: Count', 'action: Retry'),
    ]) {
      assert.notEqual(broken, text);
      assert.equal(KUBERNETES_JOB.safeParse(parse(broken)).success, false);
    }
  });

  for (const [code, ends] of [
    ['0', 0],
    ['6', 0],
    ['5', 5],
    ['2', 2],
  ] as const) {
    test(`exit code ${code} of a shard ends its pod with ${ends}, and its store is kept`, async (context) => {
      const pod = await example(context, 'kubernetes/shard.sh', [], { JOB_COMPLETION_INDEX: '0', SHARDS: '16' });
      assert.equal(await codeOf(pod.start({ CODE: code })), ends);
      assert.match(
        pod.log()[0] ?? '',
        /^sweep run grid\.yaml --shard-index 0 --shards 16 --db \S+\/scratch\/shard\.db --data \/shared\/runs/,
      );
      assert.ok(existsSync(join(pod.folder, 'out/shard-0.db')));
    });
  }

  test('a pod that is told to end stops, keeps what is judged, and says that it was stopped', async (context) => {
    const pod = await example(context, 'kubernetes/shard.sh', [], { JOB_COMPLETION_INDEX: '0', SHARDS: '16' });
    const child = pod.start({ WAIT: '1' });
    await begun(pod);
    child.kill('SIGTERM');
    assert.equal(await codeOf(child), 130);
    assert.ok(existsSync(join(pod.folder, 'out/shard-0.db')));
  });
});

describe('a script that is told to end while its run begins', () => {
  for (const [script, env] of [
    [
      'slurm/sweep.sbatch',
      { SLURM_ARRAY_TASK_ID: '3', SLURM_ARRAY_JOB_ID: '70', SLURM_JOB_ID: '73', USER: 'somebody' },
    ],
    ['kubernetes/shard.sh', { JOB_COMPLETION_INDEX: '0', SHARDS: '16' }],
  ] as const) {
    test(`${script} hands that on, and leaves no run behind`, async (context) => {
      const task = await example(context, script, [], env);
      // The signal comes between the command that begins the run and the next one.
      const moment = join(task.folder, 'moment.sh');
      writeFileSync(moment, `trap 'case $BASH_COMMAND in "run=$"*) kill -TERM $$ ;; esac' DEBUG\n`);
      const child = task.start({ WAIT: '1', BASH_ENV: moment });
      const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
      // Of SLURM's: queued again.
      assert.ok(signal === null && [0, 130, 143].includes(code!), `${code} ${signal}`);
    });
  }
});

describe('examples/ssh', () => {
  const ARGS = ['grid.yaml', 's3://bucket/runs', 'out', 'desk1', 'desk2'] as const;

  test('each machine judges a shard, and the stores are brought and merged', async (context) => {
    const all = await example(context, 'ssh/shards.sh', ARGS, {});
    assert.equal(await codeOf(all.start({ CODE: '6' })), 0);
    const runs = all
      .log()
      .filter((line) => line.startsWith('sweep run'))
      .sort();
    assert.deepEqual(
      runs,
      [1, 2].map((i) => `sweep run grid.yaml --shard ${i}/2 --db shard-${i}.db --data s3://bucket/runs`),
    );
    assert.equal(all.log().at(-1), 'sweep merge out/all.db out/shard-1.db out/shard-2.db');
    assert.ok(existsSync(join(all.folder, 'out/all.db')));
  });

  test("the shard of a machine that fails the self test is another machine's turn", async (context) => {
    const all = await example(context, 'ssh/shards.sh', ARGS, {});
    assert.equal(await codeOf(all.start({ BAD_HOST: 'desk1' })), 0);
    assert.ok(existsSync(join(all.folder, 'out/all.db')));
    assert.equal(all.log().filter((line) => line.startsWith('sweep run')).length, 3);
  });

  test('what has to be mended is not merged', async (context) => {
    const all = await example(context, 'ssh/shards.sh', ARGS, {});
    assert.equal(await codeOf(all.start({ CODE: '2' })), 2);
    assert.ok(!existsSync(join(all.folder, 'out/all.db')));
  });
});
