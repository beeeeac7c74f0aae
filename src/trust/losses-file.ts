import { z } from 'zod';
import { UserError } from '../user-error.ts';
import { type SweepLosses, TRUST_SETS, TRUST_SIDES, TRUST_SPLITS } from './losses.ts';

const sums = z.array(z.number());
const setDays = z.object({ sq: sums, pair2: z.array(sums).nullable() });
const splitDays = z.object({
  days: sums,
  rows: sums,
  pos: sums,
  constAbs: sums,
  constSq: sums,
  sets: z.record(z.enum(TRUST_SETS), setDays),
});
const side = z.object({ splits: z.record(z.enum(TRUST_SPLITS), splitDays) });
const schema = z.object({
  sweep: z.string(),
  datasets: z.array(
    z.object({
      id: z.union([z.number(), z.string()]),
      ages: z.array(z.number()),
      sides: z.record(z.enum(TRUST_SIDES), side),
    }),
  ),
  configurations: z.array(
    z.object({
      id: z.string(),
      dataset: z.union([z.number(), z.string()]),
      passed: z.boolean(),
      absErrorSums: z.record(z.string(), z.array(z.number().nullable())),
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
    throw new UserError(
      `${name}: ${key}: ${issue?.message ?? 'not losses of a sweep'}. The format is in docs/trust.md.`,
    );
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
  for (const { id, sides } of losses.datasets) {
    for (const sideName of TRUST_SIDES) {
      for (const split of TRUST_SPLITS) {
        const { days, sets, ...columns } = sides[sideName].splits[split];
        const where = `${name}: dataset ${id}, ${sideName} ${split}`;
        if (days.some((day, i) => i > 0 && !(day > days[i - 1]!)))
          throw new UserError(`${where}: days are not ascending.`);
        for (const [column, values] of Object.entries(columns)) {
          if (values.length !== days.length) {
            throw new UserError(`${where}: ${column} has ${values.length} values for ${days.length} days.`);
          }
        }
        for (const set of TRUST_SETS) {
          const { pair2 } = sets[set];
          if (pair2 !== null && (pair2.length !== days.length || pair2.some((row) => row.length !== days.length))) {
            throw new UserError(`${where}: ${set}.pair2 is not a table of ${days.length} × ${days.length} days.`);
          }
        }
      }
    }
  }
  return losses;
}
