import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openVerdictStore } from '../../src/store/open-verdict-store.ts';
import { UserError } from '../../src/user-error.ts';

/** Everything in a store that must not depend on how often it was interrupted: no times, no durations, no run numbers. */
export type StoreContents = {
  /** `CONFIGURATION DATASET CODE` → the digest of result, verdict and daily losses, and the metrics */
  readonly verdicts: ReadonlyMap<string, readonly unknown[]>;
  /** configuration → the reason */
  readonly failures: ReadonlyMap<string, string>;
  /** run → its outcome, in order */
  readonly runOutcomes: readonly string[];
  /** what SQLite's own check, the store's check, and the count of keys find */
  readonly problems: readonly string[];
};

/**
 * Reads a store with plain SQL, apart from the program's own reading, from a copy: opening a store whose writer was
 * killed would mend its log, and the next process has to meet it as it was left.
 *
 * @returns null where no store, or one without its tables, is there yet
 */
export async function readContents(path: string): Promise<StoreContents | null> {
  const folder = await mkdtemp(join(tmpdir(), 'store-copy-'));
  try {
    const copy = join(folder, 'copy.db');
    if (!(await copied(path, copy))) return null;
    await copied(`${path}-wal`, `${copy}-wal`);
    const tables = readTables(copy);
    if (tables === null) return null;
    return { ...tables, problems: [...tables.problems, ...(await checkProblems(copy))] };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What a store lacks of a reference, and what it holds that the reference does not say. */
export function compareContents(reference: StoreContents, got: StoreContents): { lost: string[]; wrong: string[] } {
  const lost = [...reference.verdicts.keys()].filter((key) => !got.verdicts.has(key)).map((key) => `${key} is missing`);
  return { lost, wrong: [...got.problems, ...differences(reference.verdicts, got.verdicts)] };
}

/** Verdicts of `got` that differ from the reference in any bit, or that it does not have. */
export function differences(reference: StoreContents['verdicts'], got: StoreContents['verdicts']): string[] {
  const wrong: string[] = [];
  for (const [key, values] of got) {
    const expected = reference.get(key);
    if (expected === undefined) wrong.push(`${key} is not of the reference`);
    else {
      const at = values.findIndex((value, i) => !Object.is(value, expected[i]));
      if (at >= 0) wrong.push(`${key}: value ${at} is ${String(values[at])}, undisturbed ${String(expected[at])}`);
    }
  }
  return wrong;
}

async function copied(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

function readTables(path: string): StoreContents | null {
  const database = new DatabaseSync(path);
  try {
    const all = (sql: string) => database.prepare(sql).all();
    if (all("SELECT name FROM sqlite_schema WHERE name = 'conflicts'").length === 0) return null;
    const problems = all('PRAGMA integrity_check').map((row) => String(row.integrity_check));
    const verdicts = new Map<string, readonly unknown[]>();
    for (const { key, digest, metrics } of all(SELECT_VERDICTS)) {
      if (verdicts.has(String(key))) problems.push(`${key} is stored twice`);
      verdicts.set(String(key), [digest, metrics]);
    }
    for (const { key } of all(SELECT_CONFLICTS)) problems.push(`${key} came out otherwise when it was judged again`);
    return {
      verdicts,
      failures: new Map(all(SELECT_FAILURES).map((row) => [String(row.id), String(row.reason)])),
      runOutcomes: all('SELECT outcome FROM runs ORDER BY id').map((row) => String(row.outcome)),
      problems: problems.filter((problem) => problem !== 'ok'),
    };
  } finally {
    database.close();
  }
}

const SELECT_VERDICTS = `
  SELECT configurations.configuration_id || ' ' || content_hash || ' ' || codes.hash AS key,
    hex(verdicts.digest) AS digest, hex(verdict_metrics.metrics) AS metrics
  FROM verdicts
  JOIN configurations ON configurations.id = verdicts.configuration_id
  JOIN contents ON contents.id = verdicts.content_id
  JOIN codes ON codes.id = verdicts.code_id
  LEFT JOIN verdict_metrics ON verdict_metrics.verdict_id = verdicts.id`;

const SELECT_CONFLICTS = `
  SELECT configurations.configuration_id AS key
  FROM conflicts JOIN verdicts ON verdicts.id = conflicts.verdict_id
  JOIN configurations ON configurations.id = verdicts.configuration_id`;

const SELECT_FAILURES = `
  SELECT configurations.configuration_id AS id, error_name || ': ' || error_message AS reason
  FROM failures JOIN configurations ON configurations.id = failures.configuration_id`;

async function checkProblems(path: string): Promise<readonly string[]> {
  try {
    await using store = await openVerdictStore(path, { mode: 'read' });
    return await store.check();
  } catch (error) {
    if (error instanceof UserError) return [error.message];
    throw error;
  }
}
