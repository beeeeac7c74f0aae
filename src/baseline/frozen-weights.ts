import onnxProto from 'onnx-proto';
import { messageOf, UserError } from '../user-error.ts';
import { requireInRange } from './number-range.ts';
import { readBytes } from './read-bytes.ts';
import type { RunPaths } from './run-files.ts';
import { shortName } from './short-name.ts';

/** A head of a frozen linear model: values = x·weights + bias, x in model order. */
export type FrozenHead = {
  /** (nFeatures × nOutputs) row-major */
  readonly weights: Float32Array;
  /** (nOutputs) */
  readonly bias: Float32Array;
  readonly nOutputs: number;
};

export type FrozenModels = {
  readonly direction: FrozenHead;
  readonly longExpectedNetEdgeBps: FrozenHead;
  readonly shortExpectedNetEdgeBps: FrozenHead;
};

/** ONNX TensorProto.DataType. */
const FLOAT = 1;
const DOUBLE = 11;
/** ONNX TensorProto.DataLocation: the bytes lie in another file. */
const EXTERNAL = 1;

type Tensor = InstanceType<typeof onnxProto.onnx.TensorProto>;

export async function readFrozenModels(paths: RunPaths, nFeatures: number): Promise<FrozenModels> {
  const direction = await readFrozenHeads(paths.path('directionModel'), paths.name('directionModel'), nFeatures, {
    direction: 3,
  });
  // The two probability heads are not used, but a model without them is not the model that the contract names.
  const entry = await readFrozenHeads(paths.path('entryModel'), paths.name('entryModel'), nFeatures, {
    long_entry_prob: 1,
    short_entry_prob: 1,
    long_expected_net_edge_bps: 1,
    short_expected_net_edge_bps: 1,
  });
  return {
    direction: direction.direction!,
    longExpectedNetEdgeBps: entry.long_expected_net_edge_bps!,
    shortExpectedNetEdgeBps: entry.short_expected_net_edge_bps!,
  };
}

/**
 * Reads `HEAD_W` and `HEAD_B` initializers of an ONNX file.
 *
 * @param heads name and number of outputs of each head wanted
 * @throws UserError naming file and initializer: missing, other shape than (nFeatures × nOutputs), other type than FLOAT
 *   or DOUBLE, stored outside the file, not finite, or so large that a score may be
 */
export async function readFrozenHeads(
  path: string,
  name: string,
  nFeatures: number,
  heads: Readonly<Record<string, number>>,
): Promise<Record<string, FrozenHead>> {
  const bytes = await readBytes(path, name);
  let initializers: readonly Tensor[];
  try {
    // The decoder's messages are typed as interfaces; instances carry every field with its default.
    initializers = (onnxProto.onnx.ModelProto.decode(bytes).graph?.initializer ?? []) as Tensor[];
  } catch (error) {
    throw new UserError(`${name}: is not a readable ONNX model (${messageOf(error).split('\n')[0]})`, { cause: error });
  }
  const byName = new Map(initializers.map((tensor) => [tensor.name, tensor]));
  const out: Record<string, FrozenHead> = {};
  for (const [head, nOutputs] of Object.entries(heads)) {
    out[head] = {
      weights: tensorValues(byName, `${head}_W`, [nFeatures, nOutputs], name),
      bias: tensorValues(byName, `${head}_B`, [nOutputs], name),
      nOutputs,
    };
  }
  return out;
}

function tensorValues(byName: Map<string, Tensor>, key: string, shape: readonly number[], file: string): Float32Array {
  const tensor = byName.get(key);
  if (tensor === undefined) {
    const found =
      byName.size === 0 ? 'it has none' : `it has ${[...byName.keys()].slice(0, 8).map(shortName).join(', ')}`;
    throw new UserError(`${file}: initializer ${key} is missing (${found})`);
  }
  if (tensor.dataLocation === EXTERNAL) {
    throw new UserError(
      `${file}: initializer ${key} is stored outside the file. Save the model with its weights inside.`,
    );
  }
  const dims = (tensor.dims ?? []).map(Number);
  const size = shape.reduce((a, b) => a * b, 1);
  // A bias may be written as a row; what counts is that no other arrangement of the values is possible.
  const fits = dims.join() === shape.join() || (shape.length === 1 && dims.join() === `1,${size}`);
  if (!fits) {
    throw new UserError(`${file}: initializer ${key}: expected shape (${shape.join(' × ')}), got (${shapeText(dims)})`);
  }
  const values = numbersOf(tensor, key, file);
  if (values.length !== size) {
    throw new UserError(`${file}: initializer ${key}: expected ${size} values, got ${values.length}`);
  }
  const index = values.findIndex((value) => !Number.isFinite(value));
  if (index >= 0)
    throw new UserError(`${file}: initializer ${key}[${index}]: expected a finite number, got ${values[index]}`);
  values.forEach((value, i) => {
    requireInRange(value, () => `${file}: initializer ${key}[${i}]`);
  });
  return values;
}

function shapeText(dims: readonly number[]): string {
  return dims.length > 8 ? `${dims.slice(0, 8).join(' × ')} × …` : dims.join(' × ');
}

function numbersOf(tensor: Tensor, key: string, file: string): Float32Array {
  const raw = tensor.rawData;
  // A copy: the decoder's slices share the file's buffer and need not be aligned.
  const rawCopy = raw !== undefined && raw !== null && raw.length > 0 ? Uint8Array.from(raw) : undefined;
  if (tensor.dataType === FLOAT) {
    if (rawCopy === undefined) return Float32Array.from(tensor.floatData ?? []);
    if (rawCopy.length % 4 === 0) return new Float32Array(rawCopy.buffer);
  } else if (tensor.dataType === DOUBLE) {
    if (rawCopy === undefined) return Float32Array.from(tensor.doubleData ?? []);
    if (rawCopy.length % 8 === 0) return Float32Array.from(new Float64Array(rawCopy.buffer));
  } else {
    throw new UserError(`${file}: initializer ${key}: expected FLOAT or DOUBLE, got ONNX data type ${tensor.dataType}`);
  }
  throw new UserError(`${file}: initializer ${key}: ${rawCopy.length} raw bytes are no whole number of values`);
}
