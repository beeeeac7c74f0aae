/**
 * The one shared memory of a run. Every large array is a view on it: the kernels read the same bytes, Arrow vectors
 * stand on them, and a worker thread receives the memory by reference, so memory grows with the data and not with the
 * number of threads.
 */

export const PAGE_BYTES = 65_536;
/** 32-bit addresses end here. */
export const MAX_MEMORY32_BYTES = 2 ** 32;
/** The largest memory with 64-bit addresses that engines make: 16 GiB. */
export const MAX_MEMORY_BYTES = 2 ** 34;
/** A cache line, so that no two threads' arrays share one and every SIMD load is aligned. */
const ALIGNMENT_BYTES = 64;

export function alignedSize(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
}

/**
 * A memory of at least `bytes`, fixed in size: growing would replace `memory.buffer`, and with it the identity that
 * lets two threads check that they look at one buffer. Pages are backed by the system only once they are written.
 *
 * Up to 4 GiB its addresses have 32 bits, which are a little faster, above 64.
 */
export function createSharedMemory(bytes: number): WebAssembly.Memory {
  const pages = Math.max(1, Math.ceil((bytes + ALIGNMENT_BYTES) / PAGE_BYTES));
  if (pages * PAGE_BYTES > MAX_MEMORY_BYTES) {
    throw new RangeError(`shared memory: ${bytes} bytes wanted, the largest has ${MAX_MEMORY_BYTES}`);
  }
  if (pages * PAGE_BYTES <= MAX_MEMORY32_BYTES) {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  }
  const descriptor = { address: 'i64', initial: BigInt(pages), maximum: BigInt(pages), shared: true };
  // TypeScript's descriptions of WebAssembly know 32-bit addresses only.
  return new WebAssembly.Memory(descriptor as unknown as WebAssembly.MemoryDescriptor);
}

/** Whether a memory's addresses have 64 bits: its size says so, in every thread. */
export function hasWideAddresses(memory: WebAssembly.Memory): boolean {
  return memory.buffer.byteLength > MAX_MEMORY32_BYTES;
}

/** `zeroed`, or as the bytes are: for arrays that are written before they are read. */
export type Fill = 'zeroed' | 'dirty';

/** Hands out consecutive, aligned views of a range of a memory; freed as a stack, by `release`. */
export class SharedArena {
  readonly memory: WebAssembly.Memory;
  readonly #end: number;
  #next: number;

  /** @param start, end byte range; by default the whole memory but its first bytes, so that no array lies at 0 */
  constructor(memory: WebAssembly.Memory, start = ALIGNMENT_BYTES, end = memory.buffer.byteLength) {
    this.memory = memory;
    this.#next = alignedSize(start);
    this.#end = end;
  }

  float32(length: number, fill: Fill = 'zeroed'): Float32Array<SharedArrayBuffer> {
    return new Float32Array(this.#buffer, this.#place(length * 4, fill), length);
  }

  float64(length: number, fill: Fill = 'zeroed'): Float64Array<SharedArrayBuffer> {
    return new Float64Array(this.#buffer, this.#place(length * 8, fill), length);
  }

  int32(length: number, fill: Fill = 'zeroed'): Int32Array<SharedArrayBuffer> {
    return new Int32Array(this.#buffer, this.#place(length * 4, fill), length);
  }

  int8(length: number, fill: Fill = 'zeroed'): Int8Array<SharedArrayBuffer> {
    return new Int8Array(this.#buffer, this.#place(length, fill), length);
  }

  uint8(length: number, fill: Fill = 'zeroed'): Uint8Array<SharedArrayBuffer> {
    return new Uint8Array(this.#buffer, this.#place(length, fill), length);
  }

  /** The offset of `bytes` fresh zero bytes. */
  take(bytes: number): number {
    const offset = this.reserve(bytes);
    new Uint8Array(this.#buffer, offset, this.#next - offset).fill(0);
    return offset;
  }

  /** The offset of `bytes` bytes that are left as they are: untouched pages of a fresh memory cost nothing. */
  reserve(bytes: number): number {
    const offset = this.#next;
    const next = alignedSize(offset + bytes);
    if (next > this.#end) {
      throw new RangeError(`shared memory: ${bytes} more bytes wanted at ${offset}, the range ends at ${this.#end}`);
    }
    this.#next = next;
    return offset;
  }

  /** The next `bytes` bytes as an arena of their own. */
  part(bytes: number): SharedArena {
    const start = this.reserve(bytes);
    return new SharedArena(this.memory, start, this.#next);
  }

  #place(bytes: number, fill: Fill): number {
    return fill === 'zeroed' ? this.take(bytes) : this.reserve(bytes);
  }

  /** The current top, to `release` to later. */
  mark(): number {
    return this.#next;
  }

  /** Frees everything taken since `mark`. Views on it must not be used again. */
  release(mark: number): void {
    this.#next = mark;
  }

  get freeBytes(): number {
    return this.#end - this.#next;
  }

  get #buffer(): SharedArrayBuffer {
    const { buffer } = this.memory;
    if (!(buffer instanceof SharedArrayBuffer)) throw new TypeError('the arena needs a shared memory');
    return buffer;
  }
}
