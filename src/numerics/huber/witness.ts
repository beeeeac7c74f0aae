import type { PointSums } from '../certify.ts';
import type { SharedArena } from '../memory.ts';
import type { RegressionData, TargetSums } from '../regression-data.ts';
import type { Workspace } from '../workspace.ts';
import type { HuberPoint } from './active-set.ts';
import { Partition } from './partition.ts';

/** A solution on the way to others. */
export type StopPoint = HuberPoint & { readonly epsilon: number };

/** The stops of a path that a fit came by: what lies near it, and follows from its own settings. */
export type Stops = {
  /** the root, and the waypoints from there to the nearest one */
  readonly waypoints: readonly StopPoint[];
  readonly waypoint: StopPoint;
  readonly station: StopPoint;
};

/**
 * What fits are certified by: sums that are taken from the rows again at each path's root, and share nothing with those
 * that the solver keeps up to date on its way. At the root every row is put where it is and the outliers' sums are made in
 * one go; a waypoint's are those of the one before it and the rows that stand elsewhere, a station's are its waypoint's, a
 * fit's are its station's. So a certificate is a handful of sums away from the data, whatever the solver has done.
 */
export class HuberWitness {
  readonly #atRoot: Partition;
  readonly #atWaypoint: Partition;
  readonly #atStation: Partition;
  /** the waypoints that `#atWaypoint` has come by */
  #waypoints: readonly StopPoint[] = [];
  #station: StopPoint | undefined;
  #targets: TargetSums | undefined;

  /** @param arena where the witness keeps its partitions for as long as it lives */
  constructor(workspace: Workspace, arena: SharedArena, data: RegressionData) {
    this.#atRoot = new Partition(workspace, arena, data);
    this.#atWaypoint = new Partition(workspace, arena, data);
    this.#atStation = new Partition(workspace, arena, data);
  }

  /** Partitions that a witness keeps. */
  static readonly PARTITIONS = 3;

  /** A certificate's sums at a point near these stops. */
  sumsAt(targets: TargetSums, stops: Stops, point: HuberPoint, epsilon: number): PointSums {
    this.#goTo(targets, stops);
    return this.#atStation.sumsAt(point.coef, point.scale, epsilon);
  }

  #goTo(targets: TargetSums, { waypoints, station }: Stops): void {
    const root = waypoints[0]!;
    if (this.#targets !== targets || this.#waypoints[0] !== root) {
      this.#targets = targets;
      this.#atRoot.reset(targets);
      moveTo(this.#atRoot, root);
      this.#startFrom(root);
    }
    const isOnTheWay = this.#waypoints.every((point, i) => point === waypoints[i]);
    if (!isOnTheWay) this.#startFrom(root);
    for (const waypoint of waypoints.slice(this.#waypoints.length)) {
      moveTo(this.#atWaypoint, waypoint);
      this.#station = undefined;
    }
    this.#waypoints = waypoints;
    if (this.#station !== station) {
      this.#atStation.copyFrom(this.#atWaypoint);
      moveTo(this.#atStation, station);
      this.#station = station;
    }
  }

  #startFrom(root: StopPoint): void {
    this.#atWaypoint.copyFrom(this.#atRoot);
    this.#waypoints = [root];
    this.#station = undefined;
  }
}

function moveTo(partition: Partition, { coef, scale, epsilon }: StopPoint): void {
  partition.move(coef, epsilon * scale);
}
