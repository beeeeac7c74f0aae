import type { JudgedConfiguration } from '../records.ts';
import { FIT_STATUS_COLUMNS, type UnconvergedFit, unconvergedAmong } from '../unconverged-fits.ts';
import type { Connection, Row } from './connection.ts';
import { CheckedMetrics } from './metric-checksums.ts';
import { asNumber, asText } from './values.ts';

/**
 * See `VerdictStore.unconvergedFits`. The few that a screen shows are looked up one by one; for many, the wide table is
 * read in one pass, which is then the faster way.
 */
export function readUnconvergedFits(
  connection: Connection,
  verdicts: readonly JudgedConfiguration[],
): readonly (readonly UnconvergedFit[])[] {
  return connection.read(() => {
    if (verdicts.length <= MOST_LOOKUPS) {
      return verdicts.map(({ dataset, codeVersion, configurationId }) => {
        const row = connection.get(ONE, configurationId, dataset.contentHash, codeVersion);
        return row === undefined ? [] : unconvergedOf(row);
      });
    }
    const found = new Map<string, UnconvergedFit[]>();
    for (const row of connection.iterate(SELECT)) {
      const unconverged = unconvergedOf(row);
      if (unconverged.length > 0) found.set(row.slice(0, KEY_COLUMN_COUNT).map(asText).join(' '), unconverged);
    }
    return verdicts.map(({ dataset, codeVersion, configurationId }) => {
      return found.get(`${configurationId} ${dataset.contentHash} ${codeVersion}`) ?? [];
    });
  });
}

const MOST_LOOKUPS = 1000;
const KEY_COLUMN_COUNT = 3;
const STATUSES = new CheckedMetrics(FIT_STATUS_COLUMNS);
// LEFT JOIN: a verdict without metrics is damage, and not one whose fits converged.
const SELECT = `
  SELECT configurations.configuration_id, datasets.content_hash, code_versions.name, verdicts.checksum,
    ${STATUSES.names.join(', ')}
  FROM verdicts
  LEFT JOIN verdict_metrics ON verdict_metrics.verdict_id = verdicts.id
  JOIN configurations ON configurations.id = verdicts.configuration_id
  JOIN datasets ON datasets.id = verdicts.dataset_id
  JOIN code_versions ON code_versions.id = verdicts.code_version_id`;
const ONE = `${SELECT}
  WHERE configurations.configuration_id = ? AND datasets.content_hash = ? AND code_versions.name = ?`;

function unconvergedOf(row: Row): UnconvergedFit[] {
  const verdictSum = asNumber(row[KEY_COLUMN_COUNT]);
  return unconvergedAmong(STATUSES.read(row, KEY_COLUMN_COUNT + 1, verdictSum, asText(row[0])));
}
