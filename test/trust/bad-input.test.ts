import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { trustText } from '../../src/report/trust-text.ts';
import { LOCKED_SPLITS, type SweepLosses, TRUST_SIDES } from '../../src/trust/losses.ts';
import { parseLosses } from '../../src/trust/losses-file.ts';
import { type TrustStatement, trustOfSweep } from '../../src/trust/trust-of-sweep.ts';
import { quickstartJson } from './goldens.ts';

const LIMITS = { aucMin: 0.6, maeRatioMax: 0.97 };
const SCREEN = { width: 120, color: false };

type Split = {
  days: number[];
  rows: number[];
  pos: number[];
  constAbs: number[];
  constSq: number[];
  sets: Record<string, { sq: number[]; pair2: number[][] }>;
};
type Dataset = {
  id: number;
  run?: string;
  maxRowsPerSplit?: number;
  sides: Record<string, { splits: Record<string, Split> }>;
};
type Json = {
  datasets: Dataset[];
  configurations: { dataset: number; passed: boolean; absErrorSums: Record<string, (number | null)[]> }[];
  bars: Record<string, Record<string, number>>;
};

/** Sixty configurations of the quickstart on two datasets, as JSON, with something changed. */
function changed(change: (json: Json) => void): SweepLosses {
  const json = quickstartJson() as unknown as Json;
  json.datasets = json.datasets.filter(({ id }) => id === 4 || id === 1);
  const on = (id: number) => json.configurations.filter(({ dataset }) => dataset === id);
  json.configurations = [...on(4).slice(0, 40), ...on(1).slice(0, 20)];
  change(json);
  return parseLosses(json, 'l.json');
}

/** Days of a split that are left out everywhere. */
function keepDays(
  json: Json,
  split: string,
  keep: (day: number) => boolean,
  sides: readonly string[] = TRUST_SIDES,
): void {
  const kept = new Map<string, number[]>();
  for (const { id, sides: all } of json.datasets) {
    for (const side of sides) {
      const days = all[side]!.splits[split]!;
      const numbers = days.days.flatMap((_, i) => (keep(i) ? i : []));
      kept.set(`${id} ${side}`, numbers);
      const pick = <T>(values: readonly T[]): T[] => numbers.map((i) => values[i]!);
      for (const set of Object.values(days.sets))
        Object.assign(set, { sq: pick(set.sq), pair2: pick(set.pair2).map(pick) });
      const { rows, pos, constAbs, constSq } = days;
      Object.assign(days, {
        days: pick(days.days),
        rows: pick(rows),
        pos: pick(pos),
        constAbs: pick(constAbs),
        constSq: pick(constSq),
      });
    }
  }
  for (const { dataset, absErrorSums } of json.configurations) {
    for (const [key, sums] of Object.entries(absErrorSums)) {
      const numbers = kept.get(`${dataset} ${key.split('_')[0]}`);
      if (key.endsWith(`|${split}`) && numbers !== undefined) absErrorSums[key] = numbers.map((i) => sums[i]!);
    }
  }
}

function statedOf(losses: SweepLosses): TrustStatement {
  const trust = trustOfSweep(losses, LIMITS);
  assert.ok(!('refused' in trust));
  return trust;
}

function screenOf(losses: SweepLosses): string {
  const text = trustText('bad', trustOfSweep(losses, LIMITS), SCREEN, false);
  assert.doesNotMatch(text, /NaN|Infinity|undefined|null/);
  return text;
}

