import {
  Field,
  FixedSizeList,
  Float32,
  Int32,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  Uint8,
} from 'apache-arrow';
import type { Dataset } from './dataset.ts';

/** The dataset as an Arrow table whose buffers are the shared memory itself: nothing is copied. */
export function datasetTable(dataset: Dataset): Table {
  const { rowCount, stride } = dataset;
  const values = makeData({ type: new Float32(), length: rowCount * stride, nullCount: 0, data: dataset.x });
  const rowType = new FixedSizeList(stride, new Field('item', new Float32(), false));
  const columns = [
    makeData({ type: rowType, length: rowCount, nullCount: 0, child: values }),
    makeData({ type: new Float32(), length: rowCount, nullCount: 0, data: dataset.expectedContinueEdgeBps }),
    makeData({ type: new Uint8(), length: rowCount, nullCount: 0, data: dataset.continueTarget }),
    makeData({ type: new Int32(), length: rowCount, nullCount: 0, data: dataset.dayIndex }),
    makeData({ type: new Int32(), length: rowCount, nullCount: 0, data: dataset.frameRow }),
  ];
  const names = ['x', 'expected_continue_edge_bps', 'continue_target', 'day_index', 'frame_row'];
  const fields = columns.map((column, i) => new Field(names[i]!, column.type, false));
  const struct = makeData({ type: new Struct(fields), length: rowCount, nullCount: 0, children: columns });
  return new Table(new RecordBatch(new Schema(fields), struct));
}
