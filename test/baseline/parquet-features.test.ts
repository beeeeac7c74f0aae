import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { Decimal, FixedSizeBinary, makeData, makeVector, Table, tableToIPC, type Vector } from 'apache-arrow';
import {
  Compression,
  EnabledStatistics,
  Encoding,
  Table as WasmTable,
  WriterPropertiesBuilder,
  WriterVersion,
  writeParquet,
} from 'parquet-wasm';
import { copyNumbers, copyTimes, stringColumn } from '../../src/baseline/columns.ts';
import { decodeThrift, encodeThrift, type ThriftStruct, type ThriftValue } from '../../src/baseline/parquet/thrift.ts';
import { openParquet } from '../../src/baseline/parquet-file.ts';
import { UserError } from '../../src/user-error.ts';
import { numberVector, textVector, timeVector } from '../support/arrow-columns.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** What pandas, Spark, polars and DuckDB choose differently when they write: made here, since none of them is needed. */
const ROWS = 500;
const SPLITS = Array.from({ length: ROWS }, (_, i) => (i % 7 === 0 ? null : `split ${i % 3}`));
const NUMBERS = Array.from({ length: ROWS }, (_, i) => (i % 11 === 0 ? null : i / 8));
const TIMES = Array.from({ length: ROWS }, (_, i) => 1_700_000_000_123_000_000n + BigInt(i) * 60_000_000_000n);

type Choices = (writer: WriterPropertiesBuilder) => WriterPropertiesBuilder;

async function written(context: TestContext, columns: Record<string, Vector>, choices: Choices): Promise<string> {
  const path = join(await temporaryFolder(context), 'file.parquet');
  const table = WasmTable.fromIPCStream(tableToIPC(new Table(columns), 'stream'));
  await writeFile(path, writeParquet(table, choices(new WriterPropertiesBuilder()).build()));
  return path;
}

async function pieces(path: string, column: string, visit: (values: Vector, firstRow: number) => void) {
  const file = await openParquet(path, 'file');
  await file.read([column], (_, firstRow, values) => visit(values, firstRow));
}

async function numbersOf(path: string, column: string, count: number): Promise<Float64Array> {
  const out = new Float64Array(count);
  await pieces(path, column, (values, firstRow) => copyNumbers(values, column, out, 1, firstRow));
  return out;
}

async function timesOf(path: string, column: string, count: number): Promise<bigint[]> {
  const out = new BigInt64Array(count);
  await pieces(path, column, (values, firstRow) => copyTimes(values, column, out, firstRow));
  return [...out];
}

async function textsOf(path: string, column: string): Promise<(string | null)[]> {
  const out: (string | null)[] = [];
  await pieces(path, column, (values) => {
    const { codes, pool } = stringColumn(values, column);
    for (const code of codes) out.push(code < 0 ? null : pool.text(code));
  });
  return out;
}

const CODECS = ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'BROTLI', 'LZ4_RAW', 'ZSTD'] as const;

