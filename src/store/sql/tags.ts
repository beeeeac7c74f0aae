import type { Connection, Sql } from './connection.ts';
import { asNumber, asText } from './values.ts';

/** verdict's row → its tags */
export function* readTags(connection: Connection): Sql<ReadonlyMap<number, readonly string[]>> {
  const tags = new Map<number, string[]>();
  for (const [row, text] of yield* connection.all(
    `SELECT verdict_id, text FROM notes WHERE kind = 'tag' ORDER BY id`,
  )) {
    const ofVerdict = tags.get(asNumber(row));
    if (ofVerdict === undefined) tags.set(asNumber(row), [asText(text)]);
    else ofVerdict.push(asText(text));
  }
  return tags;
}
