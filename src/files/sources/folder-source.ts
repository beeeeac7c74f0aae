import { createHash } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expectFolder } from '../../expected-folder.ts';
import { makeFolders } from '../../make-folders.ts';
import { systemWords } from '../../system-words.ts';
import { UserError } from '../../user-error.ts';
import { writeFileWhole } from '../../whole-files.ts';
import { sha256OfFile } from '../sha256-of-file.ts';
import type { DataDestination, OpenedBytes } from './data-source.ts';

/** Published data in a folder, on this machine or shared. */
export function folderSource(folder: string, name: string): DataDestination {
  return {
    name,
    open: async (path, fromByte) => {
      const file = await openFile(join(folder, path), `${name}/${path}`);
      if (file === null) {
        expectFolder(folder, 'a folder', 'Name the place that `sweep data publish` was given', `data ${name}`);
        // A folder that is not there at all is a slip or a share that is not mounted, and not one that lacks the run.
        if (!existsSync(folder))
          throw new UserError(
            `data ${name}: no such folder. Mount it, or name the place that \`sweep data publish\` was given`,
          );
        return null;
      }
      return { fromByte, chunks: chunksOf(file, fromByte, `${name}/${path}`) } satisfies OpenedBytes;
    },
    has: async (path, { size, sha256 }) => {
      const found = await sha256OfFile(join(folder, path)).catch(() => null);
      return found !== null && found.size === size && found.sha256 === sha256;
    },
    putFile: (path, from, { size, sha256 }) =>
      written(name, async () => {
        makeFolders(dirname(join(folder, path)));
        await writeFileWhole(join(folder, path), async (file) => {
          const hash = createHash('sha256');
          let count = 0;
          await using source = await open(from);
          for await (const chunk of source.createReadStream({ autoClose: false })) {
            hash.update(chunk);
            count += chunk.length;
            await file.writeFile(chunk);
          }
          if (count !== size || hash.digest('hex') !== sha256) {
            throw new UserError(`${from}: was changed while it was published. Publish it again`);
          }
          await file.sync();
        });
      }),
    putText: (path, text) =>
      written(name, async () => {
        makeFolders(dirname(join(folder, path)));
        await writeFileWhole(join(folder, path), async (file) => {
          await file.writeFile(text);
          await file.sync();
        });
      }),
  };
}

/** Links are not followed: what is published are files. */
async function openFile(path: string, shown: string): Promise<FileHandle | null> {
  try {
    // Without waiting for a pipe's writer.
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if ((await file.stat()).isFile()) return file;
    await file.close();
    throw new UserError(`data ${shown}: expected a file`);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    if (code === 'ELOOP') throw new UserError(`data ${shown}: is a link, and links are not followed`, { cause: error });
    if (error instanceof UserError) throw error;
    throw new UserError(`data ${shown}: cannot be read (${systemWords(error)})`, { cause: error });
  }
}

async function* chunksOf(file: FileHandle, fromByte: number, shown: string): AsyncIterable<Uint8Array> {
  try {
    yield* file.createReadStream({ start: fromByte, autoClose: false, highWaterMark: PIECE_BYTES });
  } catch (error) {
    throw new UserError(`data ${shown}: cannot be read (${systemWords(error)})`, { cause: error });
  } finally {
    await file.close();
  }
}

const PIECE_BYTES = 2 ** 20;

async function written(name: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`data ${name}: cannot be written (${systemWords(error)})`, { cause: error });
  }
}
