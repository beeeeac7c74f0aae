import assert from 'node:assert/strict';
import onnxProto, { type onnx as Onnx } from 'onnx-proto';

const { onnx } = onnxProto;
const { FLOAT, DOUBLE } = onnx.TensorProto.DataType;

/** Row-major numbers of one ONNX type; a float32 is one as soon as it is made. */
type Value = { readonly type: number; readonly dims: readonly number[]; readonly data: Float32Array | Float64Array };

export type OnnxModel = {
  readonly opset: number;
  readonly metadata: Readonly<Record<string, string>>;
  /** (rows × columns of the input) to (rows) of the first output, in its type */
  run(features: Float32Array, rows: number): Float32Array | Float64Array;
};

/**
 * Evaluates the steps of an ONNX file as its standard defines them, types held to: two numbers of a step have one type, and
 * every name is made before it is used. Knows the steps that linear models are made of.
 */
export function readOnnx(bytes: Uint8Array): OnnxModel {
  const model = onnx.ModelProto.decode(bytes);
  const graph = model.graph!;
  const [input] = graph.input!;
  const [output] = graph.output!;
  return {
    opset: Number(model.opsetImport?.[0]?.version),
    metadata: Object.fromEntries((model.metadataProps ?? []).map(({ key, value }) => [key ?? '', value ?? ''])),
    run(features, rows) {
      const values = new Map((graph.initializer ?? []).map((tensor) => [tensor.name ?? '', tensorValue(tensor)]));
      assert.equal(input!.type?.tensorType?.elemType, FLOAT);
      values.set(input!.name!, { type: FLOAT, dims: [rows, features.length / rows], data: features });
      for (const node of graph.node ?? []) {
        const inputs = (node.input ?? []).map((name) => {
          const value = values.get(name);
          assert.ok(value !== undefined, `${node.name}: ${name} is made by no step before it`);
          return value;
        });
        values.set(node.output![0]!, stepOf(node, inputs));
      }
      const { type, data } = values.get(output!.name!)!;
      assert.equal(type, output!.type?.tensorType?.elemType, 'the output is of the type that is stated');
      return data;
    },
  };
}

function tensorValue({ dataType, dims, rawData }: Onnx.ITensorProto): Value {
  const { buffer } = Uint8Array.from(rawData ?? []);
  const data = dataType === DOUBLE ? new Float64Array(buffer) : new Float32Array(buffer);
  assert.ok(dataType === DOUBLE || dataType === FLOAT, `type ${dataType}`);
  return { type: dataType, dims: (dims ?? []).map(Number), data };
}

function stepOf({ opType, attribute }: Onnx.INodeProto, inputs: readonly Value[]): Value {
  const [x, a, b] = inputs;
  const { type, dims, data } = x!;
  for (const other of inputs) assert.equal(other.type, type, `${opType}: one type`);
  const columns = dims.at(-1) ?? 1;
  const map = (of: (value: number, column: number) => number): Value => ({
    ...x!,
    data: data.map((value, i) => of(value, i % columns)),
  });
  switch (opType) {
    case 'Cast': {
      const to = Number(attribute?.find(({ name }) => name === 'to')?.i);
      return { type: to, dims, data: to === FLOAT ? Float32Array.from(data) : Float64Array.from(data) };
    }
    case 'Sub':
      return map((value, j) => value - a!.data[j]!);
    case 'Div':
      return map((value, j) => value / a!.data[j]!);
    case 'Sigmoid':
      return map((value) => 1 / (1 + Math.exp(-value)));
    case 'Clip':
      return map((value) => Math.min(Math.max(value, a!.data[0]!), b!.data[0]!));
    case 'Gemm':
      return gemm(x!, a!, b!);
    default:
      throw new Error(`this evaluator does not know ${opType}`);
  }
}

function gemm(x: Value, weights: Value, bias: Value): Value {
  const [rows, inner] = [x.dims[0]!, x.dims[1]!];
  assert.deepEqual([...weights.dims], [inner, 1]);
  const data = new Float64Array(rows);
  for (let i = 0; i < rows; i += 1) {
    let sum = bias.data[0]!;
    for (let j = 0; j < inner; j += 1) sum += x.data[i * inner + j]! * weights.data[j]!;
    data[i] = sum;
  }
  return { type: x.type, dims: [rows, 1], data };
}
