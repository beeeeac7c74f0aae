import {
  BINARY_ITEMS,
  decodeThrift,
  encodeThrift,
  STRUCT_ITEMS,
  type ThriftStruct,
  type ThriftValue,
} from './thrift.ts';

/** A column of a parquet file: one value a row, or something nested, which nothing here reads. */
export type ParquetColumn = {
  readonly name: string;
  readonly isFlat: boolean;
  /** an int64 of which parquet does not say that it is more */
  readonly isPlainInt64: boolean;
  /** its SchemaElement, as the file has it */
  readonly element: ThriftStruct;
  /** place of its only leaf among all leaves of the file */
  readonly leaf: number;
};

/** Where a column's values of one row group lie in the file. */
export type ColumnChunk = {
  readonly start: number;
  readonly sizeBytes: number;
  readonly decodedBytes: number;
  readonly metadata: ThriftStruct;
};

export type RowGroup = { readonly rowCount: number; readonly chunks: readonly ColumnChunk[] };

export type ParquetFooter = {
  readonly rowCount: number;
  readonly columns: readonly ParquetColumn[];
  readonly rowGroups: readonly RowGroup[];
  /** the columns' Arrow types, where an Arrow library wrote the file: an IPC message in base64 */
  readonly arrowSchema: string | null;
};

/** Field numbers of parquet.thrift. */
const FILE = { version: 1, schema: 2, rowCount: 3, rowGroups: 4, keyValues: 5 };
const KEY_VALUE = { key: 1, value: 2 };
const ELEMENT = { type: 1, repetition: 3, name: 4, childCount: 5, convertedType: 6, logicalType: 10 };
const GROUP = { columns: 1, totalBytes: 2, rowCount: 3 };
const CHUNK = { path: 1, fileOffset: 2, metadata: 3, crypto: 8 };
const META = {
  type: 1,
  encodings: 2,
  path: 3,
  codec: 4,
  valueCount: 5,
  decodedBytes: 6,
  sizeBytes: 7,
  dataPage: 9,
  indexPage: 10,
  dictionaryPage: 11,
};
const REPEATED = 2;
const INT64 = 2;

export const MAGIC = new TextEncoder().encode('PAR1');

/**
 * What a parquet file's metadata says of its columns and of where they lie.
 *
 * @param bytes the FileMetaData alone
 * @param dataEnd where the metadata begins in the file: everything else has to lie before
 * @throws RangeError where the metadata contradicts itself or the file
 */
export function readFooter(bytes: Uint8Array, dataEnd: number): ParquetFooter {
  const file = decodeThrift(bytes);
  const { columns, leafCount } = readSchema(structs(file, FILE.schema));
  const rowGroups = structs(file, FILE.rowGroups).map((group): RowGroup => {
    const chunks = structs(group, GROUP.columns).map((chunk) => readChunk(chunk, dataEnd));
    if (chunks.length !== leafCount) {
      throw new RangeError(`a row group has ${chunks.length} columns, the schema ${leafCount}`);
    }
    return { rowCount: count(group, GROUP.rowCount), chunks };
  });
  const rowCount = rowGroups.reduce((sum, group) => sum + group.rowCount, 0);
  if (rowCount > MAX_ROWS) throw new RangeError(`${rowCount} rows are claimed, at most ${MAX_ROWS} can be read`);
  return { rowCount, columns, rowGroups, arrowSchema: readArrowSchema(file) };
}

/** Rows are numbered by int32. */
const MAX_ROWS = 2 ** 31 - 1;

function readArrowSchema(file: ThriftStruct): string | null {
  if (!file.has(FILE.keyValues)) return null;
  const pair = structs(file, FILE.keyValues).find((item) => text(item, KEY_VALUE.key) === 'ARROW:schema');
  return pair === undefined || !pair.has(KEY_VALUE.value) ? null : text(pair, KEY_VALUE.value);
}

/** The root's children; a child with children of its own is followed by them, depth first. */
function readSchema(elements: readonly ThriftStruct[]): { columns: ParquetColumn[]; leafCount: number } {
  const columns: ParquetColumn[] = [];
  let leafCount = 0;
  let at = 1;
  const skip = (): void => {
    const element = elements[at];
    if (element === undefined) throw new RangeError('the schema ends too early');
    at += 1;
    const children = optionalCount(element, ELEMENT.childCount) ?? 0;
    if (children === 0) leafCount += 1;
    for (let child = 0; child < children; child += 1) skip();
  };
  while (at < elements.length) {
    const element = elements[at]!;
    const isLeaf = (optionalCount(element, ELEMENT.childCount) ?? 0) === 0;
    const isFlat = isLeaf && optionalCount(element, ELEMENT.repetition) !== REPEATED;
    const isPlainInt64 =
      optionalCount(element, ELEMENT.type) === INT64 &&
      !element.has(ELEMENT.convertedType) &&
      !element.has(ELEMENT.logicalType);
    columns.push({ name: text(element, ELEMENT.name), isFlat, isPlainInt64, element, leaf: leafCount });
    skip();
  }
  return { columns, leafCount };
}

function readChunk(chunk: ThriftStruct, dataEnd: number): ColumnChunk {
  if (chunk.has(CHUNK.path)) throw new RangeError('its columns lie in other files');
  const metadata = chunk.get(CHUNK.metadata);
  if (chunk.has(CHUNK.crypto) || metadata?.kind !== 'struct') throw new RangeError('its columns are encrypted');
  const { fields } = metadata;
  // Some writers give 0 for a dictionary page that is not there.
  const pages = [META.dataPage, META.dictionaryPage].map((id) => optionalCount(fields, id) ?? 0);
  const start = Math.min(...pages.filter((offset) => offset > 0));
  const sizeBytes = count(fields, META.sizeBytes);
  if (!(start + sizeBytes <= dataEnd)) throw new RangeError('a column is said to lie beyond the end of the file');
  return { start, sizeBytes, decodedBytes: count(fields, META.decodedBytes), metadata: fields };
}

