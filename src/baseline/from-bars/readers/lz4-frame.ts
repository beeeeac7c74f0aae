/**
 * Unpacks an LZ4 frame, which pandas packs feather files with unless it is told otherwise and neither Node nor Arrow
 * unpacks. Checksums are passed over: Arrow's own lengths are checked against what comes.
 *
 * @param largest the most bytes that may come out
 * @throws Error when the frame is damaged, or more comes out
 * Source: LZ4 frame format 1.6.4 and block format, github.com/lz4/lz4/tree/dev/doc.
 */
export function unpackLz4Frame(packed: Uint8Array, largest: number): Uint8Array {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  if (packed.length < 7 || view.getUint32(0, true) !== 0x184d2204) throw new Error('LZ4: no frame begins here');
  const flags = packed[4]!;
  if (flags >> 6 !== 1) throw new Error(`LZ4: frame version ${flags >> 6}`);
  const hasBlockChecksum = (flags & 0x10) !== 0;
  let at = 7 + ((flags & 0x08) !== 0 ? 8 : 0) + ((flags & 0x01) !== 0 ? 4 : 0);
  const out = new GrowingBytes(Math.min(largest, packed.length * 4), largest);
  for (;;) {
    if (at + 4 > packed.length) throw new Error('LZ4: cut short');
    const size = view.getUint32(at, true);
    at += 4;
    if (size === 0) return out.bytes();
    const length = size & 0x7fff_ffff;
    if (at + length > packed.length) throw new Error('LZ4: cut short');
    const block = packed.subarray(at, at + length);
    if (size >>> 31 === 1) out.append(block);
    else unpackBlock(block, out);
    at += length + (hasBlockChecksum ? 4 : 0);
  }
}

/** Sequences of literals and of matches, which repeat what came out up to 65,535 bytes before, in this block or another. */
function unpackBlock(block: Uint8Array, out: GrowingBytes): void {
  let at = 0;
  const next = (): number => {
    const byte = block[at];
    if (byte === undefined) throw new Error('LZ4: cut short');
    at += 1;
    return byte;
  };
  const longer = (length: number): number => {
    let total = length;
    if (length === 15) {
      let byte: number;
      do {
        byte = next();
        total += byte;
      } while (byte === 255);
    }
    return total;
  };
  for (;;) {
    const token = next();
    const literals = longer(token >> 4);
    if (at + literals > block.length) throw new Error('LZ4: cut short');
    out.append(block.subarray(at, at + literals));
    at += literals;
    if (at === block.length) return;
    const distance = next() + 256 * next();
    out.repeat(distance, longer(token & 15) + 4);
  }
}

class GrowingBytes {
  readonly #largest: number;
  #bytes: Uint8Array;
  #length = 0;

  constructor(expected: number, largest: number) {
    this.#bytes = new Uint8Array(expected);
    this.#largest = largest;
  }

  append(bytes: Uint8Array): void {
    this.#need(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  repeat(distance: number, length: number): void {
    if (distance === 0 || distance > this.#length) throw new Error('LZ4: a match before the beginning');
    this.#need(length);
    // Byte by byte: a match may repeat what it has just written.
    for (let i = 0; i < length; i += 1) this.#bytes[this.#length + i] = this.#bytes[this.#length + i - distance]!;
    this.#length += length;
  }

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #need(more: number): void {
    const needed = this.#length + more;
    if (needed > this.#largest) throw new Error(`LZ4: more than ${this.#largest} bytes`);
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.min(this.#largest, Math.max(needed, 2 * this.#bytes.length)));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}
