/** What a file is, told by its first bytes: names lie more often. */
export type FileKind = 'parquet' | 'arrow file' | 'arrow stream' | 'zip' | 'gzip' | 'zstd' | 'text';

const KINDS: readonly { readonly kind: FileKind; readonly magic: string }[] = [
  { kind: 'parquet', magic: 'PAR1' },
  { kind: 'arrow file', magic: 'ARROW1' },
  { kind: 'zip', magic: 'PK\x03\x04' },
  { kind: 'zip', magic: 'PK\x05\x06' },
  { kind: 'gzip', magic: '\x1f\x8b' },
  { kind: 'zstd', magic: '\x28\xb5\x2f\xfd' },
  { kind: 'arrow stream', magic: '\xff\xff\xff\xff' },
];

/** Kinds that are not read, and what to do about them. */
const FOREIGN: readonly {
  readonly magic: string;
  readonly at?: number;
  readonly what: string;
  readonly remedy: string;
  /** It is for people to read and never holds bars. */
  readonly isProse?: true;
}[] = [
  { magic: 'BZh', what: 'a bzip2 file', remedy: 'Unpack it first: bunzip2 -k FILE' },
  { magic: '\xfd7zXZ\0', what: 'an xz file', remedy: 'Unpack it first: unxz -k FILE' },
  { magic: '\x04\x22\x4d\x18', what: 'an lz4 file', remedy: 'Unpack it first: unlz4 FILE' },
  { magic: '7z\xbc\xaf\x27\x1c', what: 'a 7-Zip archive', remedy: 'Unpack it first: 7z x FILE' },
  { magic: 'Rar!', what: 'a RAR archive', remedy: 'Unpack it first' },
  { magic: 'ustar', at: 257, what: 'a tar archive', remedy: 'Unpack it first (tar xf FILE) and give its folder' },
  { magic: '\x1f\x9d', what: 'a compress (.Z) file', remedy: 'Unpack it first: uncompress FILE' },
  {
    magic: 'SQLite format 3',
    what: 'an SQLite database',
    remedy: 'Write the table as CSV: sqlite3 -header -csv FILE "select …"',
  },
  { magic: '\x89HDF', what: 'an HDF5 file', remedy: 'Write the bars as parquet: pandas.read_hdf(…).to_parquet(…)' },
  { magic: '\xd0\xcf\x11\xe0', what: 'an Excel workbook (.xls)', remedy: 'Save the sheet as CSV' },
  { magic: '\x93NUMPY', what: 'a NumPy array', remedy: 'Write the bars as CSV or parquet with their column names' },
  {
    magic: 'FEA1',
    what: 'a feather file of version 1',
    remedy: 'Write it again as version 2 (today’s to_feather) or parquet',
  },
  { magic: 'ORC', what: 'an ORC file', remedy: 'Write the bars as parquet' },
  { magic: 'Obj\x01', what: 'an Avro file', remedy: 'Write the bars as parquet' },
  { magic: 'PARE', what: 'an encrypted parquet file', remedy: 'Write the bars as plain parquet' },
  { magic: '\x80\x04\x95', what: 'a Python pickle', remedy: 'Write the bars as parquet: to_parquet(…)' },
  { magic: '\x80\x05\x95', what: 'a Python pickle', remedy: 'Write the bars as parquet: to_parquet(…)' },
  { magic: '%PDF', what: 'a PDF', remedy: 'Fetch the data themselves', isProse: true },
  {
    magic: '<!DOCTYPE',
    what: 'a web page',
    remedy: 'Fetch the file itself: the address answered with a page',
    isProse: true,
  },
  {
    magic: '<html',
    what: 'a web page',
    remedy: 'Fetch the file itself: the address answered with a page',
    isProse: true,
  },
  { magic: '<?xml', what: 'an XML document', remedy: 'Fetch the file itself, or write the bars as CSV' },
];

export function fileKind(bytes: Buffer): FileKind {
  return KINDS.find(({ magic }) => has(bytes, magic, 0))?.kind ?? 'text';
}

/** What a file is that is not read, with the remedy; null where it may be text. */
export function foreignKind(bytes: Buffer): { what: string; remedy: string; isProse?: true } | null {
  return FOREIGN.find(({ magic, at = 0 }) => has(bytes, magic, at)) ?? null;
}

function has(bytes: Buffer, magic: string, at: number): boolean {
  return bytes.length >= at + magic.length && bytes.toString('latin1', at, at + magic.length) === magic;
}
