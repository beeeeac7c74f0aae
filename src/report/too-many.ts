import { countOf, countText } from '../counts.ts';
import { shellWord } from '../shell-word.ts';
import type { VerdictStore } from '../store/verdict-store.ts';
import { UserError } from '../user-error.ts';

/**
 * What a process can hold of what any number of hosts have put into a database, in configurations: what a page shows of each,
 * and what was lost on each day, which statistics go through.
 */
const MOST = { outcomes: 500_000, losses: 100_000 } as const;
export type Brought = keyof typeof MOST;

/** A sweep, or all looks of a store, that are more than can be brought here at once. */
export class TooMany extends UserError {}

/**
 * To be asked before all of something is read.
 *
 * @param sweep null: all of the store
 * @throws TooMany where the store is a database and has more than this process can hold; a file is as large as its disk
 */
export async function refuseTooMany(store: VerdictStore, sweep: string | null, brought: Brought): Promise<void> {
  const { ranked } = store;
  if (ranked === null) return;
  const most = MOST[brought];
  const size = await ranked.size(sweep);
  if (size <= most) return;
  const [what, remedy] =
    sweep === null
      ? [`the store has ${countOf(size, 'outcome')}`, 'Name one sweep']
      : [
          `sweep ${sweep} has ${countOf(size, 'configuration')}`,
          `\`sweep report --sweep ${shellWord(sweep)}\` ranks them`,
        ];
  throw new TooMany(
    `${what}: of a database ${countText(most)} can be brought here at once. ` +
      `${remedy}; \`sweep export\` writes all of them as CSV, page by page`,
  );
}

/** `refuseTooMany` of looks at the locked splits: each verdict that showed something new is one. */
export async function refuseTooManyLooks(store: VerdictStore): Promise<void> {
  const { ranked } = store;
  if (ranked === null) return;
  const count = await ranked.lookCount();
  if (count <= MOST.losses) return;
  throw new TooMany(
    `the store has ${countOf(count, 'look')} at locked splits: of a database ${countText(MOST.losses)} can be brought here at once`,
  );
}
