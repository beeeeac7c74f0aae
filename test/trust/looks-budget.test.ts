import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sha256Json } from '../../src/canonical-json.ts';
import { lockedStatements } from '../../src/trust/locked-statements.ts';
import { type Evaluation, joinBooks, type Look, type LooksBook } from '../../src/trust/looks-book.ts';
import { distinctLooks, lookCounts, splitBudget } from '../../src/trust/looks-budget.ts';
import { ledgerText, parseLedger } from '../../src/trust/looks-ledger.ts';
import { SweepBlocks } from '../../src/trust/sweep-blocks.ts';
import { userError } from '../support/user-error.ts';
import { quickstartLosses } from './goldens.ts';

const LABEL = { horizonMinutes: 15, minExpectedContinueEdgeBps: 5, stopBps: 40, targetBps: 60, costBps: 8 };

function evaluation(days: readonly number[], label = LABEL, barGaps = 'keep', symbol = 'BTCUSDT'): Evaluation {
  const facts = { days: { [symbol]: days }, label, barGaps };
  return { key: sha256Json(facts), ...facts };
}

/** Looks that nothing but their sums tells apart. */
function looksAt({ key }: Evaluation, values: readonly number[], sweep = 'one'): Look[] {
  return values.map((value) => {
    return { key, configuration: `c${value}`, sweep, run: 'r', sums: [value, 2 * value], scores: null };
  });
}

function bookOf(...entries: readonly (readonly [Evaluation, readonly Look[]])[]): LooksBook {
  return { evaluations: new Map(entries.map(([of]) => [of.key, of])), looks: entries.flatMap(([, looks]) => looks) };
}

function budgetOf(book: LooksBook, { key }: Evaluation) {
  const { looks, anyLabel } = lookCounts(book, distinctLooks(book), key);
  return [looks, anyLabel];
}

describe('a budget of looks', () => {
  const [early, late] = [evaluation([1, 2, 3]), evaluation([3, 4, 5])];

  test('counts what agrees to 1e-6 once, over stores in the order in which they were named', () => {
    const one = bookOf([early, looksAt(early, [100, 101, 100 * (1 + 9e-7)])]);
    const other = bookOf([early, looksAt(early, [101, 102, 100.001], 'two')]);
    assert.deepEqual(budgetOf(one, early), [2, 2]);
    const joined = joinBooks([one, other]);
    assert.deepEqual(budgetOf(joined, early), [4, 4]);
    assert.deepEqual(
      distinctLooks(joined)
        .get(early.key)
        ?.map(({ configuration, sweep }) => `${configuration} ${sweep}`),
      ['c100 one', 'c101 one', 'c102 two', 'c100.001 two'],
    );
  });

  test('is shared by splits that overlap: the count of the day that was looked at most', () => {
    const between = evaluation([2, 3, 4]);
    const book = bookOf(
      [early, looksAt(early, [1, 2, 3])],
      [late, looksAt(late, [1, 2])],
      [between, looksAt(between, [1])],
    );
    // Day 3 is in all three.
    assert.deepEqual(budgetOf(book, early), [6, 6]);
    assert.deepEqual(budgetOf(book, late), [6, 6]);
    const alone = bookOf([early, looksAt(early, [1, 2, 3])], [late, looksAt(late, [1, 2])]);
    assert.deepEqual(budgetOf(alone, evaluation([1, 2, 3])), [5, 5]);
    // The same days of another symbol are other days.
    const ether = evaluation([1, 2, 3], LABEL, 'keep', 'ETHUSDT');
    assert.deepEqual(budgetOf(bookOf([early, looksAt(early, [1])], [ether, looksAt(ether, [1, 2])]), early), [1, 1]);
  });

  test('begins anew under another label or gap policy, and both are told beside it', () => {
    const [horizon, gaps] = [evaluation([1, 2, 3], { ...LABEL, horizonMinutes: 30 }), evaluation([3], LABEL, 'drop')];
    const book = bookOf(
      [early, looksAt(early, [1, 2])],
      [horizon, looksAt(horizon, [1, 2, 3])],
      [gaps, looksAt(gaps, [4])],
    );
    assert.deepEqual(budgetOf(book, early), [2, 6]);
    assert.deepEqual(budgetOf(book, gaps), [1, 6]);
  });

  test('of data of which nobody knows what they are of counts those data alone', () => {
    const looks = looksAt({ ...early, key: 'latest_stress of data abc' }, [1, 2]);
    const { key, looks: count } = splitBudget(
      { evaluations: new Map(), looks },
      distinctLooks({ evaluations: new Map(), looks }),
      looks[0]!.key,
      10,
    );
    assert.deepEqual([key, count], [null, 2]);
  });
});

