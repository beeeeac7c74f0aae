import type { Note, VerdictChoice } from '../records.ts';
import type { Connection, Sql } from './connection.ts';
import { DamagedValue } from './damaged-value.ts';
import { asText, asTextOrNull } from './values.ts';
import { verdictRowOf } from './verdict-names.ts';

/** See `VerdictStore.addNote`. @returns the id of the verdict that has it now */
export function* addNote(connection: Connection, id: string, choice: VerdictChoice, note: Note): Sql<string> {
  return yield* connection.write(function* () {
    const { row, verdictId } = yield* verdictRowOf(connection, id, choice);
    const has = yield* connection.get(
      'SELECT 1 FROM notes WHERE verdict_id = ? AND kind = ? AND text = ?',
      row,
      note.kind,
      note.text,
    );
    if (has === undefined) {
      yield* connection.insert(
        'INSERT INTO notes (verdict_id, kind, text, written_at, author) VALUES (?, ?, ?, ?, ?)',
        row,
        note.kind,
        note.text,
        note.writtenAt,
        note.author,
      );
    }
    return verdictId;
  });
}

/** See `VerdictStore.removeNote`. */
export function* removeNote(connection: Connection, id: string, choice: VerdictChoice, text: string): Sql<number> {
  return yield* connection.write(function* () {
    const { row } = yield* verdictRowOf(connection, id, choice);
    return yield* connection.run('DELETE FROM notes WHERE verdict_id = ? AND text = ?', row, text);
  });
}

export function* readNotes(connection: Connection, verdictRow: number): Sql<Note[]> {
  const rows = yield* connection.all(
    'SELECT kind, text, written_at, author FROM notes WHERE verdict_id = ? ORDER BY id',
    verdictRow,
  );
  return rows.map(([kind, text, writtenAt, author]) => ({
    kind: kindOf(asText(kind)),
    text: asText(text),
    writtenAt: asText(writtenAt),
    author: asTextOrNull(author),
  }));
}

function kindOf(text: string): Note['kind'] {
  if (text === 'note' || text === 'tag') return text;
  throw new DamagedValue(`a note cannot be a ${JSON.stringify(text)}`);
}
