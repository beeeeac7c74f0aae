import { readFile } from 'node:fs/promises';
import { packageFile } from '../package-files.ts';
import { LIVE_ELEMENT } from '../page-data/live.ts';
import { ROOT_ELEMENT } from '../page-data/reading.ts';

/** What the page that follows a sweep is made of, as it is served. Names come by its script, as text. */
export type LivePageParts = { readonly html: string; readonly script: Buffer; readonly style: Buffer };

/** @throws Error when the parts were not built, which a package always is */
export async function livePageParts(): Promise<LivePageParts> {
  const [script, style] = await Promise.all(
    ['live.js', 'live.css'].map((name) => readFile(packageFile(`dist/page/${name}`))),
  );
  return { html: HTML, script: script!, style: style! };
}

const HTML = [
  '<!doctype html>',
  '<html lang="en">',
  '<head>',
  '<meta charset="utf-8">',
  '<meta name="viewport" content="width=device-width, initial-scale=1">',
  '<meta name="color-scheme" content="light dark">',
  '<title>sweep</title>',
  '<link rel="stylesheet" href="live.css">',
  '<script src="live.js" defer></script>',
  '</head>',
  '<body>',
  `<div id="${LIVE_ELEMENT}"></div>`,
  `<div id="${ROOT_ELEMENT}"></div>`,
  '<noscript>This page follows a sweep, and needs a browser that runs its script.</noscript>',
  '</body>',
  '</html>',
  '',
].join('\n');