describe("the quickstart's looks", () => {
  const losses = quickstartLosses();
  const sweep = new SweepBlocks(losses);
  const of = evaluation([1]);
  const q = sweep.q('latest_stress');
  const tables = {
    long: {
      market_only: sweep.maeScores('long', 'market_only', 'latest_stress'),
      market_plus_state: sweep.maeScores('long', 'market_plus_state', 'latest_stress'),
    },
    short: {
      market_only: sweep.maeScores('short', 'market_only', 'latest_stress'),
      market_plus_state: sweep.maeScores('short', 'market_plus_state', 'latest_stress'),
    },
  };
  const shown = sweep.looks('latest_stress');
  const looks = sweep.judged.map((configuration, k): Look => {
    const rowOf = ({ values }: { values: Float64Array }) => values.subarray(k * q, (k + 1) * q);
    return {
      key: of.key,
      configuration: configuration.id,
      sweep: 'quickstart',
      run: 'r',
      sums: shown[k]!.ranges.flatMap(({ first, count }) => Array.from(shown[k]!.values).slice(first, first + count)),
      scores: {
        long: { market_only: rowOf(tables.long.market_only), market_plus_state: rowOf(tables.long.market_plus_state) },
        short: {
          market_only: rowOf(tables.short.market_only),
          market_plus_state: rowOf(tables.short.market_plus_state),
        },
      },
    };
  });
  const book = bookOf([of, looks]);
  const budget = splitBudget(book, distinctLooks(book), of.key, q);

  test('are 209, and their luck is that of the sweep', () => {
    assert.deepEqual([budget.looks, budget.sameKey], [209, 209]);
    const locked = lockedStatements(sweep);
    for (const side of ['long', 'short'] as const) {
      const statement = locked[`${side} latest_stress`]!;
      // Looks that are the same to 1e-6 are one here and several there.
      assert.ok(Math.abs(budget.luck![side].luck95 - statement.luck95) < 1e-6);
      assert.ok(Math.abs(budget.luck![side].luck95MarketOnly - statement.luck95MarketOnly) < 1e-6);
      assert.ok(Math.abs(budget.luck![side].nEff - statement.nEff) < 1e-3);
    }
  });

  test('are told Ladder-style: a best moves only beyond the noise of its difference', () => {
    const { told, moves, lowest, configuration } = budget.ladder!;
    assert.ok(lowest <= told && moves >= 1 && moves < 20);
    const scores = sweep.scores('market_plus_state', 'latest_stress');
    const k = sweep.judged.findIndex(({ id }) => id === configuration);
    const row = scores.values.subarray(k * q, (k + 1) * q);
    assert.ok(Math.abs(row.reduce((sum, value) => sum + value, 0) / q - told) < 1e-12);
  });

  test('speak of luck only where blocks are as many, six at least, and looks two', () => {
    assert.equal(splitBudget(book, distinctLooks(book), of.key, q + 1).luck, null);
    const one = bookOf([of, looks.slice(0, 1)]);
    assert.equal(splitBudget(one, distinctLooks(one), of.key, q).luck, null);
  });

  test('are the same from a ledger', () => {
    const read = parseLedger(ledgerText(book), 'looks.jsonl');
    const again = splitBudget(read, distinctLooks(read), of.key, q);
    assert.deepEqual([again.looks, again.anyLabel, again.sameKey], [209, 209, 209]);
    for (const side of ['long', 'short'] as const) {
      assert.ok(Math.abs(again.luck![side].luck95 - budget.luck![side].luck95) < 1e-7);
    }
    // With the looks that it was made of it is no more.
    const joined = joinBooks([book, read]);
    assert.equal(splitBudget(joined, distinctLooks(joined), of.key, q).looks, 209);
  });
});

describe('a ledger of looks', () => {
  const [early, late] = [evaluation([1, 2, 3]), evaluation([3, 4, 5])];
  const one = bookOf([early, looksAt(early, [100, 101])]);
  const two = bookOf([early, looksAt(early, [101])], [late, looksAt(late, [7])]);

  test('is sorted and stable: the same looks are the same bytes, in whatever order they came', () => {
    const text = ledgerText(joinBooks([one, two]));
    assert.equal(ledgerText(joinBooks([two, one])), text);
    assert.equal(ledgerText(parseLedger(text, 'l')), text);
    const lines = text.trimEnd().split('\n');
    assert.equal(lines[0], '{"format":"sweep-looks","version":1,"check":"67caf5e1"}');
    assert.deepEqual(lines.slice(1), lines.slice(1).toSorted());
    assert.equal(lines.length, 1 + 2 + 3);
  });

  test('merges line by line, in any order and with lines twice', () => {
    const [a, b] = [ledgerText(one), ledgerText(two)];
    const merged = `${b.trimEnd().split('\n').toReversed().join('\r\n')}\n\n${a}`;
    assert.equal(ledgerText(parseLedger(merged, 'l')), ledgerText(joinBooks([one, two])));
  });

  test('leaves out looks of which nobody knows what they are of', () => {
    const unknown = { ...one, looks: [...one.looks, { ...one.looks[0]!, key: 'latest_stress of data abc' }] };
    assert.equal(ledgerText(unknown), ledgerText(one));
  });

  test('that is damaged is refused by its line: a digit, a cut, a conflict, a line that is gone, a newer one', () => {
    const text = ledgerText(joinBooks([one, two]));
    const lines = text.trimEnd().split('\n');
    const refused = (changed: string, message: RegExp) =>
      assert.throws(() => parseLedger(changed, 'l.jsonl'), userError(message));
    refused(text.replace('101', '102'), /^l\.jsonl:\d: not a line as it was written\. A ledger of looks is damaged/);
    refused(text.slice(0, -20), /^l\.jsonl:6: not a line/);
    refused(`${lines[0]}\n<<<<<<< mine\n${lines.slice(1).join('\n')}`, /^l\.jsonl:2: a conflict of a merge; keep/);
    refused(
      `${[lines[0], ...lines.slice(2)].join('\n')}\n`,
      /a look of c\d+ is at a split that no line says what it is of/,
    );
    refused(`${lines.slice(1).join('\n')}\n`, /no ledger of looks: its line/);
    refused('{"some":"json"}\n', /^l\.jsonl:1: not a line/);
    refused('no JSON at all', /^l\.jsonl:1: not a line/);
    // A newer version's, checked as ours.
    refused('{"format":"sweep-looks","version":2,"check":"4e22a7c6"}\n', /version 2|not a line/);
    assert.deepEqual(parseLedger('', 'l'), { evaluations: new Map(), looks: [] });
  });
});
