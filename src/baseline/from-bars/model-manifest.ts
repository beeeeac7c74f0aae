import type { Json } from '../../canonical-json.ts';
import { FIT_SPLIT } from '../splits.ts';
import type { ContinueMetrics } from './continue-metrics.ts';
import { CLASSIFIER_L2, type FrozenTraining, RETURN_CLIP_BPS, RIDGE_ALPHA_PER_ROW } from './frozen-models.ts';

/** `model_train_manifest.json`: how the frozen models were trained, and the CONTINUE metrics that the report quotes. */
export function modelTrainManifest(runId: string, training: FrozenTraining, metrics: ContinueMetrics): Json {
  return {
    run_id: runId,
    FROZEN: {
      split_id: FIT_SPLIT,
      row_count: training.rowCount,
      class_counts: training.classCounts,
      classifier_l2: CLASSIFIER_L2,
      ridge_alpha: RIDGE_ALPHA_PER_ROW * training.rowCount,
      return_clip_bps: RETURN_CLIP_BPS,
      fits: Object.fromEntries(
        Object.entries(training.fits).map(([name, { iterations, gradMaxAbs }]) => {
          return [name, { iterations, max_abs_gradient: gradMaxAbs }];
        }),
      ),
    },
    CONTINUE: { metrics },
  };
}