describe('days that say too little', () => {
  for (const [n, blocks] of [
    [1, '1 block'],
    [5, '5 blocks'],
  ] as const) {
    test(`${n} of a locked split: nothing is said of how surely its gates are passed, and what is said says so`, () => {
      const losses = changed((json) => keepDays(json, 'latest_stress', (day) => day >= 1 && day <= n));
      const { notes, locked, rows } = statedOf(losses);
      assert.deepEqual(notes, [
        `too few days: latest_stress has ${blocks} of days, 6 are needed to say how surely its gates are passed or missed`,
      ]);
      for (const side of TRUST_SIDES) {
        const { se, resolution, luck95, nEff } = locked[`${side} latest_stress`]!;
        assert.deepEqual([se, resolution, luck95, nEff], [NaN, NaN, NaN, NaN]);
        assert.ok(locked[`${side} validation_locked`]!.se > 0);
      }
      for (const { gates, chance, bounds, decided, weakest } of rows) {
        assert.deepEqual([chance, bounds, decided, weakest], [null, null, false, null]);
        for (const [name, { flip, why, list }] of Object.entries(gates)) {
          const isTold = !name.includes('latest_stress');
          assert.deepEqual([flip !== null, list.flip !== null], [isTold, isTold]);
          assert.equal(why, isTold ? undefined : `latest_stress has ${blocks} of days, 6 are needed`);
        }
      }
      const text = screenOf(losses);
      assert.match(text, new RegExp(`latest_stress: ${n} days? in ${blocks}`));
      assert.match(text, /\nchance of PASS: cannot be told\n/);
      assert.match(text, /what would settle it\? +on validation_locked a measured margin/);
    });
  }

  test('of both locked splits: nothing settles it', () => {
    const text = screenOf(
      changed((json) => {
        for (const split of LOCKED_SPLITS) keepDays(json, split, (day) => day < 3);
      }),
    );
    assert.match(text, /what would settle it\? +too few days on both locked splits/);
  });

  test('one of tune: all is refused, in one line', () => {
    const losses = changed((json) => keepDays(json, 'tune', (day) => day === 2));
    assert.equal(screenOf(losses), 'bad  60 configurations\ntune has 1 block of days, 6 are needed\n');
  });

  for (const split of ['tune', 'validation_locked', 'latest_stress']) {
    test(`none of ${split}: nobody is judged, and the reason is named`, () => {
      const losses = changed((json) => keepDays(json, split, () => false));
      const trust = trustOfSweep(losses, LIMITS);
      assert.ok('refused' in trust);
      assert.equal(
        trust.refused,
        split === 'tune' ? 'tune has 0 blocks of days, 6 are needed' : 'no configuration was judged',
      );
      assert.deepEqual(trust.notJudgedWhy, { [`no rows of long on ${split}`]: 60 });
      assert.match(screenOf(losses), new RegExp(`\\(60: no rows of long on ${split}\\)`));
    });
  }

  test('none on one side of a split', () => {
    const trust = trustOfSweep(
      changed((json) => keepDays(json, 'latest_stress', () => false, ['short'])),
      LIMITS,
    );
    assert.deepEqual(trust.notJudgedWhy, { 'no rows of short on latest_stress': 60 });
  });
});

describe('labels of one class', () => {
  const withPositives = (only: (day: number) => boolean) =>
    changed((json) => {
      for (const { sides } of json.datasets) {
        const { pos, sets } = sides.long!.splits.latest_stress!;
        pos.forEach((_, day) => {
          if (only(day)) return;
          pos[day] = 0;
          for (const { pair2 } of Object.values(sets)) pair2[day]!.fill(0);
        });
      }
    });

  for (const [what, only, why] of [
    ['everywhere', () => false, 'all rows of latest_stress are of one class'],
    [
      'without one block',
      (day: number) => day === 1,
      'without one of its blocks of days all rows of latest_stress are of one class',
    ],
  ] as const) {
    test(`${what}: its AUC gate has no noise and says why; the others have theirs`, () => {
      const losses = withPositives(only);
      const [row] = statedOf(losses).rows;
      const { 'long latest_stress auc': auc, ...others } = row!.gates;
      assert.deepEqual([auc!.passed, auc!.flip, auc!.say, auc!.why], [null, null, 'null', why]);
      assert.ok(Object.values(others).every((gate) => gate.flip !== null && gate.why === undefined));
      assert.match(screenOf(losses), new RegExp(`\n–: ${why}\n`));
    });
  }
});

