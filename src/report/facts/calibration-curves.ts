import type { CalibrationCurve, CalibrationFacts, SplitName } from '../../page-data/report.ts';
import type { DatasetRecord } from '../../store/records.ts';
import { type DatasetLosses, TRUST_SETS, TRUST_SIDES } from '../../trust/losses.ts';
import { REPORT_SPLITS } from './report-source.ts';
import { listText } from './words.ts';

/**
 * Whether a classifier's probabilities are the shares that came: by deciles, of each dataset, side, set and split.
 *
 * @param datasets as the report lists them
 * @param isOpen whether a dataset's locked splits were shown to anybody
 * @returns null where the store has none of them
 */
export function calibrationFacts(
  datasets: readonly DatasetRecord[],
  losses: readonly DatasetLosses[],
  isOpen: (dataset: DatasetRecord) => boolean,
): CalibrationFacts | null {
  const curves = datasets.flatMap((dataset, place) => {
    const found = losses.find(({ id }) => id === dataset.contentHash);
    if (found === undefined) return [];
    return curvesOf(found, place).filter(({ split }) => split === 'tune' || isOpen(dataset));
  });
  if (curves.length === 0) return null;
  return {
    question: 'Are the probabilities what they say?',
    howToRead:
      'Rows of a split in ten equal parts by the probability that the classifier gave them: across what it said, upwards what came. On the diagonal both are equal.',
    finding: findingOf(curves),
    curves,
  };
}

function curvesOf({ sides }: DatasetLosses, dataset: number): CalibrationCurve[] {
  return TRUST_SIDES.flatMap((side) =>
    REPORT_SPLITS.flatMap((split) =>
      TRUST_SETS.flatMap((set): CalibrationCurve[] => {
        const bins = sides[side].splits[split].sets[set].calibration;
        if (bins === undefined || bins.length === 0) return [];
        return [
          {
            dataset,
            side: side === 'long' ? 'LONG' : 'SHORT',
            set,
            split,
            bins: bins.map(({ rows, positives, meanPredicted }) => ({
              rows,
              meanProbability: meanPredicted,
              sharePositive: positives / rows,
            })),
          },
        ];
      }),
    ),
  );
}

/** How far, over all datasets and both sides, what came lies from what was said: the mean distance of a row's bin. */
function findingOf(curves: readonly CalibrationCurve[]): string {
  const distances = REPORT_SPLITS.flatMap((split) => {
    let rows = 0;
    let sum = 0;
    for (const curve of curves) {
      if (curve.split !== split || curve.set !== 'market_plus_state') continue;
      for (const bin of curve.bins) {
        rows += bin.rows;
        sum += bin.rows * Math.abs(bin.sharePositive - bin.meanProbability);
      }
    }
    return rows === 0 ? [] : [`${((100 * sum) / rows).toFixed(1)} percentage points on ${SHORT_NAMES[split]}`];
  });
  return `With the position's state, what came lies off what was said by ${listText(distances)}.`;
}

const SHORT_NAMES: Readonly<Record<SplitName, string>> = {
  tune: 'tune',
  validation_locked: 'locked',
  latest_stress: 'stress',
};
