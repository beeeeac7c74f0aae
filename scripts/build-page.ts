/**
 * Builds what pages consist of beside their data, in `dist/page`: one script and one style sheet each, `page.js` and `page.css`,
 * which `sweep report --html` puts into each file, `live.js` and `live.css`, which `sweep serve` serves. They ask for nothing
 * from anywhere but the live page its server. What the script holds of
 * others is named at its beginning, with licences in full in `dist/page/licences.txt`.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { build } from 'esbuild';

const FOLDER = 'dist/page';

const { metafile } = await build({
  entryPoints: [
    { in: 'src/page/report-page.ts', out: 'page' },
    { in: 'src/page/style/page.css', out: 'page' },
    { in: 'src/page/live/live-page.ts', out: 'live' },
    { in: 'src/page/live/live.css', out: 'live' },
  ],
  outdir: FOLDER,
  bundle: true,
  minify: true,
  format: 'iife',
  platform: 'browser',
  target: ['chrome111', 'firefox115', 'safari16.4'],
  tsconfig: 'src/page/tsconfig.json',
  legalComments: 'none',
  charset: 'utf8',
  metafile: true,
  write: false,
  logLevel: 'warning',
}).then((result) => {
  mkdirSync(FOLDER, { recursive: true });
  const packages = packagesOf(Object.keys(result.metafile.inputs));
  const names = packages.map(({ name, version, license }) => `${name} ${version} (${license})`).join(', ');
  for (const { path, text } of result.outputFiles) {
    // `</script` cannot stand in a script that stands in a page, nor `<!--`.
    write(basename(path), path.endsWith('.js') ? `/* With ${names}. */\n${safeInPage(text)}` : text);
  }
  write(
    'licences.txt',
    packages.map(({ name, version, text }) => `${name} ${version}\n\n${text.trim()}\n`).join('\n\n'),
  );
  return result;
});

if (Object.keys(metafile.outputs).length !== 4) throw new Error('each page is one script and one style sheet');

function write(name: string, text: string): void {
  writeFileSync(join(FOLDER, name), text);
}

function safeInPage(script: string): string {
  return script.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');
}

type Package = { readonly name: string; readonly version: string; readonly license: string; readonly text: string };

/** The packages that inputs are of, by name. */
function packagesOf(inputs: readonly string[]): Package[] {
  const folders = new Set(inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []));
  return [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Package;
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) throw new Error(`${dirname(folder)}: ${name} has no licence file`);
    return { name, version, license, text: readFileSync(join(folder, file), 'utf8') };
  });
}
