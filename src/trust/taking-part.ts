import {
  type ConfigurationLosses,
  type DatasetLosses,
  lossKey,
  type SumPlaces,
  TRUST_SETS,
  TRUST_SIDES,
  TRUST_SPLITS,
  type TrustSide,
  type TrustSplit,
} from './losses.ts';

/** Sums that have to be finite, as a range of a configuration's list of them. */
type Asked = { readonly side: TrustSide; readonly split: TrustSplit; readonly first: number; readonly end: number };

/** What the configurations of a dataset share: sums to look at, in turn, and why none takes part though these are finite. */
type Shared = { readonly asked: readonly Asked[]; readonly why: string | null };

/**
 * Which configurations take part in statements: those whose every sum is finite, as every sum of their dataset, where the
 * constant loses something. Of a sealed one tune alone is asked.
 *
 * What the dataset and the places of the sums decide is decided once for all that have them in common.
 */
export class TakingPart {
  readonly #open = new Map<DatasetLosses, Map<SumPlaces, Shared>>();
  readonly #sealed = new Map<DatasetLosses, Map<SumPlaces, Shared>>();

  /** Null where the configuration takes part; else why it does not. */
  whyNot({ passed, absErrorSums: { places, values } }: ConfigurationLosses, dataset: DatasetLosses): string | null {
    const { asked, why } = this.#sharedOf(places, dataset, passed === null);
    for (const { side, split, first, end } of asked) {
      for (let at = first; at < end; at += 1) if (!Number.isFinite(values[at])) return notFinite(side, split);
    }
    return why;
  }

  #sharedOf(places: SumPlaces, dataset: DatasetLosses, isSealed: boolean): Shared {
    const known = isSealed ? this.#sealed : this.#open;
    let ofDataset = known.get(dataset);
    if (ofDataset === undefined) known.set(dataset, (ofDataset = new Map()));
    let shared = ofDataset.get(places);
    if (shared === undefined) ofDataset.set(places, (shared = sharedBy(places, dataset, isSealed)));
    return shared;
  }
}

function sharedBy(places: SumPlaces, dataset: DatasetLosses, isSealed: boolean): Shared {
  const asked: Asked[] = [];
  for (const split of isSealed ? (['tune'] as const) : TRUST_SPLITS) {
    for (const side of TRUST_SIDES) {
      const { constAbs } = dataset.sides[side].splits[split];
      if (constAbs.length === 0) return { asked, why: `no rows of ${side} on ${split}` };
      const found = TRUST_SETS.flatMap((set) => places.get(lossKey(side, set, split)) ?? []);
      if (found.length === 0) return { asked, why: 'no losses: it could not be judged' };
      const isWhole = found.length === TRUST_SETS.length && found.every(({ count }) => count === constAbs.length);
      if (!isWhole || !constAbs.every(Number.isFinite)) return { asked, why: notFinite(side, split) };
      asked.push(...found.map(({ first, count }) => ({ side, split, first, end: first + count })));
      if (!(constAbs.reduce((sum, loss) => sum + loss, 0) > 0)) {
        return { asked, why: `the constant loses nothing of ${side} on ${split}` };
      }
    }
  }
  return { asked, why: null };
}

function notFinite(side: TrustSide, split: TrustSplit): string {
  return `a loss of ${side} on ${split} that is missing or not finite`;
}
