import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { addressParameters, DATA_SECTION, sectionsOf } from '../../../src/numerics/kernels/wasm-module.ts';

const built = (file: string): Uint8Array<ArrayBuffer> =>
  readFileSync(new URL(`../../../dist/${file}`, import.meta.url));

/** (func (export "f") (param i32 i64 f64 i64)) (func (export "g") (param f64)), and an exported memory named "m". */
const BY_HAND = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x0c, 0x02, 0x60, 0x04, 0x7f, 0x7e, 0x7c, 0x7e, 0x00, 0x60, 0x01, 0x7c, 0x00],
  ...[0x03, 0x03, 0x02, 0x00, 0x01],
  ...[0x05, 0x03, 0x01, 0x00, 0x01],
  ...[0x07, 0x0d, 0x03, 0x01, 0x66, 0x00, 0x00, 0x01, 0x6d, 0x02, 0x00, 0x01, 0x67, 0x00, 0x01],
  ...[0x0a, 0x07, 0x02, 0x02, 0x00, 0x0b, 0x02, 0x00, 0x0b],
]);

describe("a WebAssembly module's binary form", () => {
  test('says which parameters of each exported function are 64-bit integers', () => {
    assert.ok(WebAssembly.validate(BY_HAND));
    assert.deepEqual(
      [...addressParameters(BY_HAND)],
      [
        ['f', [1, 3]],
        ['g', []],
      ],
    );
  });

  test('that ends early is an error', () => {
    assert.throws(() => addressParameters(BY_HAND.subarray(0, BY_HAND.length - 1)), /ends early/);
  });

  test('of the kernels for wide addresses has every function of the other ones, their addresses as 64-bit integers', () => {
    const [narrow, wide] = [built('kernels.wasm'), built('kernels64.wasm')];
    const names = (bytes: Uint8Array<ArrayBuffer>) =>
      WebAssembly.Module.exports(new WebAssembly.Module(bytes)).flatMap(({ name, kind }) =>
        kind === 'function' ? [name] : [],
      );
    const addresses = addressParameters(wide);
    assert.deepEqual([...addresses.keys()].sort(), names(narrow).sort());
    // choleskySolve(l, n, ld, b): the first and the last are addresses.
    assert.deepEqual(addresses.get('choleskySolve'), [0, 3]);
    assert.ok([...addressParameters(narrow).values()].every((places) => places.length === 0));
  });

  test('of the kernels has no data, which every thread would write over the one memory', () => {
    for (const file of ['kernels.wasm', 'kernels64.wasm']) assert.ok(!sectionsOf(built(file)).has(DATA_SECTION), file);
  });
});
