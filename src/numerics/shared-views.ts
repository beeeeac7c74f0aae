/**
 * Structures of typed arrays on one shared memory, as plain data for a message and back.
 *
 * A structured clone of a view would arrive over a SharedArrayBuffer object of its own: the same bytes, but no longer
 * `memory.buffer`, so that nothing could check any more that two arrays stand on one memory. An address survives.
 */

type ViewKind = 'f32' | 'f64' | 'i32' | 'i8' | 'u8';
type Address = { readonly sharedView: ViewKind; readonly byteOffset: number; readonly length: number };

const VIEWS = {
  f32: Float32Array,
  f64: Float64Array,
  i32: Int32Array,
  i8: Int8Array,
  u8: Uint8Array,
} as const;

/** A copy of `value` in which every view on `memory` is an address. Other values are copied by the message itself. */
export function toAddresses(value: unknown, memory: WebAssembly.Memory): unknown {
  if (ArrayBuffer.isView(value)) {
    if (value.buffer !== memory.buffer) return value;
    for (const [kind, View] of Object.entries(VIEWS)) {
      if (value instanceof View) {
        return { sharedView: kind, byteOffset: value.byteOffset, length: value.length };
      }
    }
    throw new TypeError(`shared view of an unexpected kind: ${value.constructor.name}`);
  }
  return mapStructure(value, (item) => toAddresses(item, memory));
}

/** The inverse of `toAddresses`: every address is a view on `memory` again. The caller names the type it sent. */
export function fromAddresses<T>(value: unknown, memory: WebAssembly.Memory): T {
  return attach(value, memory) as T;
}

function attach(value: unknown, memory: WebAssembly.Memory): unknown {
  if (isAddress(value)) return new VIEWS[value.sharedView](memory.buffer, value.byteOffset, value.length);
  return mapStructure(value, (item) => attach(item, memory));
}

function isAddress(value: unknown): value is Address {
  return typeof value === 'object' && value !== null && 'sharedView' in value;
}

function mapStructure(value: unknown, map: (item: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map(map);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, map(item)]));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, map(item)]));
}
