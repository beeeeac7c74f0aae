/**
 * Distinct texts, numbered in order of appearance and kept as the UTF-8 bytes in which files have them: identifiers are
 * compared, joined, hashed and written again, and hardly ever read as JavaScript strings.
 */
export class TextPool {
  #bytes: Uint8Array = new Uint8Array(1024);
  #offsets: Int32Array = new Int32Array(64);
  /** (count) each text's hash, so that none is hashed twice; empty until they are needed. */
  #hashes: Int32Array = new Int32Array(64);
  #count = 0;
  /** The text that was added or found last: in most columns it is the next one, too. */
  #last = -1;
  /** Open addressing; −1 where free. Always at least twice as long as there are texts; made when it is first asked. */
  #table: Int32Array | undefined;

  static of(texts: readonly string[]): TextPool {
    const pool = new TextPool();
    const encoder = new TextEncoder();
    for (const text of texts) {
      const bytes = encoder.encode(text);
      pool.add(bytes, 0, bytes.length);
    }
    return pool;
  }

  /** A pool with these texts, as `bytes` and `offsets` of another pool have them, which are taken as they are. */
  static from(bytes: Uint8Array, offsets: Int32Array): TextPool {
    const pool = new TextPool();
    pool.#bytes = bytes;
    pool.#offsets = offsets;
    pool.#count = offsets.length - 1;
    pool.#hashes = new Int32Array(0);
    return pool;
  }

  /** (Σ sizes) the texts' bytes, one behind the other. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#offsets[this.#count]!);
  }

  /** (count + 1) where each text begins, and where the last one ends. */
  get offsets(): Int32Array {
    return this.#offsets.subarray(0, this.#count + 1);
  }

  /** Gives back what only finding and adding need, and what was taken in advance; either makes it again. */
  compact(): void {
    this.#bytes = this.bytes.slice();
    this.#offsets = this.offsets.slice();
    this.#hashes = new Int32Array(0);
    this.#table = undefined;
  }

  get count(): number {
    return this.#count;
  }

  /** The number of the text bytes[start..end-1], which is added when it is new. */
  add(bytes: Uint8Array, start: number, end: number): number {
    if (this.#last >= 0 && this.#equals(this.#last, bytes, start, end)) return this.#last;
    const table = this.#tableMade();
    const hashed = hash(bytes, start, end);
    const slot = this.#slotOf(table, hashed, bytes, start, end);
    const known = table[slot]!;
    if (known >= 0) {
      this.#last = known;
      return known;
    }
    const code = this.#count;
    table[slot] = code;
    this.#append(bytes, start, end, hashed);
    this.#last = code;
    if (2 * this.#count > table.length) this.#table = this.#tableOf(2 * table.length);
    return code;
  }

  /**
   * The number of another pool's text in this one, or −1. Two tables of the same rows name them in the same order, so the
   * text behind the one found last is looked at before any is hashed.
   */
  find(other: TextPool, code: number): number {
    const start = other.#offsets[code]!;
    const end = other.#offsets[code + 1]!;
    const next = this.#last + 1;
    if (next < this.#count && this.#equals(next, other.#bytes, start, end)) {
      this.#last = next;
      return next;
    }
    const table = this.#tableMade();
    const found = table[this.#slotOf(table, other.#hashesMade()[code]!, other.#bytes, start, end)]!;
    if (found >= 0) this.#last = found;
    return found;
  }

  text(code: number): string {
    return new TextDecoder().decode(this.bytesOf(code));
  }

  /** All texts, by number. For pools of a few. */
  texts(): string[] {
    return Array.from({ length: this.#count }, (_, code) => this.text(code));
  }

  sizeBytes(code: number): number {
    return this.#offsets[code + 1]! - this.#offsets[code]!;
  }

  bytesOf(code: number): Uint8Array {
    return this.#bytes.slice(this.#offsets[code]!, this.#offsets[code + 1]!);
  }

  /** Copies a text's bytes to out[at ..] and returns where they end. */
  copyTo(code: number, out: Uint8Array, at: number): number {
    const end = this.#offsets[code + 1]!;
    let to = at;
    // A loop: the texts are short, and a subarray would cost more than its bytes.
    for (let from = this.#offsets[code]!; from < end; from += 1, to += 1) out[to] = this.#bytes[from]!;
    return to;
  }

  #slotOf(table: Int32Array, hashed: number, bytes: Uint8Array, start: number, end: number): number {
    const mask = table.length - 1;
    let slot = hashed & mask;
    for (;;) {
      const code = table[slot]!;
      if (code < 0 || (this.#hashes[code] === hashed && this.#equals(code, bytes, start, end))) return slot;
      slot = (slot + 1) & mask;
    }
  }

  /** From the end: identifiers of one column begin alike. */
  #equals(code: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = this.#offsets[code]!;
    if (this.#offsets[code + 1]! - from !== end - start) return false;
    for (let i = end - 1, j = from + end - start - 1; i >= start; i -= 1, j -= 1) {
      if (bytes[i] !== this.#bytes[j]) return false;
    }
    return true;
  }

  #append(bytes: Uint8Array, start: number, end: number, hashed: number): void {
    const from = this.#offsets[this.#count]!;
    const to = from + end - start;
    if (to > this.#bytes.length) this.#bytes = grown(this.#bytes, new Uint8Array(Math.max(to, 2 * this.#bytes.length)));
    if (this.#count + 2 > this.#offsets.length) {
      this.#offsets = grown(this.#offsets, new Int32Array(2 * this.#offsets.length));
    }
    if (this.#count + 1 > this.#hashes.length) {
      this.#hashes = grown(this.#hashes, new Int32Array(2 * this.#hashes.length + 1));
    }
    for (let i = start, j = from; i < end; i += 1, j += 1) this.#bytes[j] = bytes[i]!;
    this.#hashes[this.#count] = hashed;
    this.#count += 1;
    this.#offsets[this.#count] = to;
  }

  #hashesMade(): Int32Array {
    if (this.#hashes.length < this.#count) {
      this.#hashes = new Int32Array(this.#count + 1);
      for (let code = 0; code < this.#count; code += 1) {
        this.#hashes[code] = hash(this.#bytes, this.#offsets[code]!, this.#offsets[code + 1]!);
      }
    }
    return this.#hashes;
  }

  #tableMade(): Int32Array {
    if (this.#table === undefined) {
      let length = 128;
      while (length < 2 * this.#count) length *= 2;
      this.#table = this.#tableOf(length);
    }
    return this.#table;
  }

  /** @param length a power of two */
  #tableOf(length: number): Int32Array {
    const mask = length - 1;
    const table = new Int32Array(length).fill(-1);
    const hashes = this.#hashesMade();
    for (let code = 0; code < this.#count; code += 1) {
      let slot = hashes[code]! & mask;
      while (table[slot]! >= 0) slot = (slot + 1) & mask;
      table[slot] = code;
    }
    return table;
  }
}

/** FNV-1a, with a last mix so that the low bits depend on all. */
function hash(bytes: Uint8Array, start: number, end: number): number {
  let h = 0x811c9dc5;
  for (let i = start; i < end; i += 1) h = Math.imul(h ^ bytes[i]!, 0x01000193);
  return h ^ (h >>> 15);
}

function grown<T extends Uint8Array | Int32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
