import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { BUILDING_ENTRIES, JUDGING_ENTRIES } from '../src/code-identity.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Its own language, compiled by another compiler. */
const KERNEL_SOURCES = 'src/numerics/kernels/assembly/';
/** What that compiler says of its exports' types. */
const KERNEL_TYPES = 'dist/kernels.js';

/** What each folder may import of ours, beside itself and the few files that stand in src. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  numerics: [],
  files: [],
  baseline: ['numerics'],
  dataset: ['baseline', 'numerics'],
  experiment: ['baseline', 'dataset', 'numerics'],
  sweep: ['baseline', 'experiment', 'numerics'],
  trust: ['numerics'],
  // What a report's page is given: read in a browser, too, so it knows nothing of ours.
  'page-data': [],
  // What draws it: browser code, bundled by itself, that nothing else imports.
  page: ['page-data'],
  store: ['experiment', 'sweep'],
  execution: ['baseline', 'dataset', 'experiment', 'files', 'numerics', 'store', 'sweep', 'trust'],
  report: ['baseline', 'distributed', 'execution', 'experiment', 'numerics', 'page-data', 'store', 'sweep', 'trust'],
  // The page that follows a sweep, over HTTP: what it says is made by report, read from the store.
  serve: ['experiment', 'page-data', 'report', 'store', 'sweep'],
  // Many machines: what a queue is told, and who judges for it.
  distributed: ['dataset', 'execution', 'files', 'store', 'sweep'],
  cli: ['baseline', 'dataset', 'distributed', 'execution', 'experiment', 'report', 'serve', 'store', 'sweep', 'trust'],
  workers: ['distributed', 'execution'],
};

/** Packages that one folder stands for, so that nothing else has to know them. */
const OWNERS: Readonly<Record<string, readonly string[]>> = {
  'node:sqlite': ['store'],
  'node:worker_threads': ['execution', 'workers'],
  piscina: ['execution'],
  'node:child_process': ['cli', 'distributed'],
  'node:http': ['serve'],
  commander: ['cli'],
  'parquet-wasm': ['baseline'],
  'onnx-proto': ['baseline'],
  yauzl: ['baseline'],
  yaml: ['sweep'],
  preact: ['page'],
  '@observablehq/plot': ['page'],
  'd3-brush': ['page'],
  '@tanstack/virtual-core': ['page'],
  cacache: ['files'],
  aws4fetch: ['files'],
  pg: ['store', 'distributed'],
  'pg-boss': ['distributed'],
};

/** Facts of the process that are no input and no output, and a worker thread's own end. */
const PROCESS_IMPORTS: Readonly<Record<string, readonly string[]>> = {
  store: ['pid', 'version'],
  execution: ['exit', 'availableMemory', 'kill', 'pid'],
};

type ImportLine = { file: string; line: number; text: string; from: string; names: string[] };

const sources = ['src', 'workers'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path))
    .map((path) => join(folder, path))
    .filter((path) => !path.startsWith(KERNEL_SOURCES)),
);
const imports = sources.flatMap(importsOf);

/** The folder that a file belongs to: `workers`, one in src, or '' for the files that stand in src itself. */
function folderOf(file: string): string {
  const parts = file.split('/');
  if (parts[0] === 'workers') return 'workers';
  return parts.length > 2 ? parts[1]! : '';
}

