/**
 * The way to a Huber fit, as data. Every fit is reached over stops that its own settings determine:
 *
 *   root       epsilon 1.35, alpha 0.001, no clip: from nothing
 *   waypoints  epsilon 1.35·1.2ᵏ, k = ±1, ±2, …, one from the other, to the one nearest to the fit's epsilon
 *   station    the fit's own epsilon
 *   clip       the fit's own clip, from the station without one
 *   fit        its own alpha
 *
 * Each is solved from the one before it. A sweep's fits share their stops, a fit by itself goes over all of its own, and
 * both arrive at the same bits.
 */

/** Where every trail begins: the seed's default epsilon and alpha. */
const ROOT_EPSILON = 1.35;
export const STOP_ALPHA = 0.001;

/** Epsilons of neighbouring waypoints stand in this ratio. */
const WAYPOINT_RATIO = 1.2;
/** 1.125: the next one down would be below 1, where the objective has no minimum. */
const FIRST_WAYPOINT = -1;
/** 5.8: beyond it so few rows are outliers that a last waypoint serves every larger epsilon. */
const LAST_WAYPOINT = 8;

/** Epsilon of waypoint k; by products, whose bits are the same on every engine. */
export function waypointEpsilon(index: number): number {
  let epsilon = ROOT_EPSILON;
  for (let k = 0; k < index; k += 1) epsilon *= WAYPOINT_RATIO;
  for (let k = 0; k > index; k -= 1) epsilon /= WAYPOINT_RATIO;
  return epsilon;
}

/** Number of the waypoint nearest to an epsilon, by ratio: negative below the root, 0 at it. */
export function waypointIndex(epsilon: number): number {
  let index = FIRST_WAYPOINT;
  // The middle between two waypoints is where epsilon² is the product of theirs.
  while (index < LAST_WAYPOINT && epsilon * epsilon > waypointEpsilon(index) * waypointEpsilon(index + 1)) index += 1;
  return index;
}

/** A stop, by what determines it. `waypoint` 0 is the root. */
export type StopName =
  | { readonly kind: 'waypoint'; readonly index: number }
  | { readonly kind: 'station'; readonly epsilon: number }
  | { readonly kind: 'clip'; readonly epsilon: number; readonly clip: number };

/** The stop that a stop is solved from; null for the root. */
export function stopBefore(stop: StopName): StopName | null {
  if (stop.kind === 'clip') return stationOf(stop.epsilon, Infinity);
  if (stop.kind === 'station') return { kind: 'waypoint', index: waypointIndex(stop.epsilon) };
  return stop.index === 0 ? null : { kind: 'waypoint', index: stop.index - Math.sign(stop.index) };
}

/** The last stop before a fit: at its own epsilon and clip. */
export function stationOf(epsilon: number, clip: number): StopName {
  if (clip !== Infinity) return { kind: 'clip', epsilon, clip };
  const index = waypointIndex(epsilon);
  return waypointEpsilon(index) === epsilon ? { kind: 'waypoint', index } : { kind: 'station', epsilon };
}

export function stopEpsilon(stop: StopName): number {
  return stop.kind === 'waypoint' ? waypointEpsilon(stop.index) : stop.epsilon;
}

export function stopClip(stop: StopName): number {
  return stop.kind === 'clip' ? stop.clip : Infinity;
}

/** Orders fits so that those with common stops stand together: outwards from the root, below it after above it. */
export function compareAlongTrail(a: { readonly epsilon: number }, b: { readonly epsilon: number }): number {
  const [i, j] = [waypointIndex(a.epsilon), waypointIndex(b.epsilon)];
  const arm = Number(i < 0) - Number(j < 0);
  return arm || Math.abs(i) - Math.abs(j) || a.epsilon - b.epsilon;
}
