import onnxProto, { type onnx as Onnx } from 'onnx-proto';
import type { FrozenModels } from './frozen-models.ts';
import type { LinearHead } from './linear-head.ts';
import { MARKET_FEATURES } from './market-features/market-features.ts';

const { onnx } = onnxProto;

// The newest that the schema at hand (ONNX 1.10) knows; every runtime since 2020 reads them.
const IR_VERSION = 7;
const OPSET_VERSION = 13;

/** `direction.onnx`: features (n × F) to `direction` (n × 3), the probabilities of long, short, neutral. */
export function directionOnnx(models: FrozenModels): Uint8Array {
  return encode([{ name: 'direction', head: models.direction, activation: 'Softmax' }]);
}

/** `entry.onnx`: features (n × F) to two entry probabilities and two expected edges in bps, (n × 1) each. */
export function entryOnnx({ entry }: FrozenModels): Uint8Array {
  return encode([
    { name: 'long_entry_prob', head: entry.long_entry_prob, activation: 'Sigmoid' },
    { name: 'short_entry_prob', head: entry.short_entry_prob, activation: 'Sigmoid' },
    { name: 'long_expected_net_edge_bps', head: entry.long_expected_net_edge_bps, activation: null },
    { name: 'short_expected_net_edge_bps', head: entry.short_expected_net_edge_bps, activation: null },
  ]);
}

type Output = { name: string; head: LinearHead; activation: 'Softmax' | 'Sigmoid' | null };

/** One Gemm an output, its initializers named `NAME_W` (F × outputs) and `NAME_B` (outputs), then the activation. */
function encode(outputs: readonly Output[]): Uint8Array {
  const nFeatures = MARKET_FEATURES.length;
  const model = onnx.ModelProto.create({
    irVersion: IR_VERSION,
    producerName: 'state-continue-sweep',
    opsetImport: [{ domain: '', version: OPSET_VERSION }],
    graph: {
      name: 'frozen_linear_heads',
      input: [matrixInfo('features', nFeatures)],
      output: outputs.map(({ name, head }) => matrixInfo(name, head.nOutputs)),
      initializer: outputs.flatMap(({ name, head }) => [
        tensor(`${name}_W`, [nFeatures, head.nOutputs], head.weights),
        tensor(`${name}_B`, [head.nOutputs], head.bias),
      ]),
      node: outputs.flatMap(nodesOf),
    },
  });
  const problem = onnx.ModelProto.verify(model);
  if (problem !== null) throw new Error(`onnx model: ${problem}`);
  return onnx.ModelProto.encode(model).finish();
}

function nodesOf({ name, activation }: Output): Onnx.INodeProto[] {
  const score = activation === null ? name : `${name}_score`;
  const gemm = { opType: 'Gemm', name: `${name}_gemm`, input: ['features', `${name}_W`, `${name}_B`], output: [score] };
  if (activation === null) return [gemm];
  return [gemm, { opType: activation, name: `${name}_${activation.toLowerCase()}`, input: [score], output: [name] }];
}

function matrixInfo(name: string, columns: number): Onnx.IValueInfoProto {
  const shape = { dim: [{ dimParam: 'rows' }, { dimValue: columns }] };
  return { name, type: { tensorType: { elemType: onnx.TensorProto.DataType.FLOAT, shape } } };
}

function tensor(name: string, dims: number[], values: Float32Array): Onnx.ITensorProto {
  const rawData = new Uint8Array(values.length * 4);
  // ONNX fixes little-endian, whatever the machine.
  const view = new DataView(rawData.buffer);
  for (const [i, value] of values.entries()) view.setFloat32(4 * i, value, true);
  return { name, dims, dataType: onnx.TensorProto.DataType.FLOAT, rawData };
}
