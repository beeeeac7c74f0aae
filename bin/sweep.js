#!/usr/bin/env node
// Starts the built program. A Node that is too old for it hands over to the `node` package where that is installed beside
// this one, so that `npx sweep` does the same whichever Node started it, or says at once which Node is needed.
// No syntax here that an old Node cannot read: it could not say so then.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import nodeModule, { createRequire } from 'node:module';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const program = new URL('../dist/program/main.js', import.meta.url);
const manifest = new URL('../package.json', import.meta.url);
// Under --permission nothing may be read that is not named, not even what says which Node is needed.
const mayRead = !process.permission || process.permission.has('fs.read', fileURLToPath(manifest));
const needed = mayRead ? JSON.parse(readFileSync(manifest, 'utf8')).engines.node.replace('>=', '') : '0.0';

if (!mayRead)
  refuse('Node keeps files from this program (--permission). Start it without, or allow them (NODE_OPTIONS)');
else if (!existsSync(program)) refuse('not built yet. Run: npm run build');
else if (isNewEnough(process.versions.node)) {
  keepCompiled();
  // Not the variable alone, which a process that runs already does not look at.
  if (nodeModule.enableCompileCache) nodeModule.enableCompileCache(process.env.NODE_COMPILE_CACHE);
  import(program.href);
} else {
  const newer = installedNode();
  if (newer === undefined) {
    refuse(
      `needs Node ${needed} or newer, this is ${process.versions.node}. ` +
        'Install one beside it, which it then takes: npm install node@24',
    );
  } else {
    keepCompiled();
    handOver(newer);
  }
}

/**
 * What the engine compiles is kept beside the program, for the next start and for its threads. Where that cannot be
 * written, every start compiles anew.
 */
function keepCompiled() {
  const folder = fileURLToPath(new URL('../dist/compile-cache', import.meta.url));
  process.env.NODE_COMPILE_CACHE = process.env.NODE_COMPILE_CACHE || folder;
}

function refuse(sentence) {
  process.stderr.write(`sweep: ${sentence}\n`);
  process.exitCode = 2;
}

function isNewEnough(version) {
  const [major, minor] = version.split('.').map(Number);
  const [neededMajor, neededMinor] = needed.split('.').map(Number);
  return major > neededMajor || (major === neededMajor && minor >= neededMinor);
}

/** The `node` package's program, where one is installed that is new enough. */
function installedNode() {
  const require = createRequire(import.meta.url);
  try {
    const path = require.resolve('node/bin/node');
    return existsSync(path) && isNewEnough(require('node/package.json').version) ? path : undefined;
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/**
 * Runs the program on another Node and ends as it ends. The channel tells the program when this process is gone, however
 * it went: it must not run on with the store's lock and nobody who waits for it. Signals travel on the channel, too, since
 * a terminal has sent them to both already; the program takes the two for one (`src/cli/launcher.ts`).
 */
function handOver(node) {
  const args = [fileURLToPath(program)].concat(process.argv.slice(2));
  const child = spawn(node, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) {
    process.on(signal, () => {
      if (child.connected) child.send({ signal });
    });
  }
  child.on('exit', (code, signal) => {
    process.exitCode = code === null ? 128 + constants.signals[signal] : code;
  });
}
