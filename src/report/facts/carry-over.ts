import { MAE_RATIO_MAX } from '../../experiment/gates.ts';
import { GATE_SPLITS } from '../../experiment/results.ts';
import type { CarryOverFacts, CarryOverSplit, Density, GateSplitName } from '../../page-data/report.ts';
import { rankCorrelation } from './rank-correlation.ts';
import type { ReportTable } from './report-table.ts';
import { rhoText } from './words.ts';

const LOCKED_SPLITS: readonly GateSplitName[] = GATE_SPLITS;

/** Whether the order by tune is that of later splits, over all and within each ages set: ages alone may order the rows. */
export function carryOverFacts(table: ReportTable, isSampled: boolean): CarryOverFacts {
  const byAges = Map.groupBy(table.judged.keys(), (row) => table.judged[row]!.configuration.agesMinutes.join());
  const splits = LOCKED_SPLITS.map((split): CarryOverSplit => {
    const [x, y] = [table.mae.tune, table.mae[split]];
    const rho = rankCorrelation(x, y);
    const within = [...byAges].map(([ages, rows]) => ({ ages, count: rows.length, rho: rankCorrelation(x, y, rows) }));
    return {
      split,
      finding:
        rho === null
          ? 'too few different results for a rank correlation'
          : `rank correlation ρ ${rhoText(rho)}${withinText(within)}`,
      x: 'mae_tune',
      y: `mae_${split}`,
      limit: MAE_RATIO_MAX,
      count: table.judged.length,
      rho,
      within,
      density: isSampled ? densityOf(table, x, y) : null,
    };
  });
  return {
    question: 'Does the order by tune carry over?',
    howToRead:
      'If choosing by tune says nothing about later data, the table below is a lottery. Mean of both sides; the gate is for each side.',
    finding: `${splits.map(({ split, finding }) => `${splitLabel(split)}: ${finding}`).join('. ')}.`,
    splits,
  };
}

export function splitLabel(split: GateSplitName): string {
  return split === 'validation_locked' ? 'Locked' : 'Stress';
}

/** `; within one ages set 0.68 to 0.83`. */
function withinText(within: CarryOverSplit['within']): string {
  const rhos = within.flatMap(({ rho }) => rho ?? []).sort((a, b) => a - b);
  if (within.length < 2 || rhos.length === 0) return '';
  const [least, greatest] = [rhoText(rhos[0]!), rhoText(rhos.at(-1)!)];
  return `; within one ages set ${least === greatest ? least : `${least} to ${greatest}`}`;
}

const RASTER = { columns: 80, lines: 50 };

/** Counts of all rows on a raster over the range of both. */
function densityOf({ verdicts }: ReportTable, x: Float64Array, y: Float64Array): Density | null {
  const known = [...x.keys()].filter((i) => Number.isFinite(x[i]!) && Number.isFinite(y[i]!));
  if (known.length === 0) return null;
  const rangeOf = (values: Float64Array): [number, number] => {
    let [least, greatest] = [Infinity, -Infinity];
    for (const i of known) {
      least = Math.min(least, values[i]!);
      greatest = Math.max(greatest, values[i]!);
    }
    return [least, greatest];
  };
  const [rangeX, rangeY] = [rangeOf(x), rangeOf(y)];
  const counts = new Array<number>(RASTER.columns * RASTER.lines).fill(0);
  const passes = [...counts];
  const place = (value: number, [least, greatest]: readonly [number, number], parts: number): number =>
    greatest === least ? 0 : Math.min(parts - 1, Math.floor(((value - least) / (greatest - least)) * parts));
  for (const i of known) {
    const cell = place(x[i]!, rangeX, RASTER.columns) + RASTER.columns * place(y[i]!, rangeY, RASTER.lines);
    counts[cell]! += 1;
    if (verdicts[i] === 'pass') passes[cell]! += 1;
  }
  return { x: rangeX, y: rangeY, ...RASTER, counts, passes };
}
