import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { COLUMNS_ELEMENT, HEADER_ELEMENT, readReport } from '../../../src/page-data/reading.ts';
import { reportFacts } from '../../../src/report/facts/report-facts.ts';
import { reportPage } from '../../../src/report/html/report-page.ts';
import { configurationWith } from '../../store/synthetic.ts';
import { judgedAt, sourceOf } from '../facts/made-up-source.ts';

const PARTS = { script: 'draw("ü");', style: 'body { margin: 0 }', licences: 'MIT <somebody@example.org>' };
const HOSTILE = '</script><script>alert(1)</script><!--&"';

async function pageOf(name: string): Promise<string> {
  const source = sourceOf([{ ...judgedAt(configurationWith()), tags: [HOSTILE] }]);
  const named = { ...source, sweep: { ...source.sweep, name } };
  return reportPage(await reportFacts([named], '0.0.0', { withMachine: true, db: [] }), PARTS);
}

function elementIn(html: string, id: string): string {
  const found = new RegExp(`<script type="[^"]+" id="${id}">([^<]*)</script>`).exec(html);
  assert.ok(found !== null, id);
  return found[1]!;
}

describe('a report as one file', () => {
  test('its policy allows the script and the style that stand in it, by their hashes, and nothing else', async () => {
    const html = await pageOf('plain');
    const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1];
    const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    const [script] = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map((match) => match[1]!);
    const [style] = [...html.matchAll(/<style>([\s\S]*?)<\/style>/g)].map((match) => match[1]!);
    assert.deepEqual([script, style], [PARTS.script, PARTS.style]);
    assert.equal(
      policy,
      `default-src 'none'; script-src ${hash(script!)}; style-src ${hash(style!)}; base-uri 'none'; form-action 'none'`,
    );
    assert.doesNotMatch(
      html,
      /\s(src|href|style|on\w+)\s*=/,
      'nothing is asked for, and no handler or style is inline',
    );
  });

  test('what it holds is what was computed', async () => {
    const html = await pageOf('plain');
    const { report, bytes } = await readReport(elementIn(html, HEADER_ELEMENT), elementIn(html, COLUMNS_ELEMENT));
    const source = sourceOf([{ ...judgedAt(configurationWith()), tags: [HOSTILE] }]);
    const named = { ...source, sweep: { ...source.sweep, name: 'plain' } };
    const computed = await reportFacts([named], '0.0.0', { withMachine: true, db: [] });
    assert.deepEqual(report, computed.report);
    assert.deepEqual(bytes, computed.bytes);
  });

  test('a name or tag that would end an element is text', async () => {
    const html = await pageOf(HOSTILE);
    assert.equal(html.match(/<script/g)?.length, 4, 'header, columns, licences, and the page’s own');
    assert.equal(html.match(/<\/script/g)?.length, 4);
    assert.ok(!html.includes('<!--'));
    const { report } = await readReport(elementIn(html, HEADER_ELEMENT), elementIn(html, COLUMNS_ELEMENT));
    assert.equal(report.sweeps[0].name, HOSTILE);
    assert.deepEqual(report.sweeps[0].rows.tags, { 0: [HOSTILE] });
    assert.match(html, /<title>&#60;\/script&#62;.+: sweep report<\/title>/);
  });

  test('without scripts it says the headline', async () => {
    assert.match(
      await pageOf('plain'),
      /<noscript>plain: \w+ of 1 configuration pass(es)? all eight gates.*\. The best by tune/,
    );
  });
});
