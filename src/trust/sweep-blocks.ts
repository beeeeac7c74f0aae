import { type BlockRows, rowOf, rowSums, subtracted } from './block-rows.ts';
import {
  aucStatistic,
  meanOf,
  putBlockScores,
  putRatioPseudo,
  ratioStatistic,
  type Statistic,
  standardError,
  total,
} from './block-statistics.ts';
import { type Blocks, blocksOfDays, sumByBlock } from './blocks.ts';
import { blocksOfCells } from './day-cells.ts';
import type { Ranged } from './looks.ts';
import {
  type ConfigurationLosses,
  type DatasetLosses,
  lossKey,
  type Metric,
  type SplitDays,
  type SumPlaces,
  type SweepLosses,
  TRUST_SETS,
  TRUST_SIDES,
  TRUST_SPLITS,
  type TrustSet,
  type TrustSide,
  type TrustSplit,
} from './losses.ts';
import { TakingPart } from './taking-part.ts';
import { whyGateUnsaid } from './unsaid.ts';

type Calendars = Readonly<Record<TrustSplit, Calendar>>;
type Calendar = Blocks & { readonly blockOf: ReadonlyMap<number, number> };

/** A dataset's split on one side, folded to blocks. */
type Folded = {
  /** block of each of the split's days that has rows */
  readonly blockOf: Int32Array;
  /** (q) the constant's losses */
  readonly constant: Float64Array;
};

/** A sweep's losses folded to blocks of days, configurations that cannot be told from their sums set aside. */
export class SweepBlocks {
  readonly judged: readonly ConfigurationLosses[];
  readonly notJudged: readonly ConfigurationLosses[];
  /** why each of these is not */
  readonly whyNotJudged: readonly string[];
  readonly datasets: readonly DatasetLosses[];
  readonly #losses: SweepLosses;
  readonly #datasets: ReadonlyMap<number | string, DatasetLosses>;
  readonly #calendars: Calendars;
  readonly #folded = new Map<SplitDays, Folded>();
  readonly #tables = new Map<string, BlockRows>();
  /** by judged configuration, the number of its dataset */
  readonly #datasetNumbers: Int32Array;

  constructor(losses: SweepLosses, calendars = calendarsOf(losses)) {
    this.#losses = losses;
    this.#calendars = calendars;
    this.datasets = losses.datasets;
    this.#datasets = new Map(losses.datasets.map((dataset) => [dataset.id, dataset]));
    const judged: ConfigurationLosses[] = [];
    const notJudged: ConfigurationLosses[] = [];
    const reasons: string[] = [];
    const takingPart = new TakingPart();
    for (const configuration of losses.configurations) {
      const why = takingPart.whyNot(configuration, this.datasetOf(configuration));
      if (why !== null) reasons.push(why);
      (why === null ? judged : notJudged).push(configuration);
    }
    this.whyNotJudged = reasons;
    this.judged = judged;
    this.notJudged = notJudged;
    const numberOf = new Map(losses.datasets.map(({ id }, number) => [id, number]));
    this.#datasetNumbers = Int32Array.from(judged, ({ dataset }) => numberOf.get(dataset)!);
  }

