import { readFileSync } from 'node:fs';
import type { instantiate } from '../../../dist/kernels.js';
import { packageFile } from '../../package-files.ts';
import { UserError } from '../../user-error.ts';
import { hasWideAddresses } from '../memory.ts';
import { addressParameters } from './wasm-module.ts';

/**
 * What the WebAssembly module exports: `assembly/index.ts`, where each kernel's formula and shapes stand. The types are
 * the compiler's, from `npm run build:kernels`.
 */
type Exports = Omit<Awaited<ReturnType<typeof instantiate>>, 'memory'>;

type View = ArrayBufferView<ArrayBufferLike>;

/**
 * The kernels, bound to one shared memory. Arrays are given as views on that memory; a view on anything else throws,
 * since its offset would name bytes of something else.
 */
export class Kernels {
  readonly memory: WebAssembly.Memory;
  /** The module's functions, for callers that have their arrays' addresses from `at`. */
  readonly run: Exports;

  constructor(memory: WebAssembly.Memory) {
    this.memory = memory;
    const { module, addresses } = hasWideAddresses(memory) ? module64() : module32();
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    this.run = (addresses === null ? exports : takingNumbers(exports, addresses)) as unknown as Exports;
  }

  /** The address of a view's first element. */
  at(view: View): number {
    if (view.buffer !== this.memory.buffer) throw new TypeError('kernel argument is not a view on the shared memory');
    return view.byteOffset;
  }
}

/** A build of the kernels; `addresses` are the places of each one's parameters that are BigInts, null where there are none. */
type Build = { readonly module: WebAssembly.Module; readonly addresses: ReadonlyMap<string, readonly number[]> | null };

/** For memories of up to 4 GiB, and for larger ones: the same sources and the same arithmetic, to the same bits. */
const module32 = once(() => ({ module: compile(read('kernels.wasm')), addresses: null }));
const module64 = once(() => {
  const bytes = read('kernels64.wasm');
  return { module: compile(bytes), addresses: addressParameters(bytes) };
});

function once(make: () => Build): () => Build {
  let made: Build | undefined;
  return () => (made ??= make());
}

function read(file: string): Uint8Array<ArrayBuffer> {
  return readFileSync(packageFile(`dist/${file}`));
}

function compile(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  if (!WebAssembly.validate(bytes)) {
    throw new UserError(
      'numeric kernels: this engine refuses WebAssembly SIMD or shared memory. Run on Node 24.15 or newer on a 64-bit CPU.',
    );
  }
  return new WebAssembly.Module(bytes);
}

/** Functions that take each address as a number, exact up to 2^53, and hand it on as the BigInt that 64 bits arrive by. */
function takingNumbers(
  exports: WebAssembly.Exports,
  addresses: ReadonlyMap<string, readonly number[]>,
): Readonly<Record<string, (...values: number[]) => unknown>> {
  return Object.fromEntries(
    [...addresses].map(([name, places]) => {
      const kernel = exports[name];
      if (typeof kernel !== 'function') throw new TypeError(`numeric kernels: ${name} is not a function`);
      return [
        name,
        (...values: number[]): unknown => {
          const mixed: (number | bigint)[] = values;
          for (const place of places) mixed[place] = BigInt(values[place]!);
          return kernel(...mixed);
        },
      ];
    }),
  );
}
