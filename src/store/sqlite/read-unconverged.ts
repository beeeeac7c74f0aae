import type { JudgedConfiguration } from '../records.ts';
import { FIT_STATUS_COLUMNS, type UnconvergedFit, unconvergedAmong } from '../unconverged-fits.ts';
import type { Connection } from './connection.ts';
import { asMetric, asText } from './values.ts';

/**
 * See `VerdictStore.unconvergedFits`. The few that a screen shows are looked up one by one; for many, those that did not
 * converge are sought in one pass over the wide table, which is then the faster way.
 */
export function readUnconvergedFits(
  connection: Connection,
  verdicts: readonly JudgedConfiguration[],
): readonly (readonly UnconvergedFit[])[] {
  return connection.read(() => {
    if (verdicts.length <= MOST_LOOKUPS) {
      return verdicts.map(({ dataset, codeVersion, configurationId }) => {
        const row = connection.get(ONE, configurationId, dataset.contentHash, codeVersion) ?? [];
        return unconvergedAmong(row.slice(KEY_COLUMN_COUNT).map(asMetric));
      });
    }
    const found = new Map<string, UnconvergedFit[]>();
    for (const row of connection.iterate(ALL)) {
      const key = row.slice(0, KEY_COLUMN_COUNT).map(asText).join(' ');
      found.set(key, unconvergedAmong(row.slice(KEY_COLUMN_COUNT).map(asMetric)));
    }
    return verdicts.map(({ dataset, codeVersion, configurationId }) => {
      return found.get(`${configurationId} ${dataset.contentHash} ${codeVersion}`) ?? [];
    });
  });
}

const MOST_LOOKUPS = 1000;
const KEY_COLUMN_COUNT = 3;
const NAMES = FIT_STATUS_COLUMNS.map((column) => `verdict_metrics.${column.name}`);
const SELECT = `
  SELECT configurations.configuration_id, datasets.content_hash, code_versions.name, ${NAMES.join(', ')}
  FROM verdict_metrics
  JOIN verdicts ON verdicts.id = verdict_metrics.verdict_id
  JOIN configurations ON configurations.id = verdicts.configuration_id
  JOIN datasets ON datasets.id = verdicts.dataset_id
  JOIN code_versions ON code_versions.id = verdicts.code_version_id`;
const ONE = `${SELECT}
  WHERE configurations.configuration_id = ? AND datasets.content_hash = ? AND code_versions.name = ?`;
const ALL = `${SELECT}
  WHERE ${NAMES.map((name) => `${name} <> 'converged'`).join(' OR ')}`;
