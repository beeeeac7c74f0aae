import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

/** Size and SHA-256 of a file, read piece by piece into one buffer. @throws an error of the system */
export async function sha256OfFile(path: string): Promise<{ readonly size: number; readonly sha256: string }> {
  await using file = await open(path);
  const hash = createHash('sha256');
  const piece = new Uint8Array(PIECE_BYTES);
  let size = 0;
  for (;;) {
    const { bytesRead } = await file.read(piece);
    if (bytesRead === 0) return { size, sha256: hash.digest('hex') };
    hash.update(piece.subarray(0, bytesRead));
    size += bytesRead;
  }
}

const PIECE_BYTES = 2 ** 20;