  /** The same without configurations whose gates are sealed, and without the datasets that have no others: same blocks. */
  opened(): SweepBlocks {
    const configurations = this.#losses.configurations.filter(({ passed }) => passed !== null);
    if (configurations.length === this.#losses.configurations.length) return this;
    const shown = new Set(configurations.map(({ dataset }) => dataset));
    const datasets = this.#losses.datasets.filter(({ id }) => shown.has(id));
    return new SweepBlocks({ ...this.#losses, configurations, datasets }, this.#calendars);
  }

  /** Number of blocks of a split. */
  q(split: TrustSplit): number {
    return this.#calendars[split].q;
  }

  /** Number of days of a split, light ones joined to their neighbours. */
  days(split: TrustSplit): number {
    return this.#calendars[split].days;
  }

  datasetOf({ id, dataset }: ConfigurationLosses): DatasetLosses {
    const found = this.#datasets.get(dataset);
    if (found === undefined) throw new RangeError(`configuration ${id}: dataset ${dataset} is not among the losses`);
    return found;
  }

  /** MAE ratio of the k-th judged configuration, with pseudo-values. */
  mae(k: number, side: TrustSide, set: TrustSet, split: TrustSplit): Statistic {
    return ratioStatistic(rowOf(this.#maeSums(side, set, split), k), this.#constant(k, side, split));
  }

  /** The score of the k-th judged configuration: the mean of both sides' MAE ratios. */
  score(k: number, set: TrustSet, split: TrustSplit): Statistic {
    const [long, short] = TRUST_SIDES.map((side) => this.mae(k, side, set, split));
    return meanOf(long!, short!);
  }

  /** MAE ratio of every judged configuration. */
  maeRatios(side: TrustSide, set: TrustSet, split: TrustSplit): Float64Array {
    const sums = rowSums(this.#maeSums(side, set, split));
    const constants = this.#constants(side, split).map(total);
    for (let k = 0; k < sums.length; k += 1) sums[k]! /= constants[this.#datasetNumbers[k]!]!;
    return sums;
  }

  /** Standard error of the MAE ratio of every judged configuration. */
  maeErrors(side: TrustSide, set: TrustSet, split: TrustSplit): Float64Array {
    const table = this.#maeSums(side, set, split);
    const constants = this.#constants(side, split);
    const errors = new Float64Array(table.n);
    const pseudo = new Float64Array(table.q);
    for (let k = 0; k < table.n; k += 1) {
      putRatioPseudo(pseudo, table.values, k * table.q, constants[this.#datasetNumbers[k]!]!);
      errors[k] = standardError(pseudo);
    }
    return errors;
  }

  /** Block scores of every judged configuration. */
  maeScores(side: TrustSide, set: TrustSet, split: TrustSplit): BlockRows {
    return this.#once(`scores ${lossKey(side, set, split)}`, () => {
      const { values, n, q } = this.#maeSums(side, set, split);
      const scores = new Float64Array(values.length);
      const constants = this.#constants(side, split);
      const means = constants.map((constant) => total(constant) / q);
      for (let k = 0; k < n; k += 1) {
        const dataset = this.#datasetNumbers[k]!;
        putBlockScores(scores, values, k * q, constants[dataset]!, means[dataset]!);
      }
      return { values: scores, n, q };
    });
  }

  /** Block scores of market_only less those of market_plus_state. */
  maeGains(side: TrustSide, split: TrustSplit): BlockRows {
    return subtracted(this.maeScores(side, 'market_only', split), this.maeScores(side, 'market_plus_state', split));
  }

  /** Block scores of every judged configuration, mean of both sides. */
  scores(set: TrustSet, split: TrustSplit): BlockRows {
    const [long, short] = TRUST_SIDES.map((side) => this.maeScores(side, set, split));
    const values = new Float64Array(long!.values.length);
    for (let at = 0; at < values.length; at += 1) values[at] = (long!.values[at]! + short!.values[at]!) / 2;
    return { ...long!, values };
  }

  /** AUC of a dataset's classifier, with pseudo-values. */
  auc(dataset: DatasetLosses, side: TrustSide, set: TrustSet, split: TrustSplit): Statistic {
    const days = dataset.sides[side].splits[split];
    const q = this.q(split);
    const { blockOf } = this.#fold(days, split);
    const { pair2 } = days.sets[set];
    const blockOfCell = days.cells === undefined ? blockOf : blocksOfCells(days.cells, blockOf);
    // Pairs that nobody counted, or not by these blocks, leave the AUC's noise unsaid.
    const isKnown = pair2 !== null && blockOfCell !== null;
    const pairs = new Float64Array(q * q).fill(isKnown ? 0 : Number.NaN);
    if (isKnown) {
      pair2.forEach((row, d) => {
        row.forEach((count, e) => {
          pairs[blockOfCell[d]! * q + blockOfCell[e]!]! += count;
        });
      });
    }
    const positives = sumByBlock(days.pos, blockOf, q);
    const rows = sumByBlock(days.rows, blockOf, q);
    return aucStatistic(
      { values: pairs, n: q, q },
      positives,
      rows.map((count, b) => count - positives[b]!),
    );
  }

  /** Why the noise of a gate of the k-th judged configuration cannot be told. */
  whyUnsaid(k: number, side: TrustSide, split: TrustSplit, metric: Metric): string {
    const days = this.datasetOf(this.judged[k]!).sides[side].splits[split];
    return whyGateUnsaid(split, metric, days, this.#fold(days, split).blockOf, this.q(split));
  }

  /** All daily sums of every judged configuration on a split: what looks at it showed. */
  looks(split: TrustSplit): Ranged[] {
    const rangesBy = new Map<SumPlaces, Ranged['ranges']>();
    return this.judged.map(({ absErrorSums: { places, values } }) => {
      let ranges = rangesBy.get(places);
      if (ranges === undefined) rangesBy.set(places, (ranges = LOOK_KEYS[split].map((key) => places.get(key)!)));
      return { values, ranges };
    });
  }

  /** Losses of every judged configuration by block: made once, asked for by many statements. */
  #maeSums(side: TrustSide, set: TrustSet, split: TrustSplit): BlockRows {
    const known = this.#tables.get(lossKey(side, set, split));
    if (known !== undefined) return known;
    this.#makeSums(split);
    return this.#maeSums(side, set, split);
  }

  /** All four tables of a split at once: a configuration's list is fetched from memory once for them. */
  #makeSums(split: TrustSplit): void {
    const q = this.q(split);
    const tables = TRUST_SIDES.flatMap((side) => {
      const blockOf = this.datasets.map(({ sides }) => this.#fold(sides[side].splits[split], split).blockOf);
      return TRUST_SETS.map((set) => {
        const table = { values: new Float64Array(this.judged.length * q), n: this.judged.length, q };
        return { key: lossKey(side, set, split), table, blockOf };
      });
    });
    for (let k = 0; k < this.judged.length; k += 1) {
      const { places, values: daily } = this.judged[k]!.absErrorSums;
      const dataset = this.#datasetNumbers[k]!;
      for (const { key, table, blockOf } of tables) {
        // A judged one has all of its sums.
        addByBlock(table.values, k * q, daily, places.get(key)!, blockOf[dataset]!);
      }
    }
    for (const { key, table } of tables) this.#tables.set(key, table);
  }

  #once(name: string, make: () => BlockRows): BlockRows {
    const known = this.#tables.get(name);
    if (known !== undefined) return known;
    const made = make();
    this.#tables.set(name, made);
    return made;
  }

  /** The constant's losses by block, of the k-th judged configuration's dataset. */
  #constant(k: number, side: TrustSide, split: TrustSplit): Float64Array {
    return this.#fold(this.datasetOf(this.judged[k]!).sides[side].splits[split], split).constant;
  }

  /** By dataset. */
  #constants(side: TrustSide, split: TrustSplit): Float64Array[] {
    return this.datasets.map(({ sides }) => this.#fold(sides[side].splits[split], split).constant);
  }

  #fold(days: SplitDays, split: TrustSplit): Folded {
    const known = this.#folded.get(days);
    if (known !== undefined) return known;
    const calendar = this.#calendars[split];
    const blockOf = Int32Array.from(days.days, (day) => calendar.blockOf.get(day)!);
    const folded = { blockOf, constant: sumByBlock(days.constAbs, blockOf, calendar.q) };
    this.#folded.set(days, folded);
    return folded;
  }
}

function addByBlock(
  sums: Float64Array,
  at: number,
  daily: Float64Array,
  { first, count }: { readonly first: number; readonly count: number },
  blockOf: Int32Array,
): void {
  for (let day = 0; day < count; day += 1) sums[at + blockOf[day]!]! += daily[first + day]!;
}

const LOOK_KEYS = {
  tune: lookKeys('tune'),
  validation_locked: lookKeys('validation_locked'),
  latest_stress: lookKeys('latest_stress'),
};

function lookKeys(split: TrustSplit): string[] {
  return TRUST_SIDES.flatMap((side) => TRUST_SETS.map((set) => lossKey(side, set, split)));
}

function calendarsOf(losses: SweepLosses): Calendars {
  const [tune, validation, stress] = TRUST_SPLITS.map((split) => calendarOf(losses, split));
  return { tune: tune!, validation_locked: validation!, latest_stress: stress! };
}

/** Blocks are of the calendar: the same for every dataset of a baseline run. */
function calendarOf({ datasets, bars }: SweepLosses, split: TrustSplit): Calendar {
  const rows = new Map<number, number>();
  for (const { sides } of datasets) {
    for (const side of TRUST_SIDES) {
      const days = sides[side].splits[split];
      days.days.forEach((day, i) => {
        rows.set(day, (rows.get(day) ?? 0) + days.rows[i]!);
      });
    }
  }
  const days = [...rows.keys()].sort((a, b) => a - b);
  const known = bars?.[split];
  const counts = days.map((day) => (known === undefined ? rows.get(day)! : (known[day] ?? 0)));
  const blocks = blocksOfDays(counts);
  return { ...blocks, blockOf: new Map(days.map((day, i) => [day, blocks.ofDay[i]!])) };
}

/** Something of each dataset, by its ages; by ages and cap where a sweep has several caps. */
export function byAges<T>(
  { datasets }: Pick<SweepBlocks, 'datasets'>,
  of: (dataset: DatasetLosses) => T,
): Record<string, T> {
  const capOf = ({ maxRowsPerSplit = 0 }: DatasetLosses): number => maxRowsPerSplit;
  const isOneCap = new Set(datasets.map(capOf)).size === 1;
  return Object.fromEntries(
    datasets.map((dataset) => {
      const ages = `[${dataset.ages.join(', ')}]`;
      return [isOneCap ? ages : `${ages} cap ${capOf(dataset)}`, of(dataset)];
    }),
  );
}
