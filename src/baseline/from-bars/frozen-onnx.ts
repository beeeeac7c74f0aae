import { ONNX_FLOAT, type OnnxNode, onnxBytes, onnxMatrix, onnxTensor } from '../write-onnx.ts';
import type { FrozenModels } from './frozen-models.ts';
import type { LinearHead } from './linear-head.ts';
import { MARKET_FEATURES } from './market-features/market-features.ts';

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
  return onnxBytes({
    name: 'frozen_linear_heads',
    input: onnxMatrix('features', nFeatures, ONNX_FLOAT),
    outputs: outputs.map(({ name, head }) => onnxMatrix(name, head.nOutputs, ONNX_FLOAT)),
    initializers: outputs.flatMap(({ name, head }) => [
      onnxTensor(`${name}_W`, [nFeatures, head.nOutputs], head.weights),
      onnxTensor(`${name}_B`, [head.nOutputs], head.bias),
    ]),
    nodes: outputs.flatMap(nodesOf),
  });
}

function nodesOf({ name, activation }: Output): OnnxNode[] {
  const score = activation === null ? name : `${name}_score`;
  const gemm = { opType: 'Gemm', name: `${name}_gemm`, input: ['features', `${name}_W`, `${name}_B`], output: [score] };
  if (activation === null) return [gemm];
  return [gemm, { opType: activation, name: `${name}_${activation.toLowerCase()}`, input: [score], output: [name] }];
}