function importsOf(file: string): ImportLine[] {
  const code = readFileSync(join(ROOT, file), 'utf8');
  const statements = code.matchAll(/^(?:import|export)\b([^;'"]*?)\bfrom\s*'([^']+)'|\bimport\s*\(?\s*'([^']+)'/gm);
  return [...statements].map((match) => ({
    file,
    line: code.slice(0, match.index).split('\n').length,
    text: match[0].replaceAll(/\s+/g, ' '),
    from: match[2] ?? match[3] ?? '',
    names: [...(match[1] ?? '').matchAll(/\w+/g)].map(([name]) => name).filter((name) => name !== 'type'),
  }));
}

/** The file of ours that a line imports, or undefined for a package. */
function targetOf({ file, from }: ImportLine): string | undefined {
  return from.startsWith('.') ? relative(ROOT, normalize(join(ROOT, dirname(file), from))) : undefined;
}

/**
 * The circles of a graph, one for each import that closes one, as `a → b → a`. Depth first: what is on the way from the
 * start to here and is imported again closes a circle; what was left behind cannot be part of one any more.
 */
function circlesOf(files: readonly string[], targetsOf: (file: string) => readonly string[]): string[] {
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, way: readonly string[]): void => {
    const start = way.indexOf(file);
    if (start !== -1) circles.push([...way.slice(start), file].join(' → '));
    if (start !== -1 || done.has(file)) return;
    for (const target of new Set(targetsOf(file))) visit(target, [...way, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  return circles;
}

function assertNone(offences: readonly ImportLine[], rule: string): void {
  assert.deepEqual(
    offences.map(({ file, line, text }) => `${file}:${line}: ${text}`),
    [],
    rule,
  );
}

/** Code without its comments and texts, line by line. */
function bareLines(file: string): string[] {
  const code = readFileSync(join(ROOT, file), 'utf8');
  return code
    .replaceAll(/\/\*[\s\S]*?\*\//g, (comment) => comment.replaceAll(/[^\n]/g, ' '))
    .replaceAll(/(^|[^:'"`])\/\/.*$/gm, '$1')
    .split('\n');
}

describe('who may import whom', () => {
  test('this test reads every source and finds its imports', () => {
    assert.ok(sources.length > 100, `${sources.length} sources`);
    assert.ok(imports.length > 400, `${imports.length} imports`);
    for (const folder of Object.keys(MAY_IMPORT))
      assert.ok(
        sources.some((file) => folderOf(file) === folder),
        folder,
      );
    const folders = new Set(sources.map(folderOf).filter((folder) => folder !== ''));
    assert.deepEqual([...folders].sort(), Object.keys(MAY_IMPORT).sort(), 'a new folder needs a place in the order');
    assert.ok(imports.some((line) => line.from === 'node:sqlite') && imports.some((line) => line.from === 'piscina'));
    for (const line of imports) {
      const target = targetOf(line);
      assert.ok(
        target === undefined || sources.includes(target) || target === 'package.json' || target === KERNEL_TYPES,
        `${line.file}: ${line.from}`,
      );
    }
  });

  for (const [folder, allowed] of Object.entries(MAY_IMPORT)) {
    const list = allowed.length === 0 ? 'no other folder' : `${allowed.join(', ')} and no other folder`;
    test(`${folder} imports ${list}`, () => {
      const offences = imports.filter((line) => {
        const target = targetOf(line);
        if (folderOf(line.file) !== folder || target === undefined) return false;
        const other = folderOf(target);
        return other !== '' && other !== folder && !allowed.includes(other);
      });
      assertNone(offences, `${folder} may import ${list}`);
    });
  }

  test('numerics knows nothing of the rest but how to say that a user made a mistake and where the built kernels lie', () => {
    const offences = imports.filter((line) => {
      const target = targetOf(line);
      return (
        folderOf(line.file) === 'numerics' &&
        target !== undefined &&
        folderOf(target) !== 'numerics' &&
        target !== 'src/user-error.ts' &&
        target !== 'src/package-files.ts' &&
        target !== KERNEL_TYPES
      );
    });
    assertNone(offences, 'numerics may import src/user-error.ts and src/package-files.ts');
  });

  test('the files in src itself import no folder', () => {
    const offences = imports.filter((line) => {
      const target = targetOf(line);
      return folderOf(line.file) === '' && target !== undefined && folderOf(target) !== '';
    });
    assertNone(offences, 'what everything may import imports nothing');
  });

  test('ARCHITECTURE lists the folders in the order of their imports, and names those that go the other way', () => {
    const text = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8');
    const places = [...text.matchAll(/^\| \d+a? \|([^|]*)\|/gm)].flatMap(([, where]) => [
      ...where!.matchAll(/`(?:src\/)?(\w[\w-]*)\//g),
    ]);
    const order = [...new Set(places.map(([, folder]) => folder!))];
    assert.deepEqual(order.toSorted(), Object.keys(MAY_IMPORT).toSorted(), 'each folder has its place');
    const against = Object.entries(MAY_IMPORT)
      .flatMap(([folder, allowed]) => allowed.map((other) => [folder, other] as const))
      .filter(([folder, other]) => order.indexOf(other) > order.indexOf(folder))
      // Its threads and processes are entered there, and it is listed with who starts them.
      .filter(([folder]) => folder !== 'workers')
      .map(([folder, other]) => `${folder} → ${other}`);
    assert.deepEqual(against.toSorted(), ['execution → store', 'execution → trust', 'report → page-data']);
    assert.match(text, /`execution` calls `store` and `trust`, `report` fills in `page-data`/);
  });

  test('no folders import each other', () => {
    for (const [folder, allowed] of Object.entries(MAY_IMPORT)) {
      for (const other of allowed) assert.ok(!MAY_IMPORT[other]!.includes(folder), `${folder} and ${other}`);
    }
  });

  test('no files import each other, whether directly or by way of others', () => {
    const targets = new Map(sources.map((file): [string, string[]] => [file, []]));
    for (const line of imports) {
      const target = targetOf(line);
      if (target !== undefined) targets.get(line.file)!.push(target);
    }
    const circles = circlesOf(sources, (file) => targets.get(file) ?? []);
    assert.deepEqual(circles, []);
  });

  test('this test finds circles where there are some, each once', () => {
    const graph: Readonly<Record<string, readonly string[]>> = {
      a: ['b', 'd'],
      b: ['c'],
      c: ['a', 'd'],
      d: ['d'],
      e: [],
    };
    const found = circlesOf(Object.keys(graph), (file) => graph[file] ?? []);
    assert.deepEqual(found, ['a → b → c → a', 'd → d']);
  });

  for (const [name, owners] of Object.entries(OWNERS)) {
    test(`${name} is imported by ${owners.join(' and ')} alone`, () => {
      const offences = imports.filter((line) => line.from === name && !owners.includes(folderOf(line.file)));
      assertNone(offences, `${name} belongs to ${owners.join(', ')}`);
    });
  }
});

/** What is loaded with a file: what it imports when it runs, and what that does, packages among it. */
function loadedBy(file: string): ReadonlySet<string> {
  const loaded = new Set<string>();
  const visit = (name: string): void => {
    if (loaded.has(name)) return;
    loaded.add(name);
    for (const line of imports) {
      if (line.file === name && !/^(import|export) type\b/.test(line.text)) visit(targetOf(line) ?? line.from);
    }
  };
  visit(file);
  return loaded;
}

describe('who may know what', () => {
  test('who coordinates a sweep knows no threads, no memory and no kind of store', () => {
    const isHost = (name: string) =>
      /^(node:worker_threads|node:sqlite|piscina)$/.test(name) ||
      /^src\/(numerics|dataset|baseline|store\/sqlite)\//.test(name) ||
      /^src\/execution\/(host|host-engine|thread-engine|batch-engine|dataset-batches|memory-plan)\.ts$/.test(name);
    for (const file of ['src/execution/coordinator.ts', 'src/execution/slice-engine.ts']) {
      const named = imports.filter((line) => line.file === file).map((line) => targetOf(line) ?? line.from);
      assert.deepEqual(named.filter(isHost), [], `${file} names none of a host's parts, types included`);
      assert.deepEqual([...loadedBy(file)].filter(isHost), [], `${file} loads none`);
    }
    const ofHost = [...loadedBy('src/execution/host.ts')].filter(isHost);
    assert.ok(
      ofHost.includes('piscina') && ofHost.includes('src/numerics/memory.ts'),
      'this test finds them in a host',
    );
  });

  test('only store knows SQL', () => {
    const sql =
      /\b(SELECT\s[\s\S]*\sFROM\s|INSERT\s+(OR\s+\w+\s+)?INTO\s|CREATE\s+(TABLE|INDEX|VIEW)\s|DELETE\s+FROM\s|PRAGMA\s|BEGIN\s+IMMEDIATE)/;
    // What waits in a queue stands in a table of pg-boss's own, which that file alone knows.
    const offences = sources
      .filter((file) => folderOf(file) !== 'store' && file !== 'src/distributed/queue-states.ts')
      .flatMap((file) => {
        const match = sql.exec(bareLines(file).join('\n'));
        return match === null ? [] : [`${file}: ${match[0].slice(0, 60)}`];
      });
    assert.deepEqual(offences, []);
    const ofStore = sources.filter((file) => folderOf(file) === 'store' && sql.test(bareLines(file).join('\n')));
    assert.ok(ofStore.length > 3, 'this test finds SQL where there is some');
  });

  test('only cli reads the process: its arguments, environment, streams and exit code', () => {
    const uses = (file: string) =>
      bareLines(file).flatMap((line, i) =>
        /(?<![\w.'-])(globalThis\.)?process\s*(\.|\[|\?\.)/.test(line) ? [`${file}:${i + 1}: ${line.trim()}`] : [],
      );
    // A child that the program starts for itself: its channel, and the signals that are its parent's to hear.
    const child = 'workers/engine-child.ts';
    const isFree = (line: string) => line.startsWith(`${child}:`) && /\bprocess\.(on|send|exit)\b/.test(line);
    const others = sources.filter((file) => folderOf(file) !== 'cli').flatMap(uses);
    assert.deepEqual(
      others.filter((line) => !isFree(line)),
      [],
    );
    assert.ok(
      sources.filter((file) => folderOf(file) === 'cli').flatMap(uses).length > 5,
      'this test finds uses in cli',
    );
    const offences = imports.filter((line) => {
      const allowed = PROCESS_IMPORTS[folderOf(line.file)] ?? [];
      return (
        line.from === 'node:process' &&
        folderOf(line.file) !== 'cli' &&
        !line.names.every((name) => allowed.includes(name))
      );
    });
    assertNone(offences, 'nor by way of node:process');
  });

  test('only cli writes to the terminal', () => {
    const offences = sources
      .filter((file) => folderOf(file) !== 'cli')
      .flatMap((file) =>
        bareLines(file).flatMap((line, i) => (/\bconsole\./.test(line) ? [`${file}:${i + 1}: ${line.trim()}`] : [])),
      );
    assert.deepEqual(offences, []);
  });

  test('only whole-files.ts makes temporary files and folders, and puts them in their places', () => {
    const makes = /\b(mkdtemp\w*|tmpdir|rename(Sync)?)\b|\.tmp\b|'wx\+?'/;
    const uses = (file: string) =>
      bareLines(file).flatMap((line, i) => (makes.test(line) ? [`${file}:${i + 1}: ${line.trim()}`] : []));
    // What was made beside a store or an empty folder takes its place where its name is known to be free.
    const RENAMES = [
      'src/store/sqlite/migrate.ts',
      'src/baseline/from-bars/write-baseline-run.ts',
      'src/experiment/run-files.ts',
    ];
    const offences = sources.filter((file) => file !== 'src/whole-files.ts').flatMap(uses);
    assert.deepEqual(
      offences.filter((line) => !/\brename(Sync)?\b/.test(line) || !RENAMES.some((file) => line.startsWith(file))),
      [],
    );
    assert.ok(uses('src/whole-files.ts').length > 3, 'this test finds them where they are');
  });

  test('a page puts what it is given into text alone, runs none of it, and asks for nothing', () => {
    const dangerous =
      /\b(innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|createContextualFragment|document\.write|eval|new Function|fetch|EventSource|XMLHttpRequest|WebSocket|sendBeacon|localStorage|sessionStorage|import\()/;
    const uses = (file: string) =>
      bareLines(file).flatMap((line, i) => (dangerous.test(line) ? [`${file}:${i + 1}: ${line.trim()}`] : []));
    const pages = sources.filter((file) => folderOf(file) === 'page');
    assert.ok(pages.length > 30, `${pages.length} files of the page`);
    // The page that follows a sweep asks the server that it came from; what a report's file holds does not load it.
    const live = 'src/page/live/live-page.ts';
    const asks = /\b(fetch\(|EventSource\b)/;
    assert.deepEqual(
      pages.flatMap(uses).filter((line) => !(line.startsWith(`${live}:`) && asks.test(line))),
      [],
    );
    assert.ok(![...loadedBy('src/page/report-page.ts')].some((file) => file.startsWith('src/page/live/')));
    assert.ok(dangerous.test('place.innerHTML = name;'), 'this test finds one where there is one');
  });

  test('counted nouns are spelled by counts.ts alone: no `1 rows`, no second way to a plural', () => {
    const COUNTS = 'src/counts.ts';
    // A text of theirs is not worth a new key for every stored verdict, or every kept row.
    const inHash = new Set([...JUDGING_ENTRIES, ...BUILDING_ENTRIES].flatMap((entry) => [...loadedBy(entry)]));
    const LEFT = ['src/experiment/run-experiment.ts'];
    const read = sources
      .filter((file) => file !== COUNTS && !inHash.has(file) && !LEFT.includes(file))
      .map((file) => ({ file, lines: readFileSync(join(ROOT, file), 'utf8').split('\n') }));
    const code = read.flatMap(({ lines }) => lines).join('\n');
    // What is counted somewhere is counted so everywhere.
    const nouns = new Set(
      [...code.matchAll(/\bcountOf\([^'`\n]*['`](?:[^'`\n]* )?([a-z]+)['`]/g)].map(([, noun]) => noun!),
    );
    assert.ok(nouns.size > 30 && nouns.has('configuration') && nouns.has('row'), [...nouns].join());
    // `3 times the days`, and a verb.
    for (const word of ['time', 'move']) nouns.delete(word);
    const which = 'new|more|other|known|judged|stored|distinct|different|market|state|baseline';
    // A constant's number is known to whoever writes the sentence.
    const unasked = new RegExp(
      `\\$\\{(?!(?:countText\\()?[A-Z_]+\\)?\\})[^{}]*\\} (?:(?:${which}) )?(?:${[...nouns].join('|')})s\\b`,
    );
    const byHand =
      /=== 1\s*\?\s*'([a-z]*)'\s*:\s*'\1e?s'|=== 1\s*\?\s*'([a-z]+)e?s'\s*:\s*'\2'|=== 1 \? '(is|was|has)'/;
    const second = /function (countText|plural\w*)\(|toLocaleString\(/;
    assert.deepEqual(
      read.flatMap(({ file, lines }) =>
        lines.flatMap((line, i) => {
          const isOffence = [unasked, byHand, second].some((rule) => rule.test(line));
          // Nobody who runs the program reads comments, or is told bugs of ours in his language.
          const isOurs = /^\s*(\*|\/\/)|new (Range|Type)?Error\(/.test(line);
          return isOffence && !isOurs ? [`${file}:${i + 1}: ${line.trim()}`] : [];
        }),
      ),
      [],
    );
    for (const line of ['} rows`', '} new verdicts`'])
      assert.ok(unasked.test(`\`\${count${line}`), `this test finds ${line}`);
    for (const line of ["n === 1 ? 'row' : 'rows'", "n === 1 ? '' : 's'", "n === 1 ? 'is' : 'are'"])
      assert.ok(byHand.test(line), `this test finds ${line}`);
  });

  test('no source names a path of one machine', () => {
    const offences = sources.flatMap((file) =>
      readFileSync(join(ROOT, file), 'utf8')
        .split('\n')
        .flatMap((line, i) =>
          /['"`](\/home\/|\/work\/|\/tmp\/|\/Users\/|[A-Z]:\\)/.test(line) ? [`${file}:${i + 1}: ${line.trim()}`] : [],
        ),
    );
    assert.deepEqual(offences, []);
  });
});
