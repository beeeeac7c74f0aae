import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { type Json, sha256Json } from '../canonical-json.ts';
import { UserError } from '../user-error.ts';
import type { Evaluation, Look, LooksBook } from './looks-book.ts';
import { TRUST_SETS, TRUST_SIDES } from './losses.ts';

/**
 * A ledger of looks: a text file that a team commits. A line each for the format, what splits are of, and looks, sorted, so
 * that two that were written apart merge line by line and the same looks are the same bytes. Every line has a checksum of
 * its other keys.
 */
const FORMAT = 'sweep-looks';
const VERSION = 1;
/** Of sums: looks are told apart at 1e-6. Of scores, which are near 1. */
const SUM_DIGITS = 10;
const SCORE_DIGITS = 9;

const numbers = z.array(z.number());
const evaluationLine = z.strictObject({
  evaluation: z.string(),
  barGaps: z.string(),
  days: z.record(z.string(), numbers),
  label: z.record(z.string(), z.number()),
  check: z.string(),
});
const scores = z.record(z.enum(TRUST_SIDES), z.record(z.enum(TRUST_SETS), numbers));
const lookLine = z.strictObject({
  look: z.string(),
  configuration: z.string(),
  sweep: z.string(),
  run: z.string(),
  sums: numbers,
  scores: scores.nullable(),
  check: z.string(),
});
const formatLine = z.strictObject({ format: z.literal(FORMAT), version: z.number(), check: z.string() });

/**
 * @param name of the file, for messages
 * @throws UserError naming the first line that cannot be right, and what to do about it
 */
export function parseLedger(text: string, name: string): LooksBook {
  const evaluations = new Map<string, Evaluation>();
  const looks: Look[] = [];
  const lines = [...new Set(text.split('\n').map((line) => line.replace(/\r$/, '')))];
  const damaged = (line: string, what: string): UserError =>
    new UserError(
      `${name}:${text.split('\n').indexOf(line) + 1}: ${what}. A ledger of looks is damaged: take an earlier one from ` +
        'version control, and run `sweep run --ledger` on its stores again',
    );
  let hasFormat = false;
  for (const line of lines) {
    if (line.trim() === '') continue;
    if (/^(<{7}|={7}|>{7})/.test(line)) throw damaged(line, 'a conflict of a merge; keep the lines of both sides');
    const json = jsonOf(line);
    if (json === null || !isChecked(json)) throw damaged(line, 'not a line as it was written');
    if ('format' in json) {
      const { version } = parsed(formatLine, json, () => damaged(line, 'no ledger of looks'));
      if (version > VERSION)
        throw new UserError(`${name}: a ledger of version ${version}, this program knows up to ${VERSION}. Update it`);
      hasFormat = true;
    } else if ('evaluation' in json) {
      const {
        evaluation: key,
        check: _,
        ...facts
      } = parsed(evaluationLine, json, () => damaged(line, 'no evaluation'));
      if (sha256Json(facts) !== key) throw damaged(line, 'an evaluation that is not what its key says');
      evaluations.set(key, { key, ...facts });
    } else {
      const { look: key, check: _, ...facts } = parsed(lookLine, json, () => damaged(line, 'no look'));
      looks.push({ key, ...facts });
    }
  }
  if (!hasFormat && text.trim() !== '')
    throw new UserError(`${name}: no ledger of looks: its line {"format":"${FORMAT}",…} is missing`);
  const lost = looks.find(({ key }) => !evaluations.has(key));
  if (lost !== undefined)
    throw new UserError(
      `${name}: a look of ${lost.configuration} is at a split that no line says what it is of (${lost.key.slice(0, 12)}…). ` +
        'A line is missing: take it from version control',
    );
  return { evaluations, looks };
}

/** The ledger's text. Looks of data of which nobody knows what they are of, or with a sum that is no number, are left out. */
export function ledgerText({ evaluations, looks }: LooksBook): string {
  const known = looks.filter(({ key, sums }) => evaluations.has(key) && Array.from(sums).every(Number.isFinite));
  const used = new Set(known.map(({ key }) => key));
  const lines = [
    ...[...evaluations.values()]
      .filter(({ key }) => used.has(key))
      .map(({ key, barGaps, days, label }) =>
        lineOf({ evaluation: key, barGaps, days: sorted(days), label: sorted(label) }),
      ),
    ...known.map((look) => {
      const { key, configuration, sweep, run } = look;
      const sums = Array.from(look.sums, (sum) => Number(sum.toPrecision(SUM_DIGITS)));
      return lineOf({ look: key, configuration, sweep, run, sums, scores: scoresOf(look) });
    }),
  ];
  return `${[lineOf({ format: FORMAT, version: VERSION }), ...[...new Set(lines)].sort()].join('\n')}\n`;
}

/** The same keys in one order, whoever wrote them. */
function sorted<T>(facts: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(facts).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function scoresOf({ scores: found }: Look): Json {
  if (found === null) return null;
  const rounded = (values: ArrayLike<number>) => Array.from(values, (value) => Number(value.toPrecision(SCORE_DIGITS)));
  const sides = TRUST_SIDES.map((side) => [
    side,
    Object.fromEntries(TRUST_SETS.map((set) => [set, rounded(found[side][set])])),
  ]);
  return Object.fromEntries(sides);
}

type Line = { readonly [key: string]: Json };

function lineOf(facts: Line): string {
  return JSON.stringify({ ...facts, check: checkOf(facts) });
}

function checkOf(facts: Line): string {
  return crc32(JSON.stringify(facts)).toString(16).padStart(8, '0');
}

function isChecked({ check, ...facts }: Line): boolean {
  return check === checkOf(facts);
}

function jsonOf(line: string): Line | null {
  try {
    const json: unknown = JSON.parse(line);
    // What JSON.parse gives is Json.
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as Line) : null;
  } catch {
    return null;
  }
}

function parsed<T>(schema: z.ZodType<T>, json: Line, refuse: () => UserError): T {
  const found = schema.safeParse(json);
  if (!found.success) throw refuse();
  return found.data;
}
