// What this machine can give at the most, in the same run: a plain read of memory and a plain multiply-add loop.

/** Sums nBytes (a multiple of 64) of float32 at x; the result keeps the loop from being optimised away. */
export function stream(x: usize, nBytes: usize): f32 {
  let a = f32x4.splat(0), b = f32x4.splat(0), c = f32x4.splat(0), d = f32x4.splat(0);
  const end = x + nBytes;
  for (let p = x; p < end; p += 64) {
    a = f32x4.add(a, v128.load(p));
    b = f32x4.add(b, v128.load(p, 16));
    c = f32x4.add(c, v128.load(p, 32));
    d = f32x4.add(d, v128.load(p, 48));
  }
  const s = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
  return f32x4.extract_lane(s, 0) + f32x4.extract_lane(s, 1) + f32x4.extract_lane(s, 2) + f32x4.extract_lane(s, 3);
}

/** `rounds` times eight independent float64 multiply-adds of two lanes, registers only: 32 operations a round. */
export function multiplyAdd64(rounds: i32, factor: f64): f64 {
  const w = f64x2.splat(factor);
  let a = f64x2.splat(1), b = f64x2.splat(2), c = f64x2.splat(3), d = f64x2.splat(4);
  let e = f64x2.splat(5), f = f64x2.splat(6), g = f64x2.splat(7), h = f64x2.splat(8);
  for (let i: i32 = 0; i < rounds; i++) {
    a = f64x2.add(f64x2.mul(a, w), w); b = f64x2.add(f64x2.mul(b, w), w);
    c = f64x2.add(f64x2.mul(c, w), w); d = f64x2.add(f64x2.mul(d, w), w);
    e = f64x2.add(f64x2.mul(e, w), w); f = f64x2.add(f64x2.mul(f, w), w);
    g = f64x2.add(f64x2.mul(g, w), w); h = f64x2.add(f64x2.mul(h, w), w);
  }
  const s = f64x2.add(f64x2.add(f64x2.add(a, b), f64x2.add(c, d)), f64x2.add(f64x2.add(e, f), f64x2.add(g, h)));
  return f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1);
}
