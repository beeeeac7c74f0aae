import { canonicalJson, sha256Json } from '../../canonical-json.ts';
import { GATE_SPLITS, type GateSplitId } from '../../experiment/results.ts';
import type { Evaluation, StoredEvaluation } from '../records.ts';
import { referenced } from './codes.ts';
import type { Connection, Sql } from './connection.ts';
import { DamagedValue } from './damaged-value.ts';
import { readAllData } from './data.ts';
import { asJson, asNumber, asText } from './values.ts';

/** What the locked splits of a run's data are of; the first that is told stays, being made of the data alone. */
export function* putEvaluations(
  connection: Connection,
  dataRow: number,
  evaluations: Partial<Readonly<Record<GateSplitId, Evaluation>>>,
): Sql<void> {
  for (const split of GATE_SPLITS) {
    const evaluation = evaluations[split];
    if (evaluation === undefined) continue;
    const { key, ...document } = evaluation;
    yield* connection.run(
      'INSERT INTO evaluations (data_id, split, key, document) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
      dataRow,
      split,
      key,
      canonicalJson(document),
    );
  }
}

/** What is known of the locked splits of all data. @throws DamagedValue where it is not as it was stored */
export function* readEvaluations(connection: Connection): Sql<StoredEvaluation[]> {
  const data = yield* readAllData(connection);
  return (yield* connection.all('SELECT data_id, split, key, document FROM evaluations')).map(
    ([row, split, key, document]) => {
      const dataHash = referenced(data, asNumber(row), 'data').hash;
      const facts = asJson(document) as Omit<Evaluation, 'key'>;
      if (sha256Json(facts) !== asText(key))
        throw new DamagedValue(`what ${split} of data ${dataHash} is of is not as it was stored`);
      // The key says that this is what was written, from values of this type.
      return { dataHash, split: lockedSplitOf(asText(split)), evaluation: { key: asText(key), ...facts } };
    },
  );
}

/** @throws DamagedValue when it is none */
export function lockedSplitOf(text: string): GateSplitId {
  const split = GATE_SPLITS.find((known) => known === text);
  if (split === undefined) throw new DamagedValue(`${JSON.stringify(text)} is no locked split`);
  return split;
}
