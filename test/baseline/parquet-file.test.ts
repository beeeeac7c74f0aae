import assert from 'node:assert/strict';
import { readFile, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import {
  Dictionary,
  Field,
  Float64,
  Int32,
  List,
  Struct,
  Table,
  tableToIPC,
  Utf8,
  Utf8View,
  type Vector,
  vectorFromArray,
} from 'apache-arrow';
import { decodeThrift, encodeThrift, type ThriftValue } from '../../src/baseline/parquet/thrift.ts';
import { openParquet } from '../../src/baseline/parquet-file.ts';
import { UserError } from '../../src/user-error.ts';
import { numberVector, textVector, timeVector } from '../support/arrow-columns.ts';
import { writeParquetFile } from '../support/parquet.ts';
import { forEachSeed } from '../support/random.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Six texts in a column s, which polars calls Categorical: a dictionary of string views. Written by polars. */
const POLARS_CATEGORICAL =
  'UEFSMRUEFTQVNEwVBhUAAAAEAAAAdHVuZQkAAABmaXRfaW5uZXIBAAAAeBUAFRQVFCwVDBUQFQYVBhw2ACgBeBgJZml0X2lubmVyAAAAAgAAAAwBAgMkCRUMGTUABhAZGAFzFQAWDBaoARaoASZWJggcNgAoAXgYCWZpdF9pbm5lcgAAGRECGRgJZml0X2lubmVyGRgBeBUAGRYAABkcFlYVWhYAAAAVAhksSARyb290FQIAFQwlAhgBcyUATBwAAAAWDBkcGRwm/gEcFQwZNQAGEBkYAXMVABYMFqgBFqgBJlYmCBw2ACgBeBgJZml0X2lubmVyAAAWugIVFBaIAhUyABaoARYMJggWqAEUAAAZHBgMQVJST1c6c2NoZW1hGKACLy8vLy84NEFBQUFFQUFBQTh2Ly8veFFBQUFBRUFBRUFBQUFLQUFzQUNBQUtBQVFBZFAvLy93UUFBQUFCQUFBQUJBQUFBT2IvLy8rWUFBQUFqQUFBQUdnQUFBQmdBQUFBR0FBQUFBRVlFZ0FhQUFRQUdBQVpBQWdBREFBUUFCUUFBUUFBQUFRQUFBRDAvLy8vSUFBQUFBd0FBQUFJQUF3QUJBQUlBQWdBQUFBd096QTdkVE15T3dBQUFBQVFBQUFBWDFCTVgwTkJWRVZIVDFKSlEwRk1NZ0FBQUFBQUFBQUErUC8vL3d3QUFBQUlBQWdBQUFBRUFQYi8vLzhnQUFBQUFBQUdBQWdBQkFEOC8vLy9CQUFFQUFFQUFBQnpBQT09ABgGUG9sYXJzGRwcAAAAqwEAAFBBUjE=';
/** A row of two float32, 动量 and 动量快. Written by polars. */
const NAME_THAT_BEGINS_ANOTHER =
  'UEFSMRUAFRQVGCwVAhUAFQYVBgAACiQCAAAAAgEAAIA/FQAVFBUYLBUCFQAVBhUGAAAKJAIAAAACAQAAAEAVAhk8NQAYDWR1Y2tkYl9zY2hlbWEVBAAVCCUCGAbliqjph48AFQglAhgJ5Yqo6YeP5b+rABYCGRwZLCYAHBUIGRUAGRgG5Yqo6YePFQIWAhY2FjomCDwYBAAAgD8YBAAAgD8WACgEAACAPxgEAACAPxERAAAAJgAcFQgZFQAZGAnliqjph4/lv6sVAhYCFjYWOiZCPBgEAAAAQBgEAAAAQBYAKAQAAABAGAQAAABAEREAAAAWbBYCJggWdAAoKER1Y2tEQiB2ZXJzaW9uIHYxLjUuNiAoYnVpbGQgMDY5Y2M5ZjliNSkZLBwAABwAAADwAAAAUEFSMQ==';

async function fileOf(context: TestContext, content: Uint8Array | string): Promise<string> {
  const path = join(await temporaryFolder(context), 'file.parquet');
  await writeFile(path, typeof content === 'string' ? Buffer.from(content, 'base64') : content);
  return path;
}

/** Every value of some columns, as JavaScript has them. */
async function valuesOf(path: string, columns: readonly string[]): Promise<unknown[][]> {
  const file = await openParquet(path, 'file');
  const out: unknown[][] = columns.map(() => []);
  await file.read(columns, (i, firstRow, values) => {
    assert.equal(firstRow, out[i]!.length, 'pieces come in the order of rows');
    out[i]!.push(...values);
  });
  return out;
}

/** The file again, with the Arrow schema of other columns in its metadata: what its writer would have back. */
async function claimTypes(path: string, columns: Readonly<Record<string, Vector>>): Promise<void> {
  const bytes = new Uint8Array(await readFile(path));
  const footerBytes = new DataView(bytes.buffer).getUint32(bytes.length - 8, true);
  const start = bytes.length - 8 - footerBytes;
  const footer = decodeThrift(bytes.subarray(start, bytes.length - 8));
  const schema = Buffer.from(tableToIPC(new Table(columns).slice(0, 0), 'stream')).toString('base64');
  const binary = (text: string): ThriftValue => ({ kind: 'binary', bytes: Buffer.from(text) });
  const pair: ThriftValue = {
    kind: 'struct',
    fields: new Map([
      [1, binary('ARROW:schema')],
      [2, binary(schema)],
    ]),
  };
  footer.set(5, { kind: 'list', itemType: 12, items: [pair] });
  const encoded = encodeThrift(footer);
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, encoded.length, true);
  await writeFile(path, Buffer.concat([bytes.subarray(0, start), encoded, length, Buffer.from('PAR1')]));
}

