import { z } from 'zod';
import { countOf } from '../counts.ts';
import { UserError } from '../user-error.ts';
import { pairsByCell } from './day-cells.ts';
import {
  type DatasetLosses,
  dailySums,
  type SetDays,
  type SplitDays,
  type SweepLosses,
  TRUST_SETS,
  TRUST_SIDES,
  TRUST_SPLITS,
  type TrustSide,
} from './losses.ts';

const sums = z.array(z.number());
/** Null where gates are sealed: nobody was told. */
const figures = z.array(
  z
    .number()
    .nullable()
    .transform((value) => value ?? Number.NaN),
);
const calibration = z.array(z.object({ rows: z.number(), positives: z.number(), meanPredicted: z.number() }));
const setDays = z.object({ sq: figures, pair2: z.array(sums).nullable(), calibration: calibration.optional() });
const splitDays = z.object({
  days: sums,
  rows: sums,
  pos: figures,
  constAbs: figures,
  constSq: figures,
  cells: z.array(z.int().nonnegative()).optional(),
  sets: z.record(z.enum(TRUST_SETS), setDays),
});
const side = z.object({ splits: z.record(z.enum(TRUST_SPLITS), splitDays) });
const settings = z.object({
  parameters: z.record(z.string(), z.union([z.number(), z.string(), sums])),
  plainness: sums,
});
const schema = z.object({
  sweep: z.string(),
  datasets: z.array(
    z.object({
      id: z.union([z.number(), z.string()]),
      ages: z.array(z.number()),
      maxRowsPerSplit: z.number().optional(),
      run: z.string().optional(),
      sides: z.record(z.enum(TRUST_SIDES), side),
    }),
  ),
  configurations: z.array(
    z.object({
      id: z.string(),
      dataset: z.union([z.number(), z.string()]),
      passed: z.boolean().nullable(),
      unconverged: z.boolean().optional(),
      place: z.number().optional(),
      settings: settings.optional(),
      absErrorSums: z
        .record(z.string(), z.array(z.number().nullable()))
        .transform((sums) => dailySums(Object.entries(sums))),
    }),
  ),
  bars: z.partialRecord(z.enum(TRUST_SPLITS), z.record(z.string(), z.number())).optional(),
});

/**
 * A sweep's losses by day, read from a file: checked, so that nothing behind it has to.
 *
 * @param name of the file, for the message
 * @throws UserError that names the key, the rule and the remedy
 */
export function parseLosses(json: unknown, name: string): SweepLosses {
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const key = issue === undefined || issue.path.length === 0 ? 'the file' : issue.path.join('.');
    // As all else of the program says it.
    const rule = issue?.message.replace(/^Invalid \w+: /, '').replace(', received ', ', got ');
    throw new UserError(`${name}: ${key}: ${rule ?? 'not losses of a sweep'}. The format is in docs/trust.md.`);
  }
  const losses = parsed.data;
  const ids = new Set(losses.datasets.map(({ id }) => id));
  for (const { id, dataset } of losses.configurations) {
    if (!ids.has(dataset)) {
      throw new UserError(
        `${name}: configuration ${id}: dataset ${dataset} is not among the file's datasets (${[...ids].join(', ')}).`,
      );
    }
  }
  const runs = [...new Set(losses.datasets.flatMap(({ run }) => run ?? []))];
  if (runs.length > 1) {
    throw new UserError(
      `${name}: its datasets are of ${countOf(runs.length, 'baseline run')} (${runs.join(', ')}): blocks of days are of one. Give a file for each.`,
    );
  }
  return { ...losses, datasets: losses.datasets.map((dataset) => checkedDataset(dataset, name)) };
}

/** A dataset whose tables fit their days, with pairs by cell where its file has cells. */
function checkedDataset(dataset: DatasetLosses, name: string): DatasetLosses {
  const sideOf = (side: TrustSide): DatasetLosses['sides'][TrustSide] => {
    const [tune, validation, stress] = TRUST_SPLITS.map((split) =>
      checkedSplit(dataset.sides[side].splits[split], `${name}: dataset ${dataset.id}, ${side} ${split}`),
    );
    return { splits: { tune: tune!, validation_locked: validation!, latest_stress: stress! } };
  };
  return { ...dataset, sides: { long: sideOf('long'), short: sideOf('short') } };
}

function checkedSplit(split: SplitDays, where: string): SplitDays {
  const { days, rows, pos, constAbs, constSq, cells, sets } = split;
  const n = days.length;
  if (days.some((day, i) => i > 0 && !(day > days[i - 1]!))) throw new UserError(`${where}: days are not ascending.`);
  for (const [column, values] of Object.entries({ rows, pos, constAbs, constSq, cells })) {
    if (values !== undefined && values.length !== n) {
      throw new UserError(`${where}: ${column} has ${countOf(values.length, 'value')} for ${countOf(n, 'day')}.`);
    }
  }
  if (cells?.some((cell, i) => cell !== (cells[i - 1] ?? -1) && cell !== (cells[i - 1] ?? -1) + 1)) {
    throw new UserError(`${where}: cells are not 0, 1, 2 … ascending, each with the days that are in it.`);
  }
  for (const set of TRUST_SETS) {
    const { pair2 } = sets[set];
    if (pair2 !== null && (pair2.length !== n || pair2.some((row) => row.length !== n))) {
      throw new UserError(`${where}: ${set}.pair2 is not a table of ${n} × ${countOf(n, 'day')}.`);
    }
  }
  const byCell = (set: SetDays): SetDays =>
    cells === undefined || set.pair2 === null ? set : { ...set, pair2: pairsByCell(set.pair2, cells) };
  return {
    ...split,
    sets: { market_only: byCell(sets.market_only), market_plus_state: byCell(sets.market_plus_state) },
  };
}
