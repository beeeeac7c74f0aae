import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  compareAlongTrail,
  type StopName,
  stationOf,
  stopBefore,
  stopClip,
  stopEpsilon,
  waypointEpsilon,
  waypointIndex,
} from '../../../src/numerics/solvers/huber/trail.ts';

/** The stops of a fit, from the first. */
function trailOf(epsilon: number, clip: number): StopName[] {
  const stops: StopName[] = [];
  for (let stop: StopName | null = stationOf(epsilon, clip); stop !== null; stop = stopBefore(stop))
    stops.unshift(stop);
  return stops;
}

describe('the trail of a fit', () => {
  test('leads from the root over waypoints to its own epsilon, then to its clip', () => {
    assert.deepEqual(trailOf(1.35, Infinity), [{ kind: 'waypoint', index: 0 }]);
    assert.deepEqual(trailOf(1.4, Infinity), [
      { kind: 'waypoint', index: 0 },
      { kind: 'station', epsilon: 1.4 },
    ]);
    assert.deepEqual(trailOf(2, 40), [
      { kind: 'waypoint', index: 0 },
      { kind: 'waypoint', index: 1 },
      { kind: 'waypoint', index: 2 },
      { kind: 'station', epsilon: 2 },
      { kind: 'clip', epsilon: 2, clip: 40 },
    ]);
    assert.deepEqual(trailOf(1.1, Infinity).slice(0, 2), [
      { kind: 'waypoint', index: 0 },
      { kind: 'waypoint', index: -1 },
    ]);
    assert.deepEqual(
      trailOf(waypointEpsilon(2), 30).map(({ kind }) => kind),
      ['waypoint', 'waypoint', 'waypoint', 'clip'],
    );
  });

  test('goes through the waypoint nearest to its epsilon by ratio, for any epsilon', () => {
    for (let k = -1; k <= 8; k += 1) assert.equal(waypointIndex(waypointEpsilon(k)), k);
    for (let epsilon = 1; epsilon < 12; epsilon *= 1.003) {
      const nearest = Array.from({ length: 10 }, (_, i) => i - 1).reduce((best, k) =>
        Math.abs(Math.log(epsilon / waypointEpsilon(k))) < Math.abs(Math.log(epsilon / waypointEpsilon(best)))
          ? k
          : best,
      );
      assert.equal(waypointIndex(epsilon), nearest, `epsilon ${epsilon}`);
    }
    for (const epsilon of [1e9, 1e155, 1e300, Number.MAX_VALUE]) assert.equal(waypointIndex(epsilon), 8);
  });

  test('a stop knows its epsilon and its clip', () => {
    assert.equal(stopEpsilon({ kind: 'waypoint', index: 1 }), 1.35 * 1.2);
    assert.equal(stopEpsilon(stationOf(1.7, 20)), 1.7);
    assert.equal(stopClip(stationOf(1.7, 20)), 20);
    assert.equal(stopClip(stationOf(1.7, Infinity)), Infinity);
  });

  test('fits in its order have their common stops together: outwards from the root, above it before below it', () => {
    const epsilons = [2.4, 1.05, 1.35, 1.4, 1.6, 1.15, 9];
    const sorted = epsilons.map((epsilon) => ({ epsilon })).sort(compareAlongTrail);
    assert.deepEqual(
      sorted.map(({ epsilon }) => epsilon),
      [1.35, 1.4, 1.6, 2.4, 9, 1.05, 1.15],
    );
  });
});
