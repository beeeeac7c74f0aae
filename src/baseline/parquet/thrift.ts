/**
 * Thrift's compact protocol, as far as a parquet footer uses it: a struct becomes its fields by number, whatever they
 * mean, so that what is not understood can be written again as it was.
 *
 * Source: Apache Thrift, thrift-compact-protocol.md.
 */
export type ThriftStruct = Map<number, ThriftValue>;
export type ThriftValue =
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'byte'; readonly value: number }
  | { readonly kind: 'i16' | 'i32' | 'i64'; readonly value: bigint }
  | { readonly kind: 'double' | 'uuid'; readonly bytes: Uint8Array }
  | { readonly kind: 'binary'; readonly bytes: Uint8Array }
  | { readonly kind: 'list'; readonly itemType: number; readonly items: readonly ThriftValue[] }
  | { readonly kind: 'struct'; readonly fields: ThriftStruct };

const TYPE = {
  true: 1,
  false: 2,
  byte: 3,
  i16: 4,
  i32: 5,
  i64: 6,
  double: 7,
  binary: 8,
  list: 9,
  struct: 12,
  uuid: 13,
};
const SET = 10;
/** Schemas of files nest a few levels; a file that was made to exhaust the stack nests thousands. */
const MAX_DEPTH = 32;

/** @throws RangeError where the bytes are no struct */
export function decodeThrift(bytes: Uint8Array): ThriftStruct {
  return new Decoder(bytes).struct(0);
}

class Decoder {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  struct(depth: number): ThriftStruct {
    if (depth > MAX_DEPTH) throw new RangeError('metadata nests too deep');
    const fields: ThriftStruct = new Map();
    let id = 0;
    for (;;) {
      const head = this.#byte();
      if (head === 0) return fields;
      const step = head >> 4;
      id = step === 0 ? Number(this.#integer()) : id + step;
      const type = head & 15;
      // A field's truth stands in its type, an item's in a byte of its own.
      const isTruth = type === TYPE.true || type === TYPE.false;
      fields.set(id, isTruth ? { kind: 'bool', value: type === TYPE.true } : this.#value(type, depth));
    }
  }

  #value(type: number, depth: number): ThriftValue {
    switch (type) {
      case TYPE.true:
      case TYPE.false:
        return { kind: 'bool', value: this.#byte() === TYPE.true };
      case TYPE.byte:
        return { kind: 'byte', value: this.#byte() };
      case TYPE.i16:
        return { kind: 'i16', value: this.#integer() };
      case TYPE.i32:
        return { kind: 'i32', value: this.#integer() };
      case TYPE.i64:
        return { kind: 'i64', value: this.#integer() };
      case TYPE.double:
        return { kind: 'double', bytes: this.#take(8) };
      case TYPE.uuid:
        return { kind: 'uuid', bytes: this.#take(16) };
      case TYPE.binary:
        return { kind: 'binary', bytes: this.#take(Number(this.#varint())) };
      case TYPE.list:
      case SET:
        return this.#list(depth);
      case TYPE.struct:
        return { kind: 'struct', fields: this.struct(depth + 1) };
      default:
        throw new RangeError(`metadata has a field of unknown type ${type}`);
    }
  }

  #list(depth: number): ThriftValue {
    const head = this.#byte();
    const count = head >> 4 === 15 ? Number(this.#varint()) : head >> 4;
    // Every item takes a byte at least: a larger count is a lie that would be paid for in memory.
    if (count > this.#bytes.length - this.#at) throw new RangeError('metadata ends within a list');
    const itemType = head & 15;
    return { kind: 'list', itemType, items: Array.from({ length: count }, () => this.#value(itemType, depth)) };
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new RangeError('metadata ends too early');
    this.#at += 1;
    return byte;
  }

  #take(length: number): Uint8Array {
    if (length > this.#bytes.length - this.#at) throw new RangeError('metadata ends within a text');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  #varint(): bigint {
    let low = 0;
    // Four groups of seven bits fit a number; larger ones are rare.
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#byte();
      low |= (byte & 127) << shift;
      if (byte < 128) return BigInt(low);
    }
    let value = BigInt(low);
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
    throw new RangeError('metadata has a number of more than 64 bits');
  }

  /** Zigzag: 0, −1, 1, −2, … are 0, 1, 2, 3, … */
  #integer(): bigint {
    const value = this.#varint();
    return (value >> 1n) ^ -(value & 1n);
  }
}

/** The inverse of `decodeThrift`. */
export function encodeThrift(fields: ThriftStruct): Uint8Array {
  const out: number[] = [];
  writeStruct(out, fields);
  return Uint8Array.from(out);
}

function writeStruct(out: number[], fields: ThriftStruct): void {
  let last = 0;
  for (const [id, value] of [...fields].sort(([a], [b]) => a - b)) {
    const type = value.kind === 'bool' ? (value.value ? TYPE.true : TYPE.false) : TYPE[value.kind];
    const step = id - last;
    if (step > 0 && step < 16) out.push((step << 4) | type);
    else {
      out.push(type);
      writeInteger(out, BigInt(id));
    }
    last = id;
    if (value.kind !== 'bool') writeValue(out, value);
  }
  out.push(0);
}

function writeValue(out: number[], value: ThriftValue): void {
  switch (value.kind) {
    case 'bool':
      out.push(value.value ? TYPE.true : TYPE.false);
      return;
    case 'byte':
      out.push(value.value);
      return;
    case 'i16':
    case 'i32':
    case 'i64':
      writeInteger(out, value.value);
      return;
    case 'double':
    case 'uuid':
      out.push(...value.bytes);
      return;
    case 'binary':
      writeVarint(out, BigInt(value.bytes.length));
      for (const byte of value.bytes) out.push(byte);
      return;
    case 'list':
      if (value.items.length < 15) out.push((value.items.length << 4) | value.itemType);
      else {
        out.push(0xf0 | value.itemType);
        writeVarint(out, BigInt(value.items.length));
      }
      for (const item of value.items) writeValue(out, item);
      return;
    case 'struct':
      writeStruct(out, value.fields);
  }
}

function writeInteger(out: number[], value: bigint): void {
  writeVarint(out, BigInt.asUintN(64, (value << 1n) ^ (value >> 63n)));
}

function writeVarint(out: number[], value: bigint): void {
  let left = value;
  while (left >= 128n) {
    out.push(Number(left & 127n) | 128);
    left >>= 7n;
  }
  out.push(Number(left));
}

export const STRUCT_ITEMS = TYPE.struct;
export const BINARY_ITEMS = TYPE.binary;