/**
 * A parquet file of some columns and one row group of another: the bytes of these chunks, as they are, behind each other.
 *
 * The decoder gets nothing but what is wanted: no other column's type or name, and no metadata of the writer's, such as
 * the Arrow types it would like to have back (ARROW:schema). Dictionaries of string views among those end the decoder in
 * a panic, and it finds columns by the beginning of their names; here they are numbered.
 *
 * @param group null for a file without rows, which tells the columns' types
 */
export function fileOfColumns(
  columns: readonly ParquetColumn[],
  group: RowGroup | null,
  readBytes: (chunk: ColumnChunk, into: Uint8Array) => void,
): Uint8Array {
  const chunks = group === null ? [] : columns.map(({ leaf }) => group.chunks[leaf]!);
  const dataBytes = chunks.reduce((sum, chunk) => sum + chunk.sizeBytes, MAGIC.length);
  const starts: number[] = [];
  for (let i = 0, at = MAGIC.length; i < chunks.length; at += chunks[i]!.sizeBytes, i += 1) starts.push(at);
  const rowGroups =
    group === null
      ? []
      : [
          rowGroupOf(
            group.rowCount,
            chunks.map((chunk, i) => movedChunk(chunk, starts[i]!, i)),
          ),
        ];
  const root: ThriftStruct = new Map<number, ThriftValue>([
    [ELEMENT.name, binary('root')],
    [ELEMENT.childCount, i32(columns.length)],
  ]);
  const elements = columns.map(({ element }, i) => new Map(element).set(ELEMENT.name, binary(String(i))));
  const footer = encodeThrift(
    new Map<number, ThriftValue>([
      [FILE.version, i32(2)],
      [FILE.schema, list([root, ...elements])],
      [FILE.rowCount, i64(group?.rowCount ?? 0)],
      [FILE.rowGroups, list(rowGroups)],
    ]),
  );
  const out = new Uint8Array(dataBytes + footer.length + 4 + MAGIC.length);
  out.set(MAGIC);
  for (const [i, chunk] of chunks.entries()) readBytes(chunk, out.subarray(starts[i]!, starts[i]! + chunk.sizeBytes));
  out.set(footer, dataBytes);
  new DataView(out.buffer).setUint32(dataBytes + footer.length, footer.length, true);
  out.set(MAGIC, out.length - MAGIC.length);
  return out;
}

function rowGroupOf(rowCount: number, chunks: readonly ThriftStruct[]): ThriftStruct {
  return new Map<number, ThriftValue>([
    [GROUP.columns, list(chunks)],
    [GROUP.totalBytes, i64(0)],
    [GROUP.rowCount, i64(rowCount)],
  ]);
}

/** The chunk's metadata at its new place, without what points elsewhere: statistics, indexes, Bloom filters. */
function movedChunk({ start, metadata }: ColumnChunk, to: number, column: number): ThriftStruct {
  const kept = [META.type, META.encodings, META.codec, META.valueCount, META.decodedBytes, META.sizeBytes];
  const fields: ThriftStruct = new Map([...metadata].filter(([id]) => kept.includes(id)));
  for (const id of [META.dataPage, META.indexPage, META.dictionaryPage]) {
    const offset = optionalCount(metadata, id) ?? 0;
    if (offset > 0) fields.set(id, i64(offset - start + to));
  }
  fields.set(META.path, { kind: 'list', itemType: BINARY_ITEMS, items: [binary(String(column))] });
  return new Map<number, ThriftValue>([
    [CHUNK.fileOffset, i64(to)],
    [CHUNK.metadata, { kind: 'struct', fields }],
  ]);
}

function structs(of: ThriftStruct, id: number): ThriftStruct[] {
  const value = of.get(id);
  if (value?.kind !== 'list') throw new RangeError(`field ${id} of the metadata is no list`);
  return value.items.map((item) => {
    if (item.kind !== 'struct') throw new RangeError(`field ${id} of the metadata is no list of structs`);
    return item.fields;
  });
}

function count(of: ThriftStruct, id: number): number {
  const value = optionalCount(of, id);
  if (value === undefined) throw new RangeError(`field ${id} of the metadata is missing`);
  return value;
}

function optionalCount(of: ThriftStruct, id: number): number | undefined {
  const value = of.get(id);
  if (value === undefined) return undefined;
  if ((value.kind !== 'i32' && value.kind !== 'i64') || value.value < 0n || value.value > Number.MAX_SAFE_INTEGER) {
    throw new RangeError(`field ${id} of the metadata is no count`);
  }
  return Number(value.value);
}

function text(of: ThriftStruct, id: number): string {
  const value = of.get(id);
  if (value?.kind !== 'binary') throw new RangeError(`field ${id} of the metadata is no text`);
  return new TextDecoder().decode(value.bytes);
}

function list(items: readonly ThriftStruct[]): ThriftValue {
  return { kind: 'list', itemType: STRUCT_ITEMS, items: items.map((fields) => ({ kind: 'struct', fields })) };
}

function i32(value: number): ThriftValue {
  return { kind: 'i32', value: BigInt(value) };
}

function i64(value: number): ThriftValue {
  return { kind: 'i64', value: BigInt(value) };
}

function binary(value: string): ThriftValue {
  return { kind: 'binary', bytes: new TextEncoder().encode(value) };
}
