import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type DailySums, dailySums, type SweepLosses, sumsOf } from '../../src/trust/losses.ts';
import { type TrustStatement, trustOfSweep } from '../../src/trust/trust-of-sweep.ts';
import { assertClose, goldens, quickstartLosses } from './goldens.ts';

const LIMITS = { aucMin: 0.6, maeRatioMax: 0.97 };
const losses = quickstartLosses();

function stated(input: SweepLosses): TrustStatement {
  const trust = trustOfSweep(input, LIMITS);
  assert.ok(!('refused' in trust));
  return trust;
}

function withSums(sums: DailySums, changed: string, to: readonly (number | null)[] | undefined): DailySums {
  const copy = new Map<string, ArrayLike<number | null>>(
    Array.from(sums.places.keys(), (key) => [key, sumsOf(sums, key)!]),
  );
  if (to === undefined) copy.delete(changed);
  else copy.set(changed, to);
  return dailySums(copy);
}

/** The same losses with one configuration's sums changed. */
function changed(at: number, key: string, sums: readonly (number | null)[] | undefined): SweepLosses {
  const configurations = losses.configurations.map((configuration, i) =>
    i === at ? { ...configuration, absErrorSums: withSums(configuration.absErrorSums, key, sums) } : configuration,
  );
  return { ...losses, configurations };
}

/** Days of a split from `first` on, on both sides and in all sums. */
function cutDays(input: SweepLosses, split: 'tune' | 'validation_locked', keep: number): SweepLosses {
  const datasets = input.datasets.map((dataset) => {
    const cut = (side: 'long' | 'short') => {
      const days = dataset.sides[side].splits[split];
      const first = <T>(values: readonly T[]) => values.slice(0, keep);
      const setOf = (set: 'market_only' | 'market_plus_state') => ({
        sq: first(days.sets[set].sq),
        pair2: first(days.sets[set].pair2!).map(first),
      });
      const kept = {
        days: first(days.days),
        rows: first(days.rows),
        pos: first(days.pos),
        constAbs: first(days.constAbs),
        constSq: first(days.constSq),
        sets: { market_only: setOf('market_only'), market_plus_state: setOf('market_plus_state') },
      };
      return { ...dataset.sides[side], splits: { ...dataset.sides[side].splits, [split]: kept } };
    };
    return { ...dataset, sides: { long: cut('long'), short: cut('short') } };
  });
  const configurations = input.configurations.map((configuration) => ({
    ...configuration,
    absErrorSums: dailySums(
      Array.from(configuration.absErrorSums.places.keys(), (key) => {
        const sums = sumsOf(configuration.absErrorSums, key)!;
        return [key, key.endsWith(`|${split}`) ? sums.slice(0, keep) : sums];
      }),
    ),
  }));
  return { ...input, datasets, configurations };
}

describe('what may be believed of a whole sweep', () => {
  test('the quickstart, every number of it', () => {
    assertClose(stated(losses), { ...goldens.quickstart, input: undefined });
  });

  test('a gate has two conditions, and the one that speaks for it is one of them, by own flips and by those of the list', () => {
    for (const { gates } of stated(losses).rows) {
      for (const gate of Object.values(gates)) {
        const { conditions, list, of, margin, se, flip, say } = gate;
        assert.deepEqual(
          conditions.map(({ against }) => against),
          ['limit', 'market_only'],
        );
        const own = conditions.find(({ against }) => against === of)!;
        assert.deepEqual([own.margin, own.se, own.flip, own.say], [margin, se, flip, say]);
        const inList = conditions.find(({ against }) => against === list.of)!;
        assert.deepEqual([inList.margin, inList.list], [list.margin, { flip: list.flip, say: list.say }]);
        assert.equal(
          gate.passed,
          conditions.every((condition) => condition.margin > 0),
        );
      }
    }
  });

  test('the same whatever the order in which configurations stand, but for numbers of rows', () => {
    const turned = stated({ ...losses, configurations: losses.configurations.toReversed() });
    const { pMarketOnly, beatMarketOnly, distinct, looks } = stated(losses);
    assertClose(turned, { pMarketOnly, beatMarketOnly, distinct, looks });
  });

  test('a configuration without a finite sum is listed and leaves every joint statement', () => {
    const key = 'short_market_plus_state|latest_stress';
    const sums = Array.from(sumsOf(losses.configurations[7]!.absErrorSums, key)!, (sum, day) =>
      day === 2 ? Number.NaN : sum,
    );
    const { notJudged, pMarketOnly, distinct, pGain } = goldens.degenerate.notJudged;
    for (const broken of [sums, undefined, sums.map((sum) => (Number.isNaN(sum) ? null : sum))]) {
      const trust = stated(changed(7, key, broken));
      assert.equal(trust.configurations, 300);
      assertClose(trust, { notJudged, pMarketOnly, distinct, overfit: { pGain } });
    }
  });

  test('one configuration three times: nothing to choose, and its own flips', () => {
    const one = losses.configurations[0]!;
    const trust = stated({ ...losses, configurations: [one, one, one] });
    const { jointT, pConstant } = goldens.degenerate.oneDistinct;
    assertClose(trust, {
      nothingToChoose: true,
      plateau: null,
      plateau0: null,
      overfit: null,
      pConstant,
      jointGain: { critical: null, t: jointT },
    });
    for (const { list, conditions, ...own } of Object.values(trust.rows[0]!.gates)) {
      assert.deepEqual(own, list);
      for (const { flip, say, list: inList } of conditions) assert.deepEqual({ flip, say }, inList);
    }
  });

  test('five days of tune: refused in one line, with what is needed', () => {
    const trust = trustOfSweep(cutDays(losses, 'tune', 5), LIMITS);
    assert.ok('refused' in trust);
    assert.equal(trust.refused, 'tune has 5 blocks of days, 6 are needed');
  });

  test('seven days of tune: intervals, but neither a plateau nor a word on the choice', () => {
    const trust = stated(cutDays(losses, 'tune', 7));
    assert.equal(trust.overfit, null);
    assert.equal(trust.plateau!.critical, null);
    assert.equal(trust.plateau!.n, 300);
    assert.ok(trust.rows[0]!.half > 0);
  });

  test('no configuration at all', () => {
    const trust = trustOfSweep({ ...losses, configurations: [] }, LIMITS);
    assert.ok('refused' in trust && trust.refused === 'no configuration was judged');
  });
});
