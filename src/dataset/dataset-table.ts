import {
  type Data,
  type DataType,
  Field,
  FixedSizeList,
  Float32,
  Int32,
  List,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  Uint8,
} from 'apache-arrow';
import type { GroupedRows } from '../numerics/rows/grouped-rows.ts';
import type { Dataset, Part } from './dataset.ts';

const tables = new WeakMap<Dataset, Table>();

/**
 * A dataset as an Arrow table over its shared memory: nothing is copied, and every thread's table stands on the same bytes.
 * One record batch a side and split, sides first; one row a group. A group's rows are lists, whose offsets are what says
 * which rows are whose (`rows/grouped-rows.ts`, `first`):
 *
 *   market       the group's 1, market features, zeros      state      its rows: state features, zeros
 *   feature_row  the feature row that is "now"              state_row  the state row that each of its rows is made of
 *   expected_continue_edge_bps, continue_target, day_index
 */
export function datasetTable(dataset: Dataset): Table {
  const known = tables.get(dataset);
  if (known !== undefined) return known;
  const { marketStride, stateStride } = dataset;
  const fields = {
    market: vectorsOf(marketStride),
    state: new List(new Field('item', vectorsOf(stateStride), false)),
    state_row: new List(new Field('item', new Int32(), false)),
    feature_row: new Int32(),
    expected_continue_edge_bps: new Float32(),
    continue_target: new Uint8(),
    day_index: new Int32(),
  };
  const schema = new Schema(Object.entries(fields).map(([name, type]) => new Field(name, type, false)));
  const batches = dataset.parts.flat().map((part) => {
    const { firstGroup, groupCount, firstRow, rowCount } = part;
    const groups = [firstGroup, firstGroup + groupCount] as const;
    const rows = [firstRow, firstRow + rowCount] as const;
    const first = dataset.first.subarray(firstGroup + part.number, firstGroup + part.number + groupCount + 1);
    const listOf = <T extends DataType>(type: List<T>, child: Data<T>) =>
      makeData({ type, length: groupCount, nullCount: 0, valueOffsets: first, child });
    const state = vectorData(fields.state.children[0]!.type, stateStride, dataset.state, ...rows);
    const stateRow = makeData({
      type: new Int32(),
      length: rowCount,
      nullCount: 0,
      data: dataset.stateRow.subarray(...rows),
    });
    const children = [
      vectorData(fields.market, marketStride, dataset.market, ...groups),
      listOf(fields.state, state),
      listOf(fields.state_row, stateRow),
      makeData({ type: new Int32(), length: groupCount, nullCount: 0, data: dataset.featureRow.subarray(...groups) }),
      makeData({
        type: new Float32(),
        length: groupCount,
        nullCount: 0,
        data: dataset.expectedContinueEdgeBps.subarray(...groups),
      }),
      makeData({
        type: new Uint8(),
        length: groupCount,
        nullCount: 0,
        data: dataset.continueTarget.subarray(...groups),
      }),
      makeData({ type: new Int32(), length: groupCount, nullCount: 0, data: dataset.dayIndex.subarray(...groups) }),
    ];
    return new RecordBatch(
      schema,
      makeData({ type: new Struct(schema.fields), length: groupCount, nullCount: 0, children }),
    );
  });
  const table = new Table(batches);
  tables.set(dataset, table);
  return table;
}

/** The rows of one part as the kernels take them: columns of its record batch, by name, the very bytes. */
export function partRows(dataset: Dataset, part: Part): GroupedRows {
  const states = column(dataset, part, 'state');
  return {
    nGroups: part.groupCount,
    nRows: part.rowCount,
    nMarket: dataset.nMarketFeatures,
    nState: dataset.nFeatures - dataset.nMarketFeatures,
    marketStride: dataset.marketStride,
    stateStride: dataset.stateStride,
    market: column(dataset, part, 'market').children[0]!.values,
    state: states.children[0]!.children[0]!.values,
    first: states.valueOffsets as Int32Array<SharedArrayBuffer>,
    target: column(dataset, part, 'expected_continue_edge_bps').values,
    label: column(dataset, part, 'continue_target').values,
    day: column(dataset, part, 'day_index').values,
  };
}

/** (rowCount) the state row of each row of a part. */
export function stateRowsOf(dataset: Dataset, part: Part): Int32Array<SharedArrayBuffer> {
  return column(dataset, part, 'state_row').children[0]!.values;
}

/** A column of a part's record batch. */
function column(dataset: Dataset, part: Part, name: string): Data {
  const [data] = datasetTable(dataset).batches[part.number]?.getChild(name)?.data ?? [];
  if (data === undefined) throw new Error(`dataset: there is no column ${name} in part ${part.number}`);
  return data;
}

function vectorsOf(length: number): FixedSizeList<Float32> {
  return new FixedSizeList(length, new Field('item', new Float32(), false));
}

function vectorData(
  type: FixedSizeList<Float32>,
  length: number,
  values: Float32Array,
  first: number,
  end: number,
): Data<FixedSizeList<Float32>> {
  const data = values.subarray(first * length, end * length);
  const child = makeData({ type: new Float32(), length: data.length, nullCount: 0, data });
  return makeData({ type, length: end - first, nullCount: 0, child });
}
