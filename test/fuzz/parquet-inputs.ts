import type { Random } from '../support/random.ts';
import { joined, mutateBytes, varint } from './mutations.ts';

const MAGIC = new TextEncoder().encode('PAR1');

/**
 * A hostile parquet file: damaged anywhere, or in its footer, whose numbers say how much there is to read and where.
 *
 * A file ends with its footer, the footer's length in four bytes, and the magic word.
 */
export function hostileParquet(real: Uint8Array, random: Random): Uint8Array {
  const view = new DataView(real.buffer, real.byteOffset, real.length);
  const footerLength = view.getUint32(real.length - 8, true);
  const footerStart = real.length - 8 - footerLength;
  const data = real.subarray(0, footerStart);
  const footer = real.subarray(footerStart, real.length - 8);
  switch (random.pick(['damaged', 'damaged', 'footer', 'footer', 'claims', 'claims', 'length', 'pages'] as const)) {
    case 'damaged':
      return mutateBytes(real, random);
    case 'footer':
      return withFooter(data, mutateBytes(footer, random));
    case 'claims':
      return withFooter(data, claimMore(footer, random));
    case 'length': {
      const claimed = random.pick([0, 1, 7, footerLength - 1, footerLength + 1, real.length, 0x7fff_ffff, 0xffff_ffff]);
      return withFooter(data, footer, claimed);
    }
    case 'pages':
      return withFooter(mutateBytes(data, random).slice(0, data.length), footer);
  }
}

function withFooter(data: Uint8Array, footer: Uint8Array, claimed = footer.length): Uint8Array {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, claimed, true);
  return joined(data, footer, length, MAGIC);
}

/** One number of the footer becomes huge. Numbers are zigzag varints of several bytes there; texts are left alone. */
function claimMore(footer: Uint8Array, random: Random): Uint8Array {
  const places: number[] = [];
  for (let i = 1; i + 1 < footer.length; i += 1) {
    // The first byte of a varint of two or more bytes: sizes, offsets, counts of rows.
    if (footer[i]! >= 0x80 && footer[i - 1]! < 0x80) places.push(i);
  }
  let out = footer;
  for (let left = random.pick([1, 1, 3]); left > 0 && places.length > 0; left -= 1) {
    const at = random.pick(places);
    let end = at;
    while (end < out.length && out[end]! >= 0x80) end += 1;
    const size = 2n ** BigInt(random.pick([20, 30, 31, 32, 33, 40, 43, 62]));
    out = joined(out.subarray(0, at), varint(2n * size), out.subarray(end + 1));
  }
  return out;
}
