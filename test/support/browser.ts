import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Browser, Chromium } from './browser-types.ts';

/**
 * A real browser for tests of pages: Chrome or Chromium where one is on the PATH, else the one from npm, which comes with the
 * tests' own packages (`test/real`) and needs the system's libnss3. `SWEEP_TEST_BROWSER=npm` takes that one in any case.
 */

const PACKAGES = fileURLToPath(new URL('../real/', import.meta.url));
const require = createRequire(join(PACKAGES, 'package.json'));
/** Where the browser from npm is unpacked, once. */
const UNPACKED = join(PACKAGES, 'node_modules/.browser');
const ON_PATH = ['google-chrome-stable', 'google-chrome', 'chromium', 'chromium-browser', 'chrome'];

/** @throws Error with one line that says what is missing, where no browser can be started: such a test fails, and is not skipped */
export async function launchBrowser(): Promise<Browser> {
  // What is in test/real is installed by the test command, after the type checker has run.
  const { chromium } = require('playwright-core') as { readonly chromium: Chromium };
  const executablePath = process.env['SWEEP_TEST_BROWSER'] === 'npm' ? await browserFromNpm() : await anyBrowser();
  try {
    return await chromium.launch({
      executablePath,
      headless: true,
      args: ['--no-sandbox', '--headless', '--disable-gpu'],
    });
  } catch (error) {
    const library = /error while loading shared libraries: (\S+?):/.exec(String(error))?.[1];
    if (library === undefined) throw error;
    throw new Error(
      `the browser from npm needs ${library} (Debian, Ubuntu: apt-get install libnss3), or Chrome on the PATH`,
    );
  }
}

/** The source of axe-core, to run in a page. */
export function axeSource(): string {
  return require.resolve('axe-core/axe.min.js');
}

async function anyBrowser(): Promise<string> {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const found = ON_PATH.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
  return found ?? browserFromNpm();
}

/** Unpacked beside its package by one rename, so that test files that begin at the same time get whole files. */
async function browserFromNpm(): Promise<string> {
  const executable = join(UNPACKED, 'chromium');
  if (existsSync(executable)) return executable;
  const { default: packed } = (await import(pathToFileURL(require.resolve('@sparticuz/chromium')).href)) as {
    readonly default: { executablePath(): Promise<string> };
  };
  const folder = `${UNPACKED}-${process.pid}`;
  mkdirSync(folder, { recursive: true });
  // It unpacks into the system's folder for temporary files.
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = folder;
  try {
    await packed.executablePath();
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
  try {
    renameSync(folder, UNPACKED);
  } catch {
    // Another test file was first: its files are the same.
    rmSync(folder, { recursive: true, force: true });
  }
  return executable;
}
