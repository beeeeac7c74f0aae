import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DEFAULT_CACHE_BYTES } from '../../../src/dataset/cache-folder.ts';
import { contentHash } from '../../../src/dataset/content-hash.ts';
import { openStateRows } from '../../../src/dataset/open-state-rows.ts';
import { totalRows } from '../../../src/dataset/row-counts.ts';
import { composeStateFrame } from '../../../src/dataset/state-frame.ts';
import { createSharedMemory, SharedArena } from '../../../src/numerics/memory.ts';
import { KEEP_ALL } from '../../support/frame-of.ts';
import type { Random } from '../../support/random.ts';
import { TINY_DATA_ROOT } from '../../support/tiny-run.ts';
import { mutateBytes, mutateText } from '../mutations.ts';
import { check, outcomeOf } from '../outcome.ts';
import type { Reader } from '../readers.ts';

const AGES = [3, 5];
const MEMORY_BYTES = 64 * 2 ** 20;
/** Magic word, the header's length. */
const HEADER_START = 12;

/** Files of the cache of state rows. Nobody wrote them by hand: a damaged one is built anew and changes nothing. */
export const cacheFiles: Reader = {
  name: 'cache files',
  count: 700,
  prepare: async (folder) => {
    const expected = await hashOfRows(folder);
    const files = new Map<string, Buffer>();
    const names = (await readdir(folder)).filter((name) => name.endsWith('.rows'));
    for (const name of names.sort()) files.set(join(folder, name), await readFile(join(folder, name)));
    const tryInput = async (random: Random) => {
      for (const [path, bytes] of files) await writeFile(path, bytes);
      const [path, bytes] = random.pick([...files]);
      const headerEnd = HEADER_START + bytes.readUInt32LE(8);
      const kind = random.pick(['bytes', 'header', 'header text', 'another'] as const);
      if (kind === 'bytes') await writeFile(path, mutateBytes(bytes, random));
      else if (kind === 'another') await writeFile(path, random.pick([...files.values()]));
      else {
        const header = bytes.subarray(HEADER_START, headerEnd);
        const mutant = kind === 'header' ? mutateBytes(header, random) : mutateText(header.toString(), random);
        const start = Buffer.from(bytes.subarray(0, HEADER_START));
        if (random.chance(0.5)) start.writeUInt32LE(mutant.length, 8);
        await writeFile(path, Buffer.concat([start, mutant, bytes.subarray(headerEnd)]));
      }
      return outcomeOf(/cache/, async () => {
        check((await hashOfRows(folder)) === expected, `other rows than were cached (${kind})`);
      });
    };
    return { tryInput };
  },
};

async function hashOfRows(folder: string): Promise<string> {
  const cache = { folder, maxBytes: DEFAULT_CACHE_BYTES };
  using source = await openStateRows(TINY_DATA_ROOT, 'tiny', AGES, { cache });
  const rows = await source.fill(new SharedArena(createSharedMemory(MEMORY_BYTES)));
  await source.keep(rows);
  const counts = AGES.map((age) => totalRows([source.counts.get(age)!]));
  const hashes = [AGES, ...AGES.map((age) => [age])].map((agesMinutes) =>
    contentHash(composeStateFrame(rows, { ...KEEP_ALL, agesMinutes })),
  );
  return [...counts, ...hashes].join();
}