describe('a parquet file, whatever its writer chose', () => {
  for (const codec of CODECS) {
    test(`packed by ${codec}: pages of both versions, dictionaries or none, statistics or none, several row groups`, async (context) => {
      for (const version of [WriterVersion.V1, WriterVersion.V2]) {
        for (const hasDictionary of [true, false]) {
          const columns = {
            split: textVector(SPLITS),
            number: numberVector(NUMBERS, 'float64'),
            at: timeVector(TIMES, 'us utc'),
            __index_level_0__: numberVector(Array.from(NUMBERS.keys()), 'int64'),
          };
          const path = await written(context, columns, (writer) =>
            writer
              .setWriterVersion(version)
              .setCompression(Compression[codec])
              .setDictionaryEnabled(hasDictionary)
              .setStatisticsEnabled(hasDictionary ? EnabledStatistics.Page : EnabledStatistics.None)
              .setMaxRowGroupSize(170)
              .setWriteBatchSize(32)
              .setDataPageSizeLimit(256),
          );
          assert.deepEqual(await textsOf(path, 'split'), SPLITS);
          assert.deepEqual(
            [...(await numbersOf(path, 'number', ROWS))],
            NUMBERS.map((value) => value ?? Number.NaN),
          );
          assert.deepEqual(await timesOf(path, 'at', ROWS), TIMES);
        }
      }
    });
  }

  test('with numbers as bytes apart, times and whole numbers as differences', async (context) => {
    const columns = { number: numberVector(NUMBERS, 'float64'), at: timeVector(TIMES, 'us utc') };
    const path = await written(context, columns, (writer) =>
      writer
        .setDictionaryEnabled(false)
        .setColumnEncoding('number', Encoding.BYTE_STREAM_SPLIT)
        .setColumnEncoding('at', Encoding.DELTA_BINARY_PACKED),
    );
    assert.deepEqual(
      [...(await numbersOf(path, 'number', ROWS))],
      NUMBERS.map((value) => value ?? Number.NaN),
    );
    assert.deepEqual(await timesOf(path, 'at', ROWS), TIMES);
  });

  test("with times of 96 bits, as Spark's are by default, has them to the nanosecond", async (context) => {
    const times = [1_700_000_000_123_456_789n, 0n, 1_583_020_800_000_000_001n, 951_782_399_999_999_999n];
    const path = await written(context, { at: int96(times) }, (writer) => writer.setDictionaryEnabled(false));
    await claimInt96(path);
    assert.deepEqual(await timesOf(path, 'at', times.length), times);
  });

  test('with decimals, which are no binary numbers, is refused with the column and the remedy', async (context) => {
    const path = await written(context, { price: decimal([123_456n, 1n], 2) }, (writer) => writer);
    const message = /^price: expected a number, got a column of type Decimal.*Cast it before writing the file\.$/;
    await assert.rejects(
      numbersOf(path, 'price', 2),
      (error) => error instanceof UserError && message.test(error.message),
    );
  });
});

const DAY_NS = 86_400_000_000_000n;
/** Of 1970-01-01. */
const JULIAN_DAY = 2_440_588n;

/** Nanoseconds of the day (8 bytes), then the Julian day (4), little-endian: what a parquet file calls INT96. */
function int96(times: readonly bigint[]): Vector {
  const data = new Uint8Array(times.length * 12);
  const view = new DataView(data.buffer);
  times.forEach((time, i) => {
    view.setBigUint64(i * 12, time % DAY_NS, true);
    view.setUint32(i * 12 + 8, Number(time / DAY_NS + JULIAN_DAY), true);
  });
  return makeVector(makeData({ type: new FixedSizeBinary(12), length: times.length, nullCount: 0, data }));
}

/** 128 bits each, little-endian. */
function decimal(unscaled: readonly bigint[], scale: number): Vector {
  const data = new Uint32Array(new BigUint64Array(unscaled.flatMap((value) => [value, 0n])).buffer);
  return makeVector(makeData({ type: new Decimal(scale, 18, 128), length: unscaled.length, nullCount: 0, data }));
}

/**
 * Calls the only column, of 12 bytes a value, INT96: plain pages of both types have the same bytes. Without the copy of the
 * Arrow schema, and without statistics, which Spark's have neither.
 *
 * Source: parquet.thrift (SchemaElement 1 and 2, RowGroup 1, ColumnChunk 3, ColumnMetaData 1 and 12).
 */
async function claimInt96(path: string): Promise<void> {
  const bytes = await readFile(path);
  const start = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8);
  const footer = decodeThrift(bytes.subarray(start, bytes.length - 8));
  const INT96: ThriftValue = { kind: 'i32', value: 3n };
  const leaf = structOf(itemsOf(footer, 2)[1]);
  leaf.set(1, INT96);
  for (const field of [2, 6, 10]) leaf.delete(field);
  for (const group of itemsOf(footer, 4)) {
    for (const chunk of itemsOf(structOf(group), 1)) {
      const metadata = structOf(structOf(chunk).get(3));
      metadata.set(1, INT96);
      metadata.delete(12);
      for (const index of [4, 5, 6, 7]) structOf(chunk).delete(index);
    }
  }
  footer.delete(5);
  const encoded = Buffer.from(encodeThrift(footer));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(encoded.length);
  await writeFile(path, Buffer.concat([bytes.subarray(0, start), encoded, length, Buffer.from('PAR1')]));
}

function itemsOf(fields: ThriftStruct, field: number): readonly ThriftValue[] {
  const value = fields.get(field);
  assert.ok(value?.kind === 'list');
  return value.items;
}

function structOf(value: ThriftValue | undefined): ThriftStruct {
  assert.ok(value?.kind === 'struct');
  return value.fields;
}
