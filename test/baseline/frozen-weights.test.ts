import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { type FrozenHead, readFrozenHeads } from '../../src/baseline/frozen-weights.ts';
import { UserError } from '../../src/user-error.ts';
import { onnxModel, onnxModelWithoutGraph, type TestTensor } from '../support/onnx.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const W: TestTensor = { name: 'head_W', dims: [3, 2], values: [1, 2, 3, 4, 5, 0.1] };
const B: TestTensor = { name: 'head_B', dims: [2], values: [-1, 0.5] };
const HEAD: FrozenHead = {
  weights: Float32Array.of(1, 2, 3, 4, 5, 0.1),
  bias: Float32Array.of(-1, 0.5),
  nOutputs: 2,
};

async function read(context: TestContext, bytes: Uint8Array): Promise<FrozenHead> {
  const path = join(await temporaryFolder(context), 'model.onnx');
  await writeFile(path, bytes);
  return (await readFrozenHeads(path, 'model.onnx', 3, { head: 2 })).head!;
}

async function messageOf(context: TestContext, bytes: Uint8Array): Promise<string> {
  try {
    await read(context, bytes);
  } catch (error) {
    assert.ok(error instanceof UserError, `not a user's mistake: ${error instanceof Error ? error.stack : error}`);
    assert.ok(!error.message.includes('\n'), 'one line');
    return error.message;
  }
  throw new Error('the model was read without complaint');
}

describe('weights of a frozen model', () => {
  for (const type of ['FLOAT', 'DOUBLE'] as const) {
    for (const storage of ['raw', 'typed'] as const) {
      test(`are read from ${type} tensors, ${storage === 'raw' ? 'raw_data' : `${type.toLowerCase()}_data`}`, async (context) => {
        const stored = [W, B].map((tensor) => ({ ...tensor, type, storage }));
        assert.deepEqual(await read(context, onnxModel(stored)), HEAD);
      });
    }
  }

  test('are found whatever the order of the initializers and whatever else is there', async (context) => {
    const other: TestTensor = { name: 'scaler_mean', dims: [3], values: [1, 2, 3], type: 'DOUBLE' };
    assert.deepEqual(await read(context, onnxModel([B, other, W])), HEAD);
  });

  test('may have a bias that is written as a row', async (context) => {
    assert.deepEqual(await read(context, onnxModel([W, { ...B, dims: [1, 2] }])), HEAD);
  });
});

describe('a frozen model that does not fit is refused with', () => {
  const cases: Readonly<Record<string, [Uint8Array, string | RegExp]>> = {
    'transposed weights': [
      onnxModel([{ ...W, dims: [2, 3] }, B]),
      'model.onnx: initializer head_W: expected shape (3 × 2), got (2 × 3)',
    ],
    'weights of other features': [
      onnxModel([{ ...W, dims: [4, 2], values: [1, 2, 3, 4, 5, 6, 7, 8] }, B]),
      'model.onnx: initializer head_W: expected shape (3 × 2), got (4 × 2)',
    ],
    'flat weights': [
      onnxModel([{ ...W, dims: [6] }, B]),
      'model.onnx: initializer head_W: expected shape (3 × 2), got (6)',
    ],
    'a scalar bias': [
      onnxModel([W, { ...B, dims: [], values: [1] }]),
      'model.onnx: initializer head_B: expected shape (2), got ()',
    ],
    'a bias as a column': [
      onnxModel([W, { ...B, dims: [2, 1] }]),
      'model.onnx: initializer head_B: expected shape (2), got (2 × 1)',
    ],
    'no weights': [onnxModel([B]), 'model.onnx: initializer head_W is missing (it has head_B)'],
    'no bias': [onnxModel([W]), 'model.onnx: initializer head_B is missing (it has head_W)'],
    'no initializer': [onnxModel([]), 'model.onnx: initializer head_W is missing (it has none)'],
    'no graph': [onnxModelWithoutGraph(), 'model.onnx: initializer head_W is missing (it has none)'],
    'weights in another file': [
      onnxModel([{ ...W, storage: 'external' }, B]),
      'model.onnx: initializer head_W is stored outside the file. Save the model with its weights inside.',
    ],
    'half precision': [
      onnxModel([{ ...W, type: 'FLOAT16' }, B]),
      'model.onnx: initializer head_W: expected FLOAT or DOUBLE, got ONNX data type 10',
    ],
    'whole numbers': [
      onnxModel([W, { ...B, type: 'INT64' }]),
      'model.onnx: initializer head_B: expected FLOAT or DOUBLE, got ONNX data type 7',
    ],
    'fewer values than its shape says': [
      onnxModel([{ ...W, values: [1, 2, 3] }, B]),
      'model.onnx: initializer head_W: expected 6 values, got 3',
    ],
    'no values': [onnxModel([{ ...W, values: [] }, B]), 'model.onnx: initializer head_W: expected 6 values, got 0'],
    'a weight that is no number': [
      onnxModel([{ ...W, values: [1, 2, 3, Number.NaN, 5, 6] }, B]),
      'model.onnx: initializer head_W[3]: expected a finite number, got NaN',
    ],
    'an infinite bias': [
      onnxModel([W, { ...B, values: [1, -Infinity] }]),
      'model.onnx: initializer head_B[1]: expected a finite number, got -Infinity',
    ],
    'a double that float32 cannot hold': [
      onnxModel([{ ...W, type: 'DOUBLE', values: [1e300, 2, 3, 4, 5, 6] }, B]),
      'model.onnx: initializer head_W[0]: expected a finite number, got Infinity',
    ],
    'a weight that makes a score too large for float32': [
      onnxModel([{ ...W, values: [1, 2, 3, 4, 2 ** 126, 6] }, B]),
      `model.onnx: initializer head_W[4]: expected a number from -1e16 to 1e16, got ${2 ** 126}. Check its unit, or write the file again`,
    ],
    'bytes that are no model': [
      new TextEncoder().encode('this is not an ONNX model, it is a sentence'),
      /^model\.onnx: is not a readable ONNX model \(.+\)$/,
    ],
    nothing: [new Uint8Array(0), 'model.onnx: initializer head_W is missing (it has none)'],
  };
  for (const [what, [bytes, message]] of Object.entries(cases)) {
    test(what, async (context) => {
      const got = await messageOf(context, bytes);
      if (typeof message === 'string') assert.equal(got, message);
      else assert.match(got, message);
    });
  }

  test('any part of its bytes cut off', async (context) => {
    const bytes = onnxModel([W, B]);
    for (let length = 0; length < bytes.length; length += 1) {
      const message = await messageOf(context, bytes.slice(0, length));
      assert.match(message, /^model\.onnx: (is not a readable ONNX model|initializer head_[WB])/);
    }
  });
});
