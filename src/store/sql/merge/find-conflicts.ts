import { Buffer } from 'node:buffer';
import type { MergeConflict } from '../../merge-report.ts';
import { readCodes, referenced } from '../codes.ts';
import type { Connection, Row, Sql } from '../connection.ts';
import { readAllData } from '../data.ts';
import { readContents, readSelections } from '../datasets.ts';
import { asBytes, asNumber, asText } from '../values.ts';
import { verdictKey } from '../verdict-seal.ts';

/** What a key stands for, and in which store that was seen first. */
type Seen = { readonly digest: string; readonly store: number };

/** Finds what two stores say differently under one key. Digests alone are read: a hundred bytes a verdict are kept. */
export class ConflictFinder {
  readonly conflicts: MergeConflict[] = [];
  readonly #locations: string[] = [];
  /** of a content and code, by configuration */
  readonly #verdicts = new Map<string, Map<string, Seen>>();
  /** of data, code and selection: the content's hash */
  readonly #datasets = new Map<string, Seen>();

  /** Holds a store against those before it. */
  *add(location: string, connection: Connection): Sql<void> {
    const store = this.#locations.push(location) - 1;
    yield* connection.read(() => this.#addAll(store, connection));
  }

  *#addAll(store: number, connection: Connection): Sql<void> {
    yield* this.#addDatasets(store, connection);
    yield* this.#addVerdicts(store, connection);
  }

  *#addVerdicts(store: number, connection: Connection): Sql<void> {
    const [contents, codes] = [yield* readContents(connection), yield* readCodes(connection)];
    const add = ([contentRow, codeRow, id, digest]: Row): void => {
      const content = referenced(contents, asNumber(contentRow), 'dataset');
      const code = referenced(codes, asNumber(codeRow), 'code');
      const place = `${content.contentHash} ${code.hash}`;
      let ofPlace = this.#verdicts.get(place);
      if (ofPlace === undefined) this.#verdicts.set(place, (ofPlace = new Map()));
      const bytes = asBytes(digest);
      // A character a byte: half of what hexadecimal takes.
      const seen = { digest: Buffer.from(bytes).toString('latin1'), store };
      const before = ofPlace.get(asText(id));
      if (before === undefined) ofPlace.set(asText(id), seen);
      else if (before.digest !== seen.digest) {
        const name = `${asText(id)}@${verdictKey(content.contentHash, code)}`;
        this.#conflict('verdict', name, { ...before, digest: hexOf(before) }, { ...seen, digest: hexOf(seen) });
      }
    };
    // biome-ignore lint/correctness/useYield: of each row it asks nothing more
    yield* connection.each(SELECT_DIGESTS, [], function* (row) {
      add(row);
    });
  }

  /** The same data read by the same code have the same rows: a machine that finds others is wrong about them. */
  *#addDatasets(store: number, connection: Connection): Sql<void> {
    const [contents, codes] = [yield* readContents(connection), yield* readCodes(connection)];
    const [data, selections] = [yield* readAllData(connection), yield* readSelections(connection)];
    for (const [dataRow, codeRow, selectionRow, contentRow] of yield* connection.all(SELECT_DATASETS)) {
      const { baselineRunId, hash } = referenced(data, asNumber(dataRow), 'data');
      const { agesMinutes, maxRowsPerSplit } = referenced(selections, asNumber(selectionRow), 'selection');
      const name = `ages ${agesMinutes.join()}, cap ${maxRowsPerSplit} of ${baselineRunId}`;
      const key = JSON.stringify([hash, referenced(codes, asNumber(codeRow), 'code').hash, name]);
      const seen = { digest: referenced(contents, asNumber(contentRow), 'dataset').contentHash, store };
      const before = this.#datasets.get(key);
      if (before === undefined) this.#datasets.set(key, seen);
      else if (before.digest !== seen.digest) this.#conflict('dataset', name, before, seen);
    }
  }

  #conflict(kind: MergeConflict['kind'], name: string, one: Seen, other: Seen): void {
    const side = ({ digest, store }: Seen) => ({ location: this.#locations[store]!, digest });
    this.conflicts.push({ kind, name, one: side(one), other: side(other) });
  }
}

function hexOf({ digest }: Seen): string {
  return Buffer.from(digest, 'latin1').toString('hex');
}

const SELECT_DIGESTS = `
  SELECT verdicts.content_id, verdicts.code_id, configurations.configuration_id, verdicts.digest
  FROM verdicts CROSS JOIN configurations ON configurations.id = verdicts.configuration_id ORDER BY verdicts.id`;

const SELECT_DATASETS = `
  SELECT data_id, code_id, selection_id, content_id FROM datasets WHERE content_id IS NOT NULL
  ORDER BY data_id, code_id, selection_id`;
