import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { contentHash } from '../../src/dataset/content-hash.ts';
import { frameOf, KEEP_ALL } from '../support/frame-of.ts';
import type { PlainFeatureRow, PlainRun } from '../support/plain-run.ts';
import { forEachSeed, type Random } from '../support/random.ts';
import { randomRun } from '../support/random-run.ts';

const SELECTION = { agesMinutes: [1, 2, 3], ...KEEP_ALL };

function hashOf(run: PlainRun): string {
  return contentHash(frameOf(run, SELECTION).frame);
}

/** Random runs whose frame has rows, and a feature row of one of them. */
function forEachFrame(count: number, check: (run: PlainRun, used: number, random: Random) => void): void {
  forEachSeed(count, (random) => {
    const run = randomRun(random);
    const { frame } = frameOf(run, SELECTION);
    check(run, frame.rows.featureRow[frame.order[random.integer(0, frame.rowCount - 1)]!]!, random);
  });
}

function withFeature(run: PlainRun, at: number, change: Partial<PlainFeatureRow>): PlainRun {
  return { ...run, features: run.features.map((row, i) => (i === at ? { ...row, ...change } : row)) };
}

describe('the hash of a state frame’s content', () => {
  test('is the same for the same rows, whatever stands in the run besides them', () => {
    forEachFrame(30, (run) => {
      const hash = hashOf(run);
      assert.match(hash, /^[0-9a-f]{64}$/);
      assert.equal(hashOf(structuredClone(run)), hash);
      const stranger = { ...run.features[0]!, sampleId: 'never referred to', symbol: 'ZZZ', openTimeMs: 0 };
      // Another order of distinct texts, rows that no entry reaches, bars of another symbol.
      assert.equal(hashOf({ ...run, features: [stranger, ...run.features] }), hash);
      const bar = { symbol: 'ZZZ', openTimeMs: 0, high: 2, low: 1, close: 1.5 };
      assert.equal(hashOf({ ...run, bars: [bar, ...run.bars] }), hash);
    });
  });

  test('changes with any one value of a row', () => {
    forEachFrame(30, (run, used, random) => {
      const row = run.features[used]!;
      const j = random.integer(0, run.featureOrder.length - 1);
      const next = row.values.map((value, k) => (k === j ? Math.fround(value! * (1 + 2 ** -23)) : value));
      const changed = {
        feature: withFeature(run, used, { values: next }),
        fold: withFeature(run, used, { fold: (row.fold ?? 0) + 1 }),
        'missing fold': withFeature(run, used, { fold: row.fold === null ? -1 : null }),
        time: withFeature(run, used, { eventTimeNs: (row.eventTimeNs ?? 0n) + 1n }),
        'missing time': withFeature(run, used, { eventTimeNs: row.eventTimeNs === null ? 0n : null }),
        split: withFeature(run, used, { split: row.split === 'tune' ? 'fit_inner' : 'tune' }),
        cost: { ...run, pricePlan: { ...run.pricePlan, costBps: run.pricePlan.costBps + 0.01 } },
      };
      const hashes = Object.entries(changed).map(([what, other]) => [what, hashOf(other)] as const);
      const hash = hashOf(run);
      for (const [what, other] of hashes) assert.notEqual(other, hash, what);
      assert.equal(new Set(hashes.map(([, other]) => other)).size, hashes.length, 'no two changes are alike');
    });
  });

  test('changes with a name: of a feature, a symbol, a sample', () => {
    forEachFrame(10, (run, used) => {
      const hash = hashOf(run);
      const renamed = run.featureOrder.map((name) => (name === 'extra_a' ? 'extra_c' : name));
      assert.notEqual(hashOf({ ...run, featureOrder: renamed }), hash);
      const other = (symbol: string | null) => (symbol === run.features[used]!.symbol ? 'XXX' : symbol);
      assert.notEqual(
        hashOf({
          ...run,
          features: run.features.map((row) => ({ ...row, symbol: other(row.symbol) })),
          entries: run.entries.map((entry) => ({ ...entry, symbol: other(entry.symbol) })),
          bars: run.bars.map((bar) => ({ ...bar, symbol: other(bar.symbol) })),
        }),
        hash,
      );
      const id = run.features[used]!.sampleId;
      const longer = (sample: string | null) => (sample === id ? `${id}x` : sample);
      assert.notEqual(
        hashOf({
          ...run,
          features: run.features.map((row) => ({ ...row, sampleId: longer(row.sampleId) })),
          entries: run.entries.map((entry) => ({ ...entry, sampleId: longer(entry.sampleId) })),
        }),
        hash,
      );
    });
  });

  test('changes with the order of the rows, and with their number', () => {
    forEachFrame(20, (run) => {
      const hash = hashOf(run);
      const { frame } = frameOf(run, SELECTION);
      const reversed = hashOf({ ...run, entries: run.entries.toReversed() });
      const rowsOf = (order: Int32Array) =>
        [...order].map((row) => `${frame.rows.featureRow[row]} ${frame.rows.side[row]}`).join();
      if (rowsOf(frame.order) !== rowsOf(frame.order.toReversed())) assert.notEqual(reversed, hash);
      const capped = contentHash(frameOf(run, { ...SELECTION, maxRowsPerSplit: 1 }).frame);
      if (frame.rowCount > 4) assert.notEqual(capped, hash);
    });
  });

  test('tells texts apart that only differ in where one ends and the next begins', () => {
    forEachFrame(1, (run, used) => {
      const twins = (first: string, second: string): PlainRun => {
        const row = { ...run.features[used]!, values: run.featureOrder.map(() => 1), split: 'tune' as const };
        const openTimeMs = 1_700_000_000_000;
        const bars = [0, 1, 2, 3, 4, 5, 6].map((minute) => {
          const price = { high: 101, low: 99, close: 100 };
          return { symbol: 'AAA', openTimeMs: openTimeMs + minute * 60_000, ...price };
        });
        const features = [first, second].map((sampleId, i) => {
          return { ...row, sampleId, symbol: 'AAA', openTimeMs: openTimeMs + (i + 1) * 60_000 };
        });
        const entries = [first, second].map((sampleId, i) => {
          return { sampleId, symbol: 'AAA', side: 'LONG' as const, openTimeMs: openTimeMs + i * 60_000 };
        });
        return { ...run, bars, features, entries, continueLabel: { horizonMinutes: 2, minExpectedContinueEdgeBps: 0 } };
      };
      const hash = (first: string, second: string) =>
        contentHash(frameOf(twins(first, second), { agesMinutes: [1], ...KEEP_ALL }).frame);
      assert.notEqual(hash('ab', 'c'), hash('a', 'bc'));
      assert.equal(hash('ab', 'c'), hash('ab', 'c'));
      assert.notEqual(hash('é', 'c'), hash('e', 'c'));
    });
  });
});
