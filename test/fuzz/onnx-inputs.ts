import { onnxModel, type TestTensor } from '../support/onnx.ts';
import type { Random } from '../support/random.ts';
import { headTensors } from '../support/run-folder.ts';
import { joined, mutateBytes, varint } from './mutations.ts';

/** Protobuf: a field of length-delimited bytes. */
function field(number: number, content: Uint8Array, claimed = BigInt(content.length)): Uint8Array {
  return joined(varint(BigInt(number * 8 + 2)), varint(claimed), content);
}

// ModelProto.graph = 7; GraphProto.node = 1, .initializer = 5; NodeProto.attribute = 5; AttributeProto.g = 6;
// TensorProto.dims = 1, .data_type = 2, .float_data = 4, .name = 8, .raw_data = 9.
const MODEL_GRAPH = 7;
const GRAPH_NODE = 1;
const GRAPH_INITIALIZER = 5;
const NODE_ATTRIBUTE = 5;
const ATTRIBUTE_GRAPH = 6;

/** A hostile ONNX file: damaged bytes of a real one, or one that is built to hurt its reader. */
export function hostileOnnx(real: Uint8Array, nFeatures: number, random: Random): Uint8Array {
  const kind = random.pick([
    'damaged',
    'damaged',
    'damaged',
    'deep',
    'groups',
    'long',
    'dims',
    'values',
    'many',
  ] as const);
  switch (kind) {
    case 'damaged':
      return mutateBytes(real, random);
    case 'deep':
      return nestedGraphs(random.pick([3, 100, 3000, 20_000]));
    case 'groups':
      // Start-group tags of an unknown field, thousands deep, that a reader has to skip.
      return joined(new Uint8Array(random.pick([10, 10_000, 200_000])).fill(random.pick([0x0b, 0x7b])), real);
    case 'long':
      return field(MODEL_GRAPH, real.subarray(0, 200), 2n ** BigInt(random.integer(8, 63)));
    case 'dims':
      return onnxModel([{ ...weights(nFeatures, random), dims: hardDims(nFeatures, random) }]);
    case 'values':
      return onnxModel(hardTensors(nFeatures, random));
    case 'many':
      return field(
        MODEL_GRAPH,
        joined(...Array.from({ length: 20_000 }, () => field(GRAPH_INITIALIZER, new Uint8Array(0)))),
      );
  }
}

function nestedGraphs(depth: number): Uint8Array {
  // Lengths are known from the inside out; joining anew at each level would take the square of the depth.
  const heads: Uint8Array[] = [];
  let length = 0n;
  for (let level = 0; level < depth; level += 1) {
    for (const number of [ATTRIBUTE_GRAPH, NODE_ATTRIBUTE, GRAPH_NODE]) {
      const head = joined(varint(BigInt(number * 8 + 2)), varint(length));
      heads.push(head);
      length += BigInt(head.length);
    }
  }
  return field(MODEL_GRAPH, joined(...heads.reverse()));
}

function weights(nFeatures: number, random: Random): TestTensor {
  const values = Array.from({ length: nFeatures * 3 }, () => random.normal());
  return { name: 'direction_W', dims: [nFeatures, 3], values };
}

function hardDims(nFeatures: number, random: Random): number[] {
  const hard = [0, 1, -1, nFeatures, 3, 2 ** 31, 2 ** 53, -(2 ** 31)];
  return Array.from({ length: random.pick([0, 1, 2, 3, 1000]) }, () => random.pick(hard));
}

function hardTensors(nFeatures: number, random: Random): TestTensor[] {
  const hard = [0, -0, Number.NaN, Infinity, -Infinity, 3.4e38, 1e300, 1e-45];
  const number = () => (random.chance(0.01) ? random.pick(hard) : random.normal());
  const head = {
    weights: Array.from({ length: nFeatures }, () => [number(), number(), number()]),
    bias: [0, 0, number()],
  };
  const type = random.pick(['FLOAT', 'DOUBLE'] as const);
  const storage = random.pick(['raw', 'typed', 'external'] as const);
  return random.shuffled(headTensors('direction', head, { type, storage }));
}
