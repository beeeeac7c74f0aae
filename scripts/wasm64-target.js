// A transform of the AssemblyScript compiler: builds for 64-bit addresses. The compiler has the target and the feature,
// and no option for them. The same sources, the same arithmetic: `usize` is i64 then.
import { MAX_MEMORY_BYTES, PAGE_BYTES } from '../src/numerics/memory.ts';

const TARGET_WASM64 = 2;
const FEATURE_MEMORY64 = 2048;

export default class Wasm64Target {
  afterParse() {
    const { options, module } = this.program;
    options.target = TARGET_WASM64;
    options.features |= FEATURE_MEMORY64;
    module.sizeType = options.sizeTypeRef;
  }

  afterCompile(module) {
    // The memory that the compiler has declared has 32-bit addresses. Its data are left out here; kernels have none, which
    // `build-kernels.ts` makes sure of.
    module.setMemory(1, MAX_MEMORY_BYTES / PAGE_BYTES, null, [], true, true, '0');
    module.addMemoryImport('0', 'env', 'memory', true);
  }
}
