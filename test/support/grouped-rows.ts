import type { GroupedRows } from '../../src/numerics/rows/grouped-rows.ts';
import { wholeFours } from '../../src/numerics/whole-fours.ts';
import type { Workspace } from '../../src/numerics/workspace.ts';

/** A group as plain numbers, all float32 values; `states` has one entry a row. */
export type PlainGroup = {
  readonly market: readonly number[];
  readonly states: readonly (readonly number[])[];
  readonly target: number;
  readonly label?: number;
  readonly day?: number;
};

/** Plain groups on a workspace's shared memory. */
export function groupedRows(workspace: Workspace, groups: readonly PlainGroup[]): GroupedRows {
  const { arena } = workspace;
  const nGroups = groups.length;
  const nRows = groups.reduce((sum, { states }) => sum + states.length, 0);
  const nMarket = groups[0]?.market.length ?? 0;
  const nState = groups[0]?.states[0]?.length ?? 0;
  const marketStride = wholeFours(1 + nMarket);
  const stateStride = wholeFours(nState);
  const market = arena.float32(nGroups * marketStride);
  const state = arena.float32(nRows * stateStride);
  const first = arena.int32(nGroups + 1);
  const target = arena.float32(nGroups);
  const label = arena.uint8(nGroups);
  const day = arena.int32(nGroups);
  let row = 0;
  groups.forEach((group, g) => {
    market[g * marketStride] = 1;
    market.set(group.market, g * marketStride + 1);
    target[g] = group.target;
    label[g] = group.label ?? 0;
    day[g] = group.day ?? 0;
    for (const values of group.states) {
      state.set(values, row * stateStride);
      row += 1;
    }
    first[g + 1] = row;
  });
  return { nGroups, nRows, nMarket, nState, marketStride, stateStride, market, state, first, target, label, day };
}

/** The same rows one by one: market features, state features, without the constant, and their targets. */
export function rowsOf(groups: readonly PlainGroup[]): { readonly rows: number[][]; readonly y: number[] } {
  return {
    rows: groups.flatMap(({ market, states }) => states.map((state) => [...market, ...state])),
    y: groups.flatMap(({ target, states }) => states.map(() => target)),
  };
}

/** Grouped rows one by one, [1, market features, state features], without what stands behind them. */
export function plainRows(rows: GroupedRows): number[][] {
  const { nGroups, first, market, marketStride, nMarket, state, stateStride, nState } = rows;
  return Array.from({ length: nGroups }, (_, g) => g).flatMap((g) =>
    Array.from({ length: first[g + 1]! - first[g]! }, (_, k) => {
      const row = first[g]! + k;
      const shared = market.subarray(g * marketStride, g * marketStride + 1 + nMarket);
      return [...shared, ...state.subarray(row * stateStride, row * stateStride + nState)];
    }),
  );
}
