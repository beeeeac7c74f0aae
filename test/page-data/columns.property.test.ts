import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type Column, layOut, readColumns, writeColumns } from '../../src/page-data/columns.ts';
import { readReport } from '../../src/page-data/reading.ts';
import type { RowsFacts } from '../../src/page-data/report.ts';
import { randomFrom } from '../support/random.ts';

const SEED = 20261127;

function rowsOf(columns: RowsFacts['columns'], count: number): RowsFacts {
  return {
    count,
    of: count,
    shortIdLength: 7,
    hasMetrics: false,
    hasTrust: false,
    trusted: 0,
    columns,
    tags: {},
    unconverged: {},
    constant: [],
  };
}

describe('columns of a report', () => {
  test(`what is written is what is read, bit for bit, of two sweeps one behind the other (seed ${SEED})`, () => {
    const random = randomFrom(SEED);
    const special = [0, -0, Number.NaN, 1e-308, -Number.MAX_VALUE, 0.1];
    const sweeps = [0, 1, 257].map((count): Column[] => [
      { name: 'a', type: 'uint8', values: Uint8Array.from({ length: count }, () => 256 * random.uniform()) },
      { name: 'b', type: 'uint16', values: Uint16Array.from({ length: count }, () => 65536 * random.uniform()) },
      { name: 'c', type: 'uint32', values: Uint32Array.from({ length: count }, () => 2 ** 32 * random.uniform()) },
      {
        name: 'd',
        type: 'float64',
        values: Float64Array.from({ length: count }, (_, i) => special[i] ?? random.uniform()),
      },
      {
        name: 'e',
        type: 'hex12',
        values: Array.from({ length: count }, () =>
          Math.floor(2 ** 48 * random.uniform())
            .toString(16)
            .padStart(12, '0'),
        ),
      },
    ]);
    const places: RowsFacts['columns'][] = [];
    let end = 0;
    for (const columns of sweeps) {
      const laid = layOut(columns, end);
      places.push(laid.facts);
      end = laid.end;
    }
    const bytes = new Uint8Array(end);
    sweeps.forEach((columns, i) => {
      writeColumns(columns, places[i]!, bytes);
    });
    sweeps.forEach((columns, i) => {
      const count = columns[0]!.values.length;
      const read = readColumns({ rows: rowsOf(places[i]!, count) }, bytes);
      assert.deepEqual([...read.values()], columns);
    });
    assert.throws(() => readColumns({ rows: rowsOf(places[2]!, 258) }, bytes), /bytes are needed/);
  });

  test('an id that is not 12 hexadecimal digits is not written', () => {
    const column: Column = { name: 'id', type: 'hex12', values: ['0123456789aX'] };
    assert.throws(() => writeColumns([column], layOut([column], 0).facts, new Uint8Array(6)), /12 hexadecimal digits/);
  });
});

test('a page of another format is refused, one of this format read', async () => {
  const bytes = Uint8Array.from([1, 2, 3]);
  const columns = gzipSync(bytes).toString('base64');
  await assert.rejects(readReport('{"format":"sweep-report/2"}', columns), /sweep-report\/2: this page reads/);
  const read = await readReport('{"format":"sweep-report/1"}', columns);
  assert.deepEqual(read.bytes, bytes);
});
