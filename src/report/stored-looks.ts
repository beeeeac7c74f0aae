import type { GateSplitId } from '../experiment/results.ts';
import type { DatasetDays, StoredLook, StoredLooks } from '../store/records.ts';
import type { VerdictStore } from '../store/verdict-store.ts';
import { blockScores } from '../trust/block-statistics.ts';
import { type Blocks, blocksOfDays, sumByBlock } from '../trust/blocks.ts';
import type { Look, LookScores, LooksBook } from '../trust/looks-book.ts';
import { refuseTooManyLooks } from './too-many.ts';

/** Every look that a store knows of, with block scores where the days of its dataset are known. */
export async function storedLooks(store: VerdictStore): Promise<LooksBook> {
  await refuseTooManyLooks(store);
  return looksBook(await store.lockedLooks());
}

/** The key of looks at a split of some data, made up where nobody knows what the split is of. */
export function keyOfData(
  { evaluations }: Pick<StoredLooks, 'evaluations'>,
  dataHash: string,
  split: GateSplitId,
): string {
  const known = evaluations.find((one) => one.dataHash === dataHash && one.split === split);
  return known?.evaluation.key ?? `${split} of data ${dataHash}`;
}

export function looksBook(stored: StoredLooks): LooksBook {
  const keys = new Map<string, string>();
  const keyOf = ({ dataHash, split }: StoredLook) => {
    const place = `${dataHash} ${split}`;
    const key = keys.get(place) ?? keyOfData(stored, dataHash, split);
    keys.set(place, key);
    return key;
  };
  const looks: Look[] = [];
  for (const [key, group] of Map.groupBy(stored.looks, keyOf)) {
    const scoresOf = scorer(stored.datasets, group);
    for (const look of group) {
      const { configurationId: configuration, sweep, runId: run, sums } = look;
      looks.push(new ScoredLater({ key, configuration, sweep, run, sums }, () => scoresOf(look)));
    }
  }
  return { evaluations: new Map(stored.evaluations.map(({ evaluation }) => [evaluation.key, evaluation])), looks };
}

/** A look whose block scores are made when they are asked for: whoever counts does not ask. */
class ScoredLater implements Look {
  readonly key: string;
  readonly configuration: string;
  readonly sweep: string;
  readonly run: string;
  readonly sums: ArrayLike<number>;
  readonly #make: () => LookScores | null;
  #scores: LookScores | null | undefined;

  constructor({ key, configuration, sweep, run, sums }: Omit<Look, 'scores'>, make: () => LookScores | null) {
    this.key = key;
    this.configuration = configuration;
    this.sweep = sweep;
    this.run = run;
    this.sums = sums;
    this.#make = make;
  }

  get scores(): LookScores | null {
    if (this.#scores === undefined) this.#scores = this.#make();
    return this.#scores;
  }
}

/** What a dataset's side has of a split, folded to blocks. */
type Folded = { readonly blockOf: Int32Array; readonly constant: Float64Array };

/** Block scores of looks at one thing; blocks are of the calendar, the same for all of its datasets. */
function scorer(
  datasets: StoredLooks['datasets'],
  group: readonly StoredLook[],
): (look: StoredLook) => LookScores | null {
  const [first] = group;
  const known = [...new Set(group.map(({ contentHash }) => contentHash))].flatMap((hash) => datasets.get(hash) ?? []);
  if (first === undefined || known.length === 0) return () => null;
  const calendar = calendarOf(known, first.split);
  const folded = new Map<string, readonly Folded[]>();
  return ({ contentHash, split, sums }) => {
    const days = datasets.get(contentHash);
    if (days === undefined) return null;
    const sides = folded.get(`${contentHash} ${split}`) ?? foldedSides(days, split, calendar);
    folded.set(`${contentHash} ${split}`, sides);
    return scoresOf(sums, sides, calendar.q);
  };
}

type Calendar = Blocks & { readonly blockOf: ReadonlyMap<number, number> };

/** As for a sweep: the days on which any of the datasets has rows, by the baseline run's bars. */
function calendarOf(datasets: readonly DatasetDays[], split: GateSplitId): Calendar {
  const parts = datasets.flatMap((days) => days.parts.filter((part) => part.split === split));
  const days = [...new Set(parts.flatMap((part) => part.days))].sort((a, b) => a - b);
  const bars = new Map(datasets.flatMap((one) => one.bars[split]).toReversed());
  const blocks = blocksOfDays(days.map((day) => bars.get(day) ?? 0));
  return { ...blocks, blockOf: new Map(days.map((day, i) => [day, blocks.ofDay[i]!])) };
}

function foldedSides({ parts }: DatasetDays, split: GateSplitId, { blockOf, q }: Calendar): Folded[] {
  return (['LONG', 'SHORT'] as const).map((side) => {
    const part = parts.find((one) => one.side === side && one.split === split);
    const ofDay = Int32Array.from(part?.days ?? [], (day) => blockOf.get(day)!);
    return { blockOf: ofDay, constant: sumByBlock(part?.constantAbsoluteErrors ?? [], ofDay, q) };
  });
}

/** Null where a side has no rows, or the sums are of other days. */
function scoresOf(sums: Float64Array, sides: readonly Folded[], q: number): LookScores | null {
  const [long, short] = sides;
  if (long === undefined || short === undefined || long.blockOf.length === 0 || short.blockOf.length === 0) return null;
  if (sums.length !== 2 * (long.blockOf.length + short.blockOf.length)) return null;
  let at = 0;
  const next = ({ blockOf, constant }: Folded): Float64Array => {
    const daily = sums.subarray(at, at + blockOf.length);
    at += blockOf.length;
    return blockScores(sumByBlock(daily, blockOf, q), constant);
  };
  return {
    long: { market_only: next(long), market_plus_state: next(long) },
    short: { market_only: next(short), market_plus_state: next(short) },
  };
}
