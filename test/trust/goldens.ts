import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type BlockRows, blockRows } from '../../src/trust/block-rows.ts';
import type { Condition, Gate } from '../../src/trust/gates.ts';
import type { SweepLosses } from '../../src/trust/losses.ts';
import { parseLosses } from '../../src/trust/losses-file.ts';

type Rows = readonly (readonly number[])[];

/** Input and output of every formula, by two other implementations (golden/README.md). */
export type Goldens = {
  readonly blocks: readonly { name: string; rows: number[]; block: number[]; days: number }[];
  readonly cells: readonly { days: number; block: number[]; cell: number[] }[];
  readonly signs: {
    q3: Rows;
    q13: { rows: number; row1: number[]; row4095: number[]; sumOfFirst1000: number; columnSums: number[] };
  };
  readonly ratio: {
    A: number[];
    C: number[];
    value: number;
    pseudo: number[];
    se: number;
    interval95: number[];
    flipAgainst097: number;
    blockScores: number[];
  };
  readonly tQuantiles: readonly { df: number; p975: number; p95: number; cdfAt1: number; cdfAt3: number }[];
  readonly auc: {
    rows: Rows;
    pair2: Rows;
    positives: number[];
    negatives: number[];
    value: number;
    pseudo: number[];
    se: number;
  };
  readonly plateauLeaderControl: {
    losses: Rows;
    rivals: number;
    controls: number;
    margin: number;
    critical: number;
    plateau: boolean[];
  };
  readonly jointGain: {
    critical: number;
    t: number;
    plainT: number;
    halfWidths: number[];
    null: { U: Rows; critical: number; t: null };
  };
  readonly joint: {
    U: Rows;
    pEach: number[];
    skewness: number[];
    S: number[];
    pLuck: number;
    stepdown: boolean[];
    plateau: boolean[];
    plateauCritical: number;
    luckExpected: number;
    luck95: number;
    nEff: number;
    entropyNumber: number;
  };
  readonly degenerate: {
    allZero: { pLuck: number; plateau: boolean[] };
    oneConfiguration: { plateau: boolean[]; nEff: number };
    notJudged: { notJudged: string[]; pMarketOnly: number; distinct: number; pGain: number };
    oneDistinct: { jointT: number; pConstant: number };
    tooFewDaysToDrop: { losses: Rows; critical: number; plateau: boolean[] };
  };
  readonly normalMax: readonly { n: number; expected: number }[];
  readonly effectiveNumber: readonly { expectedMax: number; n: number }[];
  readonly cscv: {
    pbo: number;
    gain: number;
    meanLogit: number;
    eachTwice: { pbo: number; gain: number; meanLogit: number };
  };
  readonly overfit: Record<string, unknown> & { nullDraws: number };
  readonly verdictChance: {
    q: number;
    margins: number[];
    splits: string[];
    pseudo: Rows;
    firstNormals: number[];
    chance: number;
    flips: number[];
  };
  readonly gates: {
    q: number;
    conditions: readonly (readonly [Condition, Condition])[];
    gates: readonly Gate[];
    boundsOfPass: { gates: number[]; bounds: number[] };
    boundsOfMiss: { gates: number[]; bounds: number[] };
    decided: { passClearOnly: boolean; passWeak: boolean; missAt: [number, boolean]; missStrong: [number, boolean] };
  };
  readonly listFlip: { own: number[]; share: number[]; flip: number[] };
  readonly nullVectors: readonly { q: number; rows: number; index: number[] }[];
  readonly looks: { sums: Rows; look: number[] };
  readonly ladder: { losses: Rows; told: number[] };
  readonly quickstart: Record<string, unknown> & { readonly best: object; readonly rows: readonly object[] };
};

const folder = new URL('golden/', import.meta.url);

export const goldens = JSON.parse(readFileSync(new URL('goldens.json', folder), 'utf8')) as Goldens;

/** As it stands in the file. */
export function quickstartJson(): { [key: string]: unknown; configurations: { [key: string]: unknown }[] } {
  const bytes = readFileSync(new URL('quickstart-losses.json.gz', folder));
  return JSON.parse(gunzipSync(bytes).toString('utf8'));
}

export function quickstartLosses(): SweepLosses {
  return parseLosses(quickstartJson(), 'quickstart-losses.json.gz');
}

/** The same JSON, numbers to 1e-9 relative (those below 1e-6 to 1e-15); keys that only `actual` has are left alone. */
export function assertClose(actual: unknown, expected: unknown, what = 'value'): void {
  if (typeof expected === 'number') {
    assert.ok(typeof actual === 'number', `${what}: ${String(actual)}`);
    const slack = 1e-9 * Math.max(Math.abs(expected), 1e-6);
    assert.ok(Math.abs(actual - expected) <= slack, `${what}: ${actual}, ${expected} expected`);
  } else if (expected !== null && typeof expected === 'object') {
    assert.ok(actual !== null && typeof actual === 'object', `${what}: ${String(actual)}`);
    const values = actual as Record<string, unknown>;
    if (Array.isArray(expected)) assert.equal(values.length, expected.length, `${what}: length`);
    for (const [key, value] of Object.entries(expected)) assertClose(values[key], value, `${what}.${key}`);
  } else {
    assert.equal(actual, expected, what);
  }
}

export function table(rows: Rows): BlockRows {
  return blockRows(rows, rows[0]!.length);
}

export function negated(rows: BlockRows): BlockRows {
  return { ...rows, values: rows.values.map((value) => -value) };
}
