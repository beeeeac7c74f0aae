import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import type { LiveProgress, LiveRow } from '../../src/page-data/live.ts';
import { EventStream, type Told } from '../../src/serve/event-stream.ts';

/** What a stream needs of a response, and a client that takes nothing while it is `stuck`. */
function fakeResponse() {
  const client = { text: '', unsent: 0, isStuck: false };
  const response = {
    get writableLength() {
      return client.unsent;
    },
    write(text: string) {
      client.text += text;
      if (client.isStuck) client.unsent += text.length;
      return true;
    },
  };
  return { client, response: response as unknown as ServerResponse };
}

/** As a feed that has read so many rows. */
function feedOf(count: number): Told {
  const rows = Array.from(
    { length: count },
    (_, i): LiveRow => ({
      place: 1 + 2 * i,
      configuration: i.toString(16).padStart(24, '0'),
      text: 'ages 30, ridge, alpha 1',
      verdict: 'not ready',
      gates: 3,
      margin: -0.01,
      tune: 0.95,
    }),
  );
  return { rows, epoch: '0123456789ab', version: 1, progress: () => ({}) as LiveProgress };
}

const rowsIn = (text: string): number =>
  [...text.matchAll(/^event: rows\nid: .+\ndata: (.+)$/gm)].reduce(
    (sum, [, data]) => sum + JSON.parse(data!).length,
    0,
  );

test('at most 2,000 rows are told at once; the rest follows', () => {
  const feed = feedOf(2600);
  const { client, response } = fakeResponse();
  const stream = new EventStream(response, feed, undefined, 0);
  stream.flush(feed, null, 0);
  assert.equal(rowsIn(client.text), 2000);
  stream.flush(feed, null, 0);
  assert.equal(rowsIn(client.text), 2600);
  const told = client.text.length;
  stream.flush(feed, null, 0);
  assert.equal(client.text.length, told, 'nothing is told twice');
});

test('a client that takes nothing is told no more than it can hold, and catches up by its place', () => {
  const feed = feedOf(5000);
  const { client, response } = fakeResponse();
  const stream = new EventStream(response, feed, undefined, 0);
  client.isStuck = true;
  for (let i = 0; i < 50; i += 1) stream.flush(feed, null, i * 500);
  assert.equal(rowsIn(client.text), 2000, 'one event is in its way, and no other was added');
  client.isStuck = false;
  client.unsent = 0;
  for (let i = 0; i < 3; i += 1) stream.flush(feed, null, 30_000);
  assert.equal(rowsIn(client.text), 5000);
});

test('a stream on which nothing happens says every 15 s that it is there', () => {
  const feed = feedOf(5);
  const { client, response } = fakeResponse();
  const stream = new EventStream(response, feed, undefined, 0);
  stream.flush(feed, null, 0);
  const beats = () => client.text.match(/^: still here$/gm)?.length ?? 0;
  for (const [ms, count] of [
    [14_999, 0],
    [15_000, 1],
    [20_000, 1],
    [30_000, 2],
  ] as const) {
    stream.flush(feed, null, ms);
    assert.equal(beats(), count, `${ms} ms`);
  }
});

test('who has rows of another epoch is told to forget them, who has none is not', () => {
  const feed = feedOf(5);
  for (const [lastEventId, restarts, rows] of [
    [undefined, 0, 5],
    ['0123456789ab.5', 0, 2],
    ['0123456789ab.9', 0, 0],
    ['ffffffffffff.5', 1, 5],
    ['what is this', 1, 5],
  ] as const) {
    const { client, response } = fakeResponse();
    new EventStream(response, feed, lastEventId, 0).flush(feed, null, 0);
    assert.equal(client.text.match(/^event: restart$/gm)?.length ?? 0, restarts, lastEventId);
    assert.equal(rowsIn(client.text), rows, lastEventId);
  }
});
