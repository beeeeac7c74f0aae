import { csvLine } from './csv.ts';
import { type Entry, RECORD_FIELDS } from './fields.ts';
import type { Leaderboard } from './leaderboard.ts';
import { unconvergedFitText } from './unconverged-text.ts';
import { statusOf } from './verdict-words.ts';

/** One line for each row shown, then for each failure shown; every parameter, whole numbers. */
export function leaderboardCsv(leaderboards: readonly Leaderboard[]): string {
  const show = extraFields(leaderboards[0]);
  const names = [...[...RECORD_FIELDS, ...show].map(({ name }) => name), 'status', 'unconverged', 'error'];
  const lines = leaderboards.flatMap((leaderboard) => {
    const line = (entry: Entry): string => {
      const { outcome, unconverged } = entry;
      return csvLine([
        ...[...RECORD_FIELDS, ...show].map((field) => field.read(entry, leaderboard.at)),
        statusOf(outcome),
        unconverged.length === 0 ? null : unconverged.map(unconvergedFitText).join('; '),
        'error' in outcome ? `${outcome.error.name}: ${outcome.error.message}` : null,
      ]);
    };
    return [...leaderboard.rows, ...leaderboard.failures].map(line);
  });
  return [csvLine(names), ...lines].join('');
}

/** The fields that were asked for and are not in every record. */
function extraFields(leaderboard: Leaderboard | undefined): Leaderboard['show'] {
  return (leaderboard?.show ?? []).filter(({ name }) => RECORD_FIELDS.every((field) => field.name !== name));
}
