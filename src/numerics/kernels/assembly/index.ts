// The inner loops of every fit, as one WebAssembly module (AssemblyScript, SIMD128, no relaxed SIMD, so that a result
// is the same on every machine). All pointers are byte offsets into the one shared memory; callers own every buffer.
export { certifyGroups, evaluateGroups } from './certify';
export { choleskyFactor, choleskySolve, symmetricProduct } from './cholesky';
export { changeClip, groupGram } from './gram';
export { gatherRows, keepConstant } from './layout';
export { logisticGroups, logisticProbabilities } from './logistic';
export { moveGroups } from './moves';
export { groupBlockNorms, groupDots, groupTransposedVector } from './products';
export { columnCentredSquares, columnSums, standardizeRows } from './scale';
export { sortedOrder } from './sort';