function rejects(promise: Promise<unknown>, message: RegExp): Promise<void> {
  return assert.rejects(promise, (error) => error instanceof UserError && message.test(error.message));
}

describe('a parquet file', () => {
  test('with a dictionary of string views, as polars writes a Categorical, is read as its texts', async (context) => {
    const path = await fileOf(context, POLARS_CATEGORICAL);
    assert.deepEqual(await valuesOf(path, ['s']), [['tune', 'fit_inner', 'x', 'tune', 'fit_inner', 'x']]);
  });

  test('with a column whose name begins another name is read, whatever the letters', async (context) => {
    const path = await fileOf(context, NAME_THAT_BEGINS_ANOTHER);
    assert.deepEqual(await valuesOf(path, ['动量']), [[1]]);
    assert.deepEqual(await valuesOf(path, ['动量快', '动量']), [[2], [1]]);
  });

  test('is read whatever Arrow types its writer would have back, in the column or beside it', async (context) => {
    const path = join(await temporaryFolder(context), 'file.parquet');
    const texts = ['a', null, 'b', 'a'];
    const words = textVector(texts);
    await writeParquetFile(path, { enum: words, view: words, inner: vectorFromArray([1, 2, 3, 4], new Float64()) });
    const view = vectorFromArray(texts, new Utf8View());
    await claimTypes(path, {
      enum: vectorFromArray(['a'], new Dictionary(new Utf8View(), new Int32())),
      view,
      inner: vectorFromArray([1], new Float64()),
    });
    assert.deepEqual(await valuesOf(path, ['view', 'enum', 'inner']), [texts, texts, [1, 2, 3, 4]]);
  });

  test('with nested columns is read without them, and says so where one is asked for', async (context) => {
    const path = join(await temporaryFolder(context), 'file.parquet');
    const list = vectorFromArray([[1, 2], [], null], new List(new Field('item', new Float64())));
    const struct = vectorFromArray([{ a: 'x' }, { a: 'y' }, null], new Struct([new Field('a', new Utf8())]));
    await writeParquetFile(path, {
      before: numberVector([1, 2, 3], 'int32'),
      list,
      struct,
      after: textVector(['p', 'q', null]),
    });
    assert.deepEqual(await valuesOf(path, ['after', 'before']), [
      ['p', 'q', null],
      [1, 2, 3],
    ]);
    await rejects(
      valuesOf(path, ['list']),
      /^file: column list: expected one value a row, got a nested column\. Flatten it\.$/,
    );
    await rejects(valuesOf(path, ['struct']), /^file: column struct: expected one value a row/);
  });

  test('has times in seconds, which parquet itself does not know', async (context) => {
    const path = join(await temporaryFolder(context), 'file.parquet');
    await writeParquetFile(path, {
      at: timeVector([1_700_000_000_000_000_000n, null], 's utc'),
      n: numberVector([5, 6], 'int64'),
    });
    const types: string[] = [];
    (await openParquet(path, 'file')).types(['at', 'n'], (_, none) => types.push(String(none.type)));
    assert.deepEqual(types, ['Timestamp<SECOND, UTC>', 'Int64']);
    assert.deepEqual(await valuesOf(path, ['at']), [[1_700_000_000_000, null]]);
  });

  test('is read in pieces, each row once, in order, whatever its row groups', async (context) => {
    const folder = await temporaryFolder(context);
    let pieces = 0;
    const seeds: Promise<void>[] = [];
    forEachSeed(12, (random) => {
      seeds.push(
        (async () => {
          const count = random.integer(0, 400);
          const path = join(folder, `${seeds.length}-${count}.parquet`);
          const numbers = Array.from({ length: count }, () =>
            random.chance(0.1) ? null : random.integer(-1000, 1000),
          );
          const words = numbers.map((value) => (value === null ? null : `id ${value}`));
          await writeParquetFile(
            path,
            { numbers: numberVector(numbers, 'float64'), words: textVector(words) },
            random.integer(1, 90),
          );
          assert.deepEqual(await valuesOf(path, ['words', 'numbers']), [words, numbers]);
          await (await openParquet(path, 'file')).read(['words'], () => {
            pieces += 1;
          });
        })(),
      );
    });
    await Promise.all(seeds);
    assert.ok(pieces > 30, `${pieces} pieces`);
  });

  test('that was changed between its footer and its rows is refused', async (context) => {
    const path = join(await temporaryFolder(context), 'file.parquet');
    await writeParquetFile(path, { n: numberVector([1, 2], 'int32') });
    const file = await openParquet(path, 'file');
    await utimes(path, 1, 1);
    await rejects(
      file.read(['n'], () => {}),
      /^file: was changed while it was read/,
    );
  });

  test('with a column twice is refused where that column is asked for', async (context) => {
    const path = join(await temporaryFolder(context), 'file.parquet');
    await writeParquetFile(path, { aa: numberVector([1], 'int32'), ab: numberVector([2], 'int32') });
    const bytes = await readFile(path);
    await writeFile(path, Buffer.from(bytes.toString('latin1').replaceAll('ab', 'aa'), 'latin1'));
    await rejects(valuesOf(path, ['aa']), /^file: column aa stands twice/);
  });

  test('whose pages are damaged is told by its column', async (context) => {
    const path = join(await temporaryFolder(context), 'file.parquet');
    await writeParquetFile(path, { good: numberVector([1, 2, 3], 'int32'), bad: textVector(['abc', 'def', 'ghi']) });
    const bytes = new Uint8Array(await readFile(path));
    const at = Buffer.from(bytes).indexOf('abc');
    bytes.fill(0xff, at - 4, at);
    await writeFile(path, bytes);
    await rejects(
      valuesOf(path, ['good', 'bad']),
      /^file: (is not a readable parquet file|cannot be decoded) \(column bad: /,
    );
    assert.deepEqual(await valuesOf(path, ['good']), [[1, 2, 3]]);
  });

  test('that is cut short is refused', async (context) => {
    const path = await fileOf(context, POLARS_CATEGORICAL);
    await truncate(path, 400);
    await rejects(openParquet(path, 'file'), /^file: is not a readable parquet file \(its end is not that of one\)/);
  });
});

describe("a footer's own encoding", () => {
  test('is written again as it was read', async (context) => {
    const path = await fileOf(context, POLARS_CATEGORICAL);
    const bytes = new Uint8Array(await readFile(path));
    const footerBytes = new DataView(bytes.buffer).getUint32(bytes.length - 8, true);
    const footer = bytes.subarray(bytes.length - 8 - footerBytes, bytes.length - 8);
    assert.deepEqual(encodeThrift(decodeThrift(footer)), footer);
  });

  test('keeps every number of 64 bits and every list', () => {
    const numbers = [0n, 1n, -1n, 63n, -64n, 64n, 2n ** 31n, -(2n ** 31n), 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n)];
    const items = numbers.map((value): ThriftValue => ({ kind: 'i64', value }));
    const fields = new Map<number, ThriftValue>([
      [1, { kind: 'list', itemType: 6, items }],
      [2, { kind: 'list', itemType: 6, items: Array.from({ length: 40 }, () => items[3]!) }],
      [30, { kind: 'bool', value: true }],
      [31, { kind: 'bool', value: false }],
      [300, { kind: 'double', bytes: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) }],
    ]);
    assert.deepEqual(decodeThrift(encodeThrift(fields)), fields);
  });

  test('that claims more than there is, or nests without end, is refused', () => {
    for (const bytes of [
      [],
      [0x19],
      [0x19, 0xfc, 0xff, 0xff, 0xff, 0x7f],
      [0x18, 0x7f],
      [0x1f],
      new Array(5000).fill(0x1c),
    ]) {
      assert.throws(() => decodeThrift(Uint8Array.from(bytes)), RangeError, String(bytes.slice(0, 8)));
    }
  });
});