describe('ties', () => {
  test('of every configuration with the constant: nothing beats it, and margins without noise are called identical', () => {
    const losses = changed(({ datasets, configurations }) => {
      for (const { dataset, absErrorSums } of configurations) {
        for (const key of Object.keys(absErrorSums)) {
          const [model, split] = key.split('|');
          const { sides } = datasets.find(({ id }) => id === dataset)!;
          absErrorSums[key] = [...sides[model!.split('_')[0]!]!.splits[split!]!.constAbs];
        }
      }
    });
    const { distinct, nothingToChoose, beatConstant, beatMarketOnly, pConstant, plateau } = statedOf(losses);
    assert.deepEqual([distinct, nothingToChoose, plateau], [1, true, null]);
    assert.deepEqual([beatConstant, beatMarketOnly, pConstant], [0, 0, 1]);
    const text = screenOf(losses);
    assert.match(text, /long validation_locked mae +limit \*? +-0\.0300 identical/);
    assert.match(text, /does it work at all\? +no sign of it/);
  });

  test('of all probabilities: an AUC of one half, surely below its limit', () => {
    const losses = changed(({ datasets }) => {
      for (const { sides } of datasets) {
        for (const side of TRUST_SIDES) {
          for (const { pos, rows, sets } of Object.values(sides[side]!.splits)) {
            for (const set of Object.values(sets)) {
              set.pair2 = pos.map((positives) => rows.map((count, e) => positives * (count - pos[e]!)));
            }
          }
        }
      }
    });
    for (const { gates } of statedOf(losses).rows) {
      const { margin, say, why } = gates['long latest_stress auc']!;
      assert.ok(Math.abs(margin + 0.1) < 1e-12);
      assert.deepEqual([say, why], ['clear', undefined]);
    }
    screenOf(losses);
  });
});

describe('configurations that take no part', () => {
  test('are named with the reasons, each counted', () => {
    const losses = changed(({ configurations }) => {
      configurations[3]!.absErrorSums = {};
      configurations[4]!.absErrorSums = {};
      configurations[5]!.absErrorSums['long_market_only|tune']![2] = null;
    });
    const { notJudged, notJudgedWhy, configurations } = statedOf(losses);
    assert.deepEqual([configurations, notJudged.length], [60, 3]);
    assert.deepEqual(notJudgedWhy, {
      'no losses: it could not be judged': 2,
      'a loss of long on tune that is missing or not finite': 1,
    });
    assert.match(
      screenOf(losses),
      /\n {2}not judged: \w{7} \w{7} \w{7} \(2: no losses: it could not be judged; 1: a loss/,
    );
  });

  test('all of them: refused', () => {
    const none = changed(({ configurations }) => {
      for (const configuration of configurations) configuration.absErrorSums = {};
    });
    assert.match(screenOf(none), /^bad {2}60 configurations\nno configuration was judged\n {2}not judged: /);
    const zero = changed(({ datasets }) => {
      for (const { sides } of datasets) sides.short!.splits.tune!.constAbs.fill(0);
    });
    assert.match(screenOf(zero), /\(60: the constant loses nothing of short on\s+tune\)/);
  });
});

describe('days that are not what they seem', () => {
  test('a capped split is said never to be looked at in full, its first day in part', () => {
    const losses = changed((json) => {
      keepDays(json, 'tune', (day) => day >= 3);
      for (const dataset of json.datasets) {
        const rows = TRUST_SIDES.flatMap((side) => dataset.sides[side]!.splits.tune!.rows);
        dataset.maxRowsPerSplit = rows.reduce((sum, count) => sum + count, 0);
      }
    });
    const caps = losses.datasets.map(({ maxRowsPerSplit }) => maxRowsPerSplit);
    const { notes } = statedOf(losses);
    for (const cap of caps) {
      const note = `cap ${cap}: tune is never looked at in full: 7 of 10 days, the first of them in part, and it counts as a whole one`;
      assert.ok(notes.includes(note), notes.join('\n'));
    }
    assert.match(screenOf(losses), /tune is never looked at in full/);
    // A cap that is larger than the split hides nothing.
    const roomy = changed((json) => {
      for (const dataset of json.datasets) dataset.maxRowsPerSplit = 1e6;
    });
    assert.deepEqual(statedOf(roomy).notes, []);
  });

  test('splits that share more than the day on which they meet', () => {
    const losses = changed(({ bars }) => {
      bars.validation_locked = { ...bars.tune, ...bars.validation_locked };
    });
    assert.deepEqual(statedOf(losses).notes, [
      'tune and validation_locked share 10 days: one is no fresh look at what the other was used for',
    ]);
    assert.deepEqual(statedOf(changed(() => {})).notes, []);
  });

  test('datasets of several baseline runs are refused by name', () => {
    assert.throws(
      () =>
        changed(({ datasets }) => {
          datasets[0]!.run = 'other';
        }),
      /^UserError: l\.json: its datasets are of 2 baseline runs \(other, quickstart\): blocks of days are of one\./,
    );
  });
});
