import { alignedSize, createSharedMemory, SharedArena } from '../../src/numerics/memory.ts';
import { type Partition, PartitionStock } from '../../src/numerics/solvers/huber/partition.ts';
import { Workspace } from '../../src/numerics/workspace.ts';

/** What memory holds that nobody has written: as float32 and float64 no number, or one among others. As int8 no sign. */
export const POISONS = [0x7ff5a5d7, 0x41424344] as const;
/** What stands before and behind each array, and must still stand there when it is freed. */
const GUARD = 0x7ff6b6e8;
/** More than the widest SIMD access, and more than one row of a small matrix. */
const GUARD_BYTES = 256;

type Region = { readonly start: number; readonly at: number; readonly bytes: number };

/**
 * An arena that shows what a computation may not do with it. Arrays that are not asked for as zeros, and all that were freed,
 * hold `poison`: a value that was read without having been written moves with it. Guards on both sides of each array show
 * what was written beside it.
 */
export class CheckedArena extends SharedArena {
  readonly #poison: number;
  readonly #regions: Region[] = [];

  constructor(memory: WebAssembly.Memory, poison: number) {
    super(memory);
    this.#poison = poison;
    fillWords(memory, this.mark(), this.mark() + this.freeBytes, poison);
  }

  override reserve(bytes: number): number {
    const size = alignedSize(bytes);
    const start = super.reserve(size + 2 * GUARD_BYTES);
    const at = start + GUARD_BYTES;
    fillWords(this.memory, start, at + size + GUARD_BYTES, GUARD);
    fillWords(this.memory, at, at + bytes, this.#poison);
    this.#regions.push({ start, at, bytes });
    return at;
  }

  override take(bytes: number): number {
    const at = this.reserve(bytes);
    new Uint8Array(this.memory.buffer, at, bytes).fill(0);
    return at;
  }

  /** @throws where something was written beside an array, or what is freed is not what was taken last */
  override release(mark: number): void {
    const top = this.mark();
    while (this.#regions.length > 0 && this.#regions.at(-1)!.start >= mark) this.#requireGuards(this.#regions.pop()!);
    const left = this.#regions.at(-1);
    const end = left === undefined ? mark : left.at + alignedSize(left.bytes) + GUARD_BYTES;
    if (mark > top || end > mark)
      throw new Error(`freed down to ${mark}: arrays are taken up to ${Math.min(end, top)}`);
    super.release(mark);
    fillWords(this.memory, mark, top, this.#poison);
  }

  /** @throws where something was written beside an array that is not freed yet */
  requireGuards(): void {
    for (const region of this.#regions) this.#requireGuards(region);
  }

  #requireGuards({ start, at, bytes }: Region): void {
    const end = at + alignedSize(bytes) + GUARD_BYTES;
    for (const [from, to] of [[start, at] as const, [at + bytes, end] as const]) {
      const held = new Uint8Array(this.memory.buffer, from, to - from);
      const wrong = held.findIndex((byte, i) => byte !== byteOf(GUARD, from + i));
      if (wrong >= 0) throw new Error(`${bytes} bytes at ${at}: something was written beside them, at ${from + wrong}`);
    }
  }
}

/** A workspace on a checked arena. What takes a temporary array has to be done with it when it returns. */
export class CheckedWorkspace extends Workspace {
  override readonly arena: CheckedArena;

  constructor(megabytes: number, poison: number) {
    const arena = new CheckedArena(createSharedMemory(megabytes * 2 ** 20), poison);
    super(arena);
    this.arena = arena;
  }

  /** @throws where the work goes on after its arrays are freed: as a process or a promise, or through a view on them */
  override temporary<T>(work: (arena: SharedArena) => T): T {
    const mark = this.arena.mark();
    const result = super.temporary(work);
    if (typeof result !== 'object' || result === null) return result;
    if ('next' in result || 'then' in result) throw new Error('work on temporary arrays is not over when it returns');
    for (const value of [result, ...Object.values(ArrayBuffer.isView(result) ? [] : result)]) {
      if (ArrayBuffer.isView(value) && value.buffer === this.arena.memory.buffer && value.byteOffset >= mark) {
        throw new Error('a view on a temporary array outlives it');
      }
    }
    return result;
  }
}

/**
 * Runs `work` with partitions that hold `poison` while they are nobody's: who goes on with one that was given back, or starts
 * from it, does so from that.
 *
 * @throws where one is given back that is nobody's
 */
export function withEmptiedPartitions<T>(poison: number, work: () => T): T {
  const { prototype } = PartitionStock;
  const { take, giveBack } = prototype;
  const free = new WeakSet<Partition>();
  prototype.take = function () {
    const partition = take.call(this);
    free.delete(partition);
    return partition;
  };
  prototype.giveBack = function (partition) {
    if (free.has(partition)) throw new Error(`partition ${partition.number} is given back twice`);
    free.add(partition);
    const { signs, signsLength, sums, sumsLength, workspace } = this;
    for (const [all, length] of [[signs, signsLength] as const, [sums, sumsLength] as const]) {
      const own = all.subarray(partition.number * length, (partition.number + 1) * length);
      fillWords(workspace.arena.memory, own.byteOffset, own.byteOffset + own.byteLength, poison);
    }
    giveBack.call(this, partition);
  };
  try {
    return work();
  } finally {
    prototype.take = take;
    prototype.giveBack = giveBack;
  }
}

/** Bytes hold the word's as if it stood at every multiple of four. */
function fillWords({ buffer }: WebAssembly.Memory, from: number, to: number, word: number): void {
  const whole = to & ~3;
  if (whole > from) new Uint32Array(buffer, from, (whole - from) / 4).fill(word);
  const rest = new Uint8Array(buffer);
  for (let i = Math.max(from, whole); i < to; i += 1) rest[i] = byteOf(word, i);
}

/** WebAssembly's memory is little-endian. */
function byteOf(word: number, at: number): number {
  return (word >>> (8 * (at % 4))) & 255;
}
