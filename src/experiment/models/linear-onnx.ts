import {
  ONNX_DOUBLE,
  ONNX_FLOAT,
  type OnnxNode,
  onnxBytes,
  onnxInteger,
  onnxMatrix,
  onnxTensor,
} from '../../baseline/write-onnx.ts';
import type { FeatureScaler, LinearModel } from './linear-models.ts';
import type { ModelKind } from './model-file-names.ts';

/** What goes in: (rows × nFeatures) float32, features in their own units, in the model's order. */
export const ONNX_INPUT = 'features';

/** What comes out, (rows × 1) float64, by kind of model. */
export const ONNX_OUTPUTS: Readonly<Record<ModelKind, string>> = {
  classifier: 'continue_prob',
  regressor: 'predicted_continue_edge_bps',
};

/**
 * A model as ONNX, from features in their own units to what it says of them. Its steps are those of the experiment, number
 * formats included, so that its predictions are the experiment's but for the order of a float64 sum:
 *
 *   c = float32(x − mean),  z = float32(c / scale),  score = z · coef + intercept     in float64,
 *
 * then 1 / (1 + e^−score) for a classifier, score clipped to ±clip for a regressor.
 *
 * @param clip bps, ∞ for none; a classifier has none
 * @param metadata beside what the file needs to be used alone: its features, in order, and the kind of model
 */
export function linearOnnx(
  kind: ModelKind,
  { featureNames, mean, scale }: FeatureScaler,
  { coef, intercept }: LinearModel,
  clip: number,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const nFeatures = featureNames.length;
  const output = ONNX_OUTPUTS[kind];
  const bounds = Number.isFinite(clip) ? [scalar('low', -clip), scalar('high', clip)] : [];
  const last = lastStep(kind, output, clip);
  return onnxBytes({
    name: `state_continue_${kind}`,
    description:
      `${ONNX_INPUT}: float32, features in their own units, in the order of feature_names (metadata). ` +
      `${output}: float64.`,
    input: onnxMatrix(ONNX_INPUT, nFeatures, ONNX_FLOAT),
    outputs: [onnxMatrix(output, 1, ONNX_DOUBLE)],
    initializers: [
      onnxTensor('mean', [nFeatures], mean),
      onnxTensor('scale', [nFeatures], scale),
      onnxTensor('coef', [nFeatures, 1], coef),
      onnxTensor('intercept', [1], Float64Array.of(intercept)),
      ...bounds,
    ],
    nodes: [
      cast(ONNX_INPUT, 'x', ONNX_DOUBLE),
      { opType: 'Sub', name: 'centre', input: ['x', 'mean'], output: ['centred'] },
      ...throughFloat32('centred'),
      { opType: 'Div', name: 'divide', input: ['centred_float32', 'scale'], output: ['standardized'] },
      ...throughFloat32('standardized'),
      {
        opType: 'Gemm',
        name: 'multiply',
        input: ['standardized_float32', 'coef', 'intercept'],
        output: [last === null ? output : 'score'],
      },
      ...(last === null ? [] : [last]),
    ],
    metadata: { model: kind, feature_names: JSON.stringify(featureNames), ...metadata },
  });
}

/** What makes the output of the score; null where the score is the output. */
function lastStep(kind: ModelKind, output: string, clip: number): OnnxNode | null {
  if (kind === 'classifier') return { opType: 'Sigmoid', name: 'sigmoid', input: ['score'], output: [output] };
  return Number.isFinite(clip)
    ? { opType: 'Clip', name: 'clip', input: ['score', 'low', 'high'], output: [output] }
    : null;
}

/** Rounds to float32, and goes on in float64. */
function throughFloat32(name: string): OnnxNode[] {
  return [cast(name, `${name}_rounded`, ONNX_FLOAT), cast(`${name}_rounded`, `${name}_float32`, ONNX_DOUBLE)];
}

function cast(from: string, to: string, type: number): OnnxNode {
  return { opType: 'Cast', name: `cast_${to}`, input: [from], output: [to], attribute: [onnxInteger('to', type)] };
}

function scalar(name: string, value: number) {
  return onnxTensor(name, [], Float64Array.of(value));
}
