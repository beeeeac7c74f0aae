/** `length` rounded up to a multiple of 4: kernels take rows of a matrix, parts of a data row and fits of a pass by fours. */
export function wholeFours(length: number): number {
  return Math.ceil(length / 4) * 4;
}
