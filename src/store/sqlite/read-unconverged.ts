import type { JudgedConfiguration } from '../records.ts';
import { FIT_STATUS_COLUMNS, type UnconvergedFit, unconvergedAmong } from '../unconverged-fits.ts';
import type { Connection } from './connection.ts';
import { asMetric } from './values.ts';

/** See `VerdictStore.unconvergedFits`. One verdict at a time: a leaderboard asks for the few that it shows. */
export function readUnconvergedFits(
  connection: Connection,
  verdicts: readonly JudgedConfiguration[],
): UnconvergedFit[][] {
  return connection.read(() =>
    verdicts.map(({ dataset, codeVersion, configurationId }) =>
      unconvergedAmong((connection.get(SELECT, dataset.contentHash, codeVersion, configurationId) ?? []).map(asMetric)),
    ),
  );
}

const SELECT = `
  SELECT ${FIT_STATUS_COLUMNS.map((column) => `verdict_metrics.${column.name}`).join(', ')}
  FROM configurations
  JOIN datasets ON datasets.content_hash = ?
  JOIN code_versions ON code_versions.name = ?
  JOIN verdicts ON verdicts.dataset_id = datasets.id AND verdicts.code_version_id = code_versions.id
    AND verdicts.configuration_id = configurations.id
  JOIN verdict_metrics ON verdict_metrics.verdict_id = verdicts.id
  WHERE configurations.configuration_id = ?`;
