import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newToken, type Refusal, routeOf } from '../../src/serve/access.ts';

const TOKEN = newToken();
const HOST = '127.0.0.1:4000';
const ask = (url: string, more: { method?: string; host?: string } = {}) =>
  routeOf({ method: 'GET', host: HOST, url, ...more }, TOKEN, 4000);
const statusOf = (answer: ReturnType<typeof ask>) => (typeof answer === 'string' ? 200 : answer.status);

test('with the token each part of the page is found, and nothing else', () => {
  assert.equal(ask(`/${TOKEN}/`), 'page');
  assert.equal(ask(`/${TOKEN}/live.js`), 'script');
  assert.equal(ask(`/${TOKEN}/live.css`), 'style');
  assert.equal(ask(`/${TOKEN}/events`), 'events');
  assert.equal(ask(`/${TOKEN}/report?version=3`), 'report');
  assert.equal(ask(`/${TOKEN}/report.html`), 'file');
  for (const name of ['x', 'constructor', '__proto__', '../', 'events/', 'live.js/..', 'Events']) {
    assert.equal(statusOf(ask(`/${TOKEN}/${name}`)), 404, name);
  }
});

test('without the whole token nothing is there, and the answer is the same whatever is wrong', () => {
  const refused = [
    '/',
    '',
    '/favicon.ico',
    `/${TOKEN}`,
    `//${TOKEN}/`,
    `/${TOKEN.slice(1)}/`,
    `/${TOKEN}x/`,
    `/${TOKEN.toLowerCase()}X/`,
    `/x/${TOKEN}/`,
    `/${'é'.repeat(32)}/`,
    `/${newToken()}/events`,
  ].map((url) => ask(url));
  for (const answer of refused) assert.deepEqual(answer, { status: 404, text: 'not found' } satisfies Refusal);
});

test('a token is 24 random bytes, each time others', () => {
  assert.match(TOKEN, /^[A-Za-z0-9_-]{32}$/);
  assert.equal(Buffer.from(TOKEN, 'base64url').length, 24);
  assert.equal(new Set(Array.from({ length: 100 }, newToken)).size, 100);
});

test('a request for another host or port is misdirected, token or not: 421', () => {
  for (const host of ['localhost:4000', '127.0.0.1:4000']) assert.equal(ask(`/${TOKEN}/`, { host }), 'page');
  for (const host of [
    '',
    'evil.example',
    'evil.example:4000',
    '127.0.0.1',
    '127.0.0.1:80',
    'localhost:4000.evil.example',
    '[::1]:4000',
  ]) {
    assert.equal(statusOf(ask(`/${TOKEN}/`, { host })), 421, host);
  }
  assert.equal(statusOf(routeOf({ method: 'GET', url: `/${TOKEN}/`, host: undefined }, TOKEN, 4000)), 421);
});

test('anything but GET is refused: 405', () => {
  for (const method of ['POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'get']) {
    assert.equal(statusOf(ask(`/${TOKEN}/`, { method })), 405, method);
  }
});
