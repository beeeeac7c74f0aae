import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SCENARIO_NAMES, type ScenarioName, tryFaults } from './all-faults.ts';

/** The short form of `npm run test:faults`: a few tries of each fault. */
const SEED = 20_261_122;

const PROMISES: Readonly<Record<ScenarioName, string>> = {
  killedCoordinator: 'a sweep killed at any moment and run again becomes what it is undisturbed, bit for bit',
  killedFiles: 'an experiment killed while it replaces its nine files leaves a whole set of them',
  brokenWorkers: 'a configuration that breaks its worker fails alone, at the most',
  everyWorkerDies: 'a sweep whose every configuration kills its worker ends, each stored as an error',
  interrupted:
    'Ctrl-C, or a terminal that is closed, stores what is in hand, a second one ends at once, and the same command goes on; the time of a stopped process does not count',
  twoRuns: 'of two runs on one store the second is refused or waits, and both end right',
  fullDisk: 'on a full disk a sweep stops with one line, keeps what it has, and goes on when there is room',
  readOnlyStore: 'a store on a read-only file system can be read; writing it is refused in one line',
  changedBaseline: 'a baseline file that changes during a run gives verdicts of what was read, or a line that names it',
  damagedCache: 'a damaged cache changes no verdict',
  clockSetBack: 'a clock that goes back changes nothing',
  foreignCache: 'files of others in the cache are left alone, and cost no more than time',
  fetchedData:
    'a baseline run that is fetched over links that break, or onto a disk that is full, is whole in the end, and fetched once a machine',
  killedShards:
    'shards in any order, on either Node, some killed and run again, merge to what one undisturbed run holds; damage is told',
  manyMachines:
    'workers, coordinators and servers that die, stop or have other data change nothing of what a sweep on many machines comes to',
  distrustedMachines:
    'a worker of other code is given nothing, and one that stores other numbers than it finds is found by the audit of another',
  crowdedMachines:
    'more workers than a server has connections for wait for one, directly or through PgBouncer, and come to the same',
  foreignStore: 'whatever others do to a store, a run that says that all is judged has stored it where it says',
};

describe('faults', () => {
  for (const name of SCENARIO_NAMES) {
    test(PROMISES[name], async (t) => {
      const rows = await tryFaults([name], 'short', SEED, (line) => t.diagnostic(line));
      const problems = rows.flatMap(({ fault, lost, wrong }) => [...lost, ...wrong].map((line) => `${fault}: ${line}`));
      assert.deepEqual(problems, [], `seed ${SEED}`);
      for (const { fault, tried, happened } of rows) {
        if (tried === 0) t.diagnostic(`${fault}: ${happened}`);
        assert.ok(tried > 0 || happened.startsWith('not tried:'), fault);
      }
    });
  }
});
