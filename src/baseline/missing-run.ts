import { thereAre } from '../counts.ts';
import { shellWord } from '../shell-word.ts';
import { UserError } from '../user-error.ts';
import { listRuns } from './list-runs.ts';

/** How many runs the error about a missing one names. */
const RUNS_NAMED = 5;

/** What to say of a run that is not there: the ones that are, and how to make one. */
export function missingRun(dataRoot: string, runId: string, root: string): UserError {
  const runs = listRuns(dataRoot).map((run) => run.runId);
  const more = runs.length > RUNS_NAMED ? ` and ${runs.length - RUNS_NAMED} more` : '';
  const there = thereAre(runs.length, `${runs.slice(0, RUNS_NAMED).join(', ')}${more}`);
  return new UserError(
    `baseline run ${runId}: there is no folder ${root}. ${there} (\`sweep baseline list --data-root ${shellWord(dataRoot)}\`); ` +
      '`sweep baseline build` makes one from bars.',
  );
}
