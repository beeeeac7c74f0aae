import onnxProto from 'onnx-proto';

const { onnx } = onnxProto;

/** ONNX TensorProto.DataType */
const ONNX_TYPES = { FLOAT: 1, INT64: 7, FLOAT16: 10, DOUBLE: 11 } as const;

export type Storage = 'raw' | 'typed' | 'external';

/** A tensor as a file may hold it; `values` row-major. */
export type TestTensor = {
  readonly name: string;
  readonly dims: readonly number[];
  readonly values: readonly number[];
  readonly type?: keyof typeof ONNX_TYPES;
  /** in raw_data, in the field of its type, or in another file */
  readonly storage?: Storage;
};

/** The bytes of an ONNX model with these initializers. */
export function onnxModel(tensors: readonly TestTensor[]): Uint8Array {
  const initializer = tensors.map(tensorProto);
  return onnx.ModelProto.encode(
    onnx.ModelProto.create({ irVersion: 8, graph: { name: 'heads', initializer } }),
  ).finish();
}

/** The bytes of an ONNX model without a graph. */
export function onnxModelWithoutGraph(): Uint8Array {
  return onnx.ModelProto.encode(onnx.ModelProto.create({ irVersion: 8 })).finish();
}

function tensorProto({ name, dims, values, type = 'FLOAT', storage = 'raw' }: TestTensor) {
  const proto = { name, dims: [...dims], dataType: ONNX_TYPES[type] };
  if (storage === 'external') {
    return { ...proto, dataLocation: 1, externalData: [{ key: 'location', value: 'weights.bin' }] };
  }
  const numbers = [...values];
  if (storage === 'typed')
    return { ...proto, ...(type === 'DOUBLE' ? { doubleData: numbers } : { floatData: numbers }) };
  const array = type === 'DOUBLE' ? Float64Array.from(numbers) : Float32Array.from(numbers);
  return { ...proto, rawData: new Uint8Array(array.buffer) };
}
