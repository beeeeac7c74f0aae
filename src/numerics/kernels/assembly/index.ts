// The inner loops of every fit, as one WebAssembly module (AssemblyScript, SIMD128, no relaxed SIMD, so that a result
// is the same on every machine). All pointers are byte offsets into the one shared memory; callers own every buffer.
export { choleskyFactor, choleskySolve, invertLower, symmetricProduct } from './cholesky';
export { gramAll, gramRows, transposedProduct, transposedVector } from './gram';
export { certifyRows, evaluateRows } from './judge';
export { keepConstant, layOutRows } from './layout';
export { correctLosses, screenLosses, takeLossReference } from './losses';
export { leverages, rowDots, rowDotsAt } from './rows';
export { columnCentredSquares, columnSums, standardizeRows } from './scale';
export { changeSides, correctCertificate, screenRows } from './screen';
export { combinePredictions, storePredictions } from './span';
export { multiplyBlock, addTransposedProduct } from './block';
