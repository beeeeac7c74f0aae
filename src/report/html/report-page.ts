import { createHash } from 'node:crypto';
import { COLUMNS_ELEMENT, HEADER_ELEMENT, LICENCES_ELEMENT, ROOT_ELEMENT } from '../../page-data/reading.ts';
import { type ComputedReport, packedColumns } from '../facts/report-facts.ts';

/** What a page consists of beside its data; built once, the same in every file. */
export type PageParts = {
  readonly script: string;
  readonly style: string;
  /** Of what the script holds of others, in full. */
  readonly licences: string;
};

/**
 * A report as one file for a browser. It asks for nothing from anywhere: its policy allows this script and this style, known
 * by their hashes, and no other source of anything. Texts of the store stand in it as JSON alone, whose `<` are escapes.
 */
export function reportPage({ report, bytes }: ComputedReport, { script, style, licences }: PageParts): string {
  const title = `${report.sweeps.map(({ name }) => name).join(', ')}: sweep report`;
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<meta name="referrer" content="no-referrer">',
    `<title>${textIn(title)}</title>`,
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    `<div id="${ROOT_ELEMENT}"></div>`,
    `<noscript>${textIn(withoutScript(report))}</noscript>`,
    `<script type="application/json" id="${HEADER_ELEMENT}">${jsonIn(report)}</script>`,
    `<script type="application/octet-stream" id="${COLUMNS_ELEMENT}">${packedColumns(bytes)}</script>`,
    `<script type="text/plain" id="${LICENCES_ELEMENT}">${textIn(licences)}</script>`,
    `<script>${script}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

/** The headline in words, for a reader whose browser runs no scripts. */
function withoutScript({ sweeps }: ComputedReport['report']): string {
  const headlines = sweeps.map(({ name, headline }) => {
    return `${name}: ${[...headline.title, plainSpace, ...headline.lead].map(({ text }) => text).join('')}`;
  });
  return `${headlines.join(' ')} (The figures need a browser that runs the script in this file; it asks for nothing from anywhere.)`;
}

const plainSpace = { text: ' ' };

/** `sha256-…`: what a policy knows a script by, and a browser compares its text with. */
function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}`;
}

/** JSON that ends no element and begins no comment; U+2028 and U+2029 are ends of lines to old scripts. */
function jsonIn(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

function textIn(text: string): string {
  return text.replace(/[<>&"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
