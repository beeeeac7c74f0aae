import type { PointSums } from '../certify.ts';
import type { SharedArena } from '../memory.ts';
import type { RegressionData, TargetSums } from '../regression-data.ts';
import type { Workspace } from '../workspace.ts';
import type { HuberPoint } from './active-set.ts';
import { Partition } from './partition.ts';

/** A solution on the way to others. */
export type StopPoint = HuberPoint & { readonly epsilon: number };

/** The stops of a path that a fit came by: what lies near it, and follows from its own settings. */
export type Stops = { readonly waypoint: StopPoint; readonly station: StopPoint };

/**
 * What fits are certified by: sums that are taken from the rows again at each waypoint, and share nothing with those that
 * the solver keeps up to date on its way. At a waypoint every row is put where it is and the outliers' sums are made in
 * one go; a station's are the waypoint's and the rows that stand elsewhere; a fit's are the station's and the rows that
 * stand elsewhere. So a certificate is three sums away from the data, whatever the solver has done before.
 */
export class HuberWitness {
  readonly #atWaypoint: Partition;
  readonly #atStation: Partition;
  #waypoint: StopPoint | undefined;
  #station: StopPoint | undefined;
  #targets: TargetSums | undefined;

  /** @param arena where the witness keeps its partitions for as long as it lives */
  constructor(workspace: Workspace, arena: SharedArena, data: RegressionData) {
    this.#atWaypoint = new Partition(workspace, arena, data);
    this.#atStation = new Partition(workspace, arena, data);
  }

  /** Partitions that a witness keeps. */
  static readonly PARTITIONS = 2;

  /** A certificate's sums at a point near these stops. */
  sumsAt(targets: TargetSums, stops: Stops, point: HuberPoint, epsilon: number): PointSums {
    this.#goTo(targets, stops);
    return this.#atStation.sumsAt(point.coef, point.scale, epsilon);
  }

  #goTo(targets: TargetSums, { waypoint, station }: Stops): void {
    if (this.#waypoint !== waypoint || this.#targets !== targets) {
      this.#atWaypoint.reset(targets);
      this.#atWaypoint.move(waypoint.coef, waypoint.epsilon * waypoint.scale);
      this.#waypoint = waypoint;
      this.#targets = targets;
      this.#station = undefined;
    }
    if (this.#station !== station) {
      this.#atStation.copyFrom(this.#atWaypoint);
      this.#atStation.move(station.coef, station.epsilon * station.scale);
      this.#station = station;
    }
  }
}
