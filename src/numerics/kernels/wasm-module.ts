/**
 * What a WebAssembly module's binary form says of its functions and JavaScript's view of it does not: which parameters
 * are 64-bit integers. Source: WebAssembly Core Specification 3.0, chapter 5 (binary format).
 */

const HEADER_BYTES = 8; // magic number, version
const TYPE_SECTION = 1;
const FUNCTION_SECTION = 3;
const EXPORT_SECTION = 7;
export const DATA_SECTION = 11;

const I64 = 0x7e;
const FUNCTION_EXPORT = 0;

/** A module's sections by number, each as the bytes of its content. */
export function sectionsOf(module: Uint8Array): Map<number, Uint8Array> {
  const reader = new Reader(module.subarray(HEADER_BYTES));
  const sections = new Map<number, Uint8Array>();
  while (!reader.isAtEnd) sections.set(reader.byte(), reader.bytes());
  return sections;
}

/**
 * Where the 64-bit integers stand among each exported function's parameters: the addresses, in kernels for 64-bit
 * addresses, whose counts are 32-bit integers.
 *
 * @param module that imports no functions: they would be counted before its own
 */
export function addressParameters(module: Uint8Array): Map<string, readonly number[]> {
  const sections = sectionsOf(module);
  const types = list(sections.get(TYPE_SECTION), (reader) => {
    reader.byte(); // that it is a function's type
    const parameters = reader.bytes();
    reader.bytes(); // results
    return [...parameters].flatMap((type, at) => (type === I64 ? [at] : []));
  });
  const functions = list(sections.get(FUNCTION_SECTION), (reader) => types[reader.integer()]!);
  const exported = list(sections.get(EXPORT_SECTION), (reader) => ({
    name: new TextDecoder().decode(reader.bytes()),
    kind: reader.byte(),
    index: reader.integer(),
  }));
  return new Map(
    exported.flatMap(({ name, kind, index }) => (kind === FUNCTION_EXPORT ? [[name, functions[index]!] as const] : [])),
  );
}

function list<T>(section: Uint8Array | undefined, read: (reader: Reader) => T): T[] {
  if (section === undefined) return [];
  const reader = new Reader(section);
  return Array.from({ length: reader.integer() }, () => read(reader));
}

class Reader {
  readonly #data: Uint8Array;
  #next = 0;

  constructor(data: Uint8Array) {
    this.#data = data;
  }

  get isAtEnd(): boolean {
    return this.#next >= this.#data.length;
  }

  byte(): number {
    const byte = this.#data[this.#next++];
    if (byte === undefined) throw new RangeError('WebAssembly module: ends early');
    return byte;
  }

  /** An unsigned integer: seven bits a byte, the lowest first, the eighth says that there are more. */
  integer(): number {
    let value = 0;
    for (let unit = 1; ; unit *= 128) {
      const byte = this.byte();
      value += (byte & 127) * unit;
      if (byte < 128) return value;
    }
  }

  /** A sequence of bytes, its length before it. */
  bytes(): Uint8Array {
    const length = this.integer();
    const bytes = this.#data.subarray(this.#next, this.#next + length);
    if (bytes.length < length) throw new RangeError('WebAssembly module: ends early');
    this.#next += length;
    return bytes;
  }
}
