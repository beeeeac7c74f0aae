import type { RegressorKind } from '../experiment/configuration.ts';
import type { NumericAxis } from './axis-values.ts';

/** What a person writes: a baseline run and the axes of a grid. An axis left out has the seed's default. */
export type SweepDefinition = {
  /** For editors only. */
  readonly $schema?: string | undefined;
  readonly name: string;
  readonly baseline: BaselineReference;
  readonly axes: SweepAxes;
  /** Whether runs seal the gates of what they judge where nothing else is said. No part of what the sweep is. */
  readonly seal?: boolean | undefined;
};

export type BaselineReference = {
  /** The folder that holds `trader-v4/runs/RUN_ID`. Written relative to the definition's file. */
  readonly dataRoot: string;
  readonly runId: string;
};

export type SweepAxes = {
  /** Each item is one ages set; order and duplicates within it do not matter. */
  readonly agesMinutes?: readonly (readonly number[])[] | undefined;
  readonly regressorKind?: readonly RegressorKind[] | undefined;
  readonly huberAlpha?: NumericAxis | undefined;
  readonly huberEpsilon?: NumericAxis | undefined;
  readonly huberMaxIter?: NumericAxis | undefined;
  readonly ridgeAlpha?: NumericAxis | undefined;
  /** 0: no clip. */
  readonly regressionTargetClipBps?: NumericAxis | undefined;
  /** 0: no cap. */
  readonly maxRowsPerSplit?: NumericAxis | undefined;
};
