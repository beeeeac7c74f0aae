import onnxProto, { type onnx as Onnx } from 'onnx-proto';

const { onnx } = onnxProto;

// The newest that the schema at hand (ONNX 1.10) knows; every runtime since 2020 reads them.
export const ONNX_IR_VERSION = 7;
export const ONNX_OPSET = 13;

/** ONNX TensorProto.DataType of the numbers that models here are made of. */
export const ONNX_FLOAT = onnx.TensorProto.DataType.FLOAT;
export const ONNX_DOUBLE = onnx.TensorProto.DataType.DOUBLE;

export type OnnxNode = Onnx.INodeProto;

/** A graph of one model: what goes in and out, the numbers that it holds, and its steps in their order. */
export type OnnxGraph = {
  readonly name: string;
  /** for people: what goes in, what comes out */
  readonly description?: string;
  readonly input: Onnx.IValueInfoProto;
  readonly outputs: readonly Onnx.IValueInfoProto[];
  readonly initializers: readonly Onnx.ITensorProto[];
  readonly nodes: readonly OnnxNode[];
  /** what a program that has nothing but the file can read of it, by key */
  readonly metadata?: Readonly<Record<string, string>>;
};

/** A graph as the bytes of an ONNX file; the same graph gives the same bytes. */
export function onnxBytes(graph: OnnxGraph): Uint8Array {
  const model = onnx.ModelProto.create({
    irVersion: ONNX_IR_VERSION,
    producerName: 'state-continue-sweep',
    opsetImport: [{ domain: '', version: ONNX_OPSET }],
    ...(graph.description === undefined ? {} : { docString: graph.description }),
    metadataProps: Object.entries(graph.metadata ?? {}).map(([key, value]) => ({ key, value })),
    graph: {
      name: graph.name,
      input: [graph.input],
      output: [...graph.outputs],
      initializer: [...graph.initializers],
      node: [...graph.nodes],
    },
  });
  const problem = onnx.ModelProto.verify(model);
  if (problem !== null) throw new Error(`onnx model: ${problem}`);
  return onnx.ModelProto.encode(model).finish();
}

/** A matrix of any number of rows, as an input or output. */
export function onnxMatrix(name: string, columns: number, elemType: number): Onnx.IValueInfoProto {
  const shape = { dim: [{ dimParam: 'rows' }, { dimValue: columns }] };
  return { name, type: { tensorType: { elemType, shape } } };
}

/** Numbers that a graph holds, row-major, in the type of their array. */
export function onnxTensor(name: string, dims: number[], values: Float32Array | Float64Array): Onnx.ITensorProto {
  const isDouble = values instanceof Float64Array;
  const rawData = new Uint8Array(values.byteLength);
  // ONNX fixes little-endian, whatever the machine.
  const view = new DataView(rawData.buffer);
  for (const [i, value] of values.entries()) {
    if (isDouble) view.setFloat64(8 * i, value, true);
    else view.setFloat32(4 * i, value, true);
  }
  return { name, dims, dataType: isDouble ? ONNX_DOUBLE : ONNX_FLOAT, rawData };
}

/** A whole number that a step is told by name. */
export function onnxInteger(name: string, i: number): Onnx.IAttributeProto {
  return { name, type: onnx.AttributeProto.AttributeType.INT, i };
}
