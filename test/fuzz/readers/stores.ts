import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { openVerdictStore } from '../../../src/store/open-verdict-store.ts';
import {
  beginSyntheticRun,
  SYNTHETIC_END,
  syntheticConfigurations,
  syntheticDataset,
  syntheticOutcome,
} from '../../store/synthetic.ts';
import type { Random } from '../../support/random.ts';
import { mutateBytes } from '../mutations.ts';
import { check, outcomeOf } from '../outcome.ts';
import type { Reader } from '../readers.ts';

const CONFIGURATIONS = 12;

/** A store's file: what is shown of a damaged one is what was stored, or it is refused by name. */
export const stores: Reader = {
  name: 'store files (SQLite)',
  count: 600,
  prepare: async (folder) => {
    const path = join(folder, 'sweeps.db');
    const dataset = syntheticDataset();
    const all = syntheticConfigurations(600).map((record) => ({ record, outcome: syntheticOutcome(record) }));
    const some = all.filter(({ outcome }) => outcome.datasetHash === dataset.contentHash).slice(0, CONFIGURATIONS);
    const outcomes = new Map(some.map(({ record, outcome }) => [record.id, outcome]));
    {
      await using store = await openVerdictStore(path, { mode: 'write' });
      const records = some.map(({ record }) => record);
      const runId = await beginSyntheticRun(store, records);
      await store.finishRun(runId, SYNTHETIC_END, await store.record(runId, [...outcomes.values()]));
    }
    const real = await readFile(path);
    const mutantPath = join(folder, 'hostile.db');
    const tryInput = async (random: Random) => {
      await writeFile(mutantPath, mutateBytes(real, random));
      for (const ending of ['-wal', '-shm', '-journal']) {
        await writeFile(
          `${mutantPath}${ending}`,
          random.chance(0.1) ? mutateBytes(real.subarray(0, 9000), random) : '',
        );
      }
      return outcomeOf(/hostile\.db/, async () => {
        await using store = await openVerdictStore(mutantPath, { mode: random.chance(0.7) ? 'read' : 'write' });
        await store.sweeps();
        for (const { configurationId } of (await store.outcomes()).judged) {
          const found = await store.find(configurationId);
          const recorded = outcomes.get(configurationId);
          check(recorded?.kind === 'completed' && found.kind === 'completed', `${configurationId} was never stored so`);
          if (recorded?.kind !== 'completed' || found.kind !== 'completed') return;
          check(isDeepStrictEqual(found.result, recorded.result), `${configurationId}: another result`);
        }
        await store.check();
      });
    };
    return { tryInput };
  },
};
