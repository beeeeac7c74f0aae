#!/usr/bin/env node
// Starts the built program. Where the Node that was found is too old for the store and the `node` package is installed
// beside this one, that Node takes over, so that `npx sweep` does the same whichever Node started it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url));
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const newerNode = major > 22 || (major === 22 && minor >= 16) ? undefined : installedNode();

if (!existsSync(program)) {
  process.stderr.write('sweep: not built yet. Run: npm run build\n');
  process.exitCode = 2;
} else if (newerNode === undefined) {
  await import(new URL('../dist/src/cli/main.js', import.meta.url).href);
} else {
  const child = spawn(newerNode, [program, ...process.argv.slice(2)], { stdio: 'inherit' });
  // The terminal sends Ctrl-C to the whole group: the child decides what it means, and this process only waits.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
  });
}

function installedNode() {
  try {
    const path = createRequire(import.meta.url).resolve('node/bin/node');
    return existsSync(path) ? path : undefined;
  } catch (error) {
    // Not installed: the program runs on the Node at hand and says what it cannot do there.
    if (error.code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}
