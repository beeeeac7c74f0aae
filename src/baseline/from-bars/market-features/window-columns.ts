import { windowMaxima, windowMinima, windowSums } from './window.ts';

type Window = (values: Float64Array, size: number) => Float64Array;

/** Windows over the series of one symbol, each computed once however many features ask for it. */
export class WindowColumns {
  readonly #made = new Map<Window, Map<Float64Array, Map<number, Float64Array>>>();

  sums(values: Float64Array, size: number): Float64Array {
    return this.#of(windowSums, values, size);
  }

  maxima(values: Float64Array, size: number): Float64Array {
    return this.#of(windowMaxima, values, size);
  }

  minima(values: Float64Array, size: number): Float64Array {
    return this.#of(windowMinima, values, size);
  }

  #of(window: Window, values: Float64Array, size: number): Float64Array {
    const bySeries = at(this.#made, window, () => new Map<Float64Array, Map<number, Float64Array>>());
    const bySize = at(bySeries, values, () => new Map<number, Float64Array>());
    return at(bySize, size, () => window(values, size));
  }
}

function at<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
