import { ALL_SPLITS, SIDES } from '../baseline/splits.ts';
import type { StateFrame } from './state-frame.ts';
import type { StateRows } from './state-rows.ts';

/** Where a dataset's groups begin. */
export type Grouping = {
  readonly groupCount: number;
  /** (groupCount) each group's first row of the dataset */
  readonly groupRow: Int32Array;
  /** sides first, within a side splits as in ALL_SPLITS */
  readonly parts: readonly {
    readonly firstRow: number;
    readonly rowCount: number;
    readonly firstGroup: number;
    readonly groupCount: number;
  }[];
};

/**
 * Puts a frame's rows in the order of a dataset: by side, split, feature row, then target and label where rows of one feature
 * row differ in them, then as they stand in the frame; and says where groups begin.
 *
 * @param stateRow (rowCount) overwritten: the state row of each row of the dataset
 */
export function groupRows({ rows, order, rowCount }: StateFrame, stateRow: Int32Array): Grouping {
  const { featureRow, side } = rows;
  const { splits, rowCount: nFeatureRows } = rows.run.features;
  // A counting sort: rows of each side and feature row, then where the first of them goes.
  const next = new Int32Array(SIDES.length * nFeatureRows);
  for (let i = 0; i < rowCount; i += 1) next[side[order[i]!]! * nFeatureRows + featureRow[order[i]!]!]! += 1;
  const counts = next.slice();
  const bySplit = featureRowsBySplit(splits);
  const firstRows: number[] = [];
  let at = 0;
  SIDES.forEach((_, s) => {
    for (const members of bySplit) {
      firstRows.push(at);
      for (const row of members) {
        const key = s * nFeatureRows + row;
        next[key] = at;
        at += counts[key]!;
      }
    }
  });
  for (let i = 0; i < rowCount; i += 1)
    stateRow[next[side[order[i]!]! * nFeatureRows + featureRow[order[i]!]!]!++] = order[i]!;

  const groupRow = new Int32Array(rowCount);
  let groupCount = 0;
  const parts = firstRows.map((firstRow, part) => {
    const end = firstRows[part + 1] ?? rowCount;
    const firstGroup = groupCount;
    for (let first = firstRow; first < end; ) {
      const key = featureRow[stateRow[first]!]!;
      let last = first + 1;
      let isOne = true;
      while (last < end && featureRow[stateRow[last]!] === key) {
        isOne &&= isSameOutcome(rows, stateRow[first]!, stateRow[last]!);
        last += 1;
      }
      if (!isOne) sortByOutcome(rows, stateRow.subarray(first, last));
      for (let row = first; row < last; row += 1) {
        if (row === first || (!isOne && !isSameOutcome(rows, stateRow[row - 1]!, stateRow[row]!))) {
          groupRow[groupCount++] = row;
        }
      }
      first = last;
    }
    return { firstRow, rowCount: end - firstRow, firstGroup, groupCount: groupCount - firstGroup };
  });
  return { groupCount, groupRow: groupRow.slice(0, groupCount), parts };
}

function featureRowsBySplit(splits: Uint8Array): Int32Array[] {
  return ALL_SPLITS.map((_, split) => {
    const members = new Int32Array(splits.length);
    let count = 0;
    for (let row = 0; row < splits.length; row += 1) if (splits[row] === split) members[count++] = row;
    return members.subarray(0, count);
  });
}

function isSameOutcome({ expectedContinueEdgeBps, continueTarget }: StateRows, a: number, b: number): boolean {
  return expectedContinueEdgeBps[a] === expectedContinueEdgeBps[b] && continueTarget[a] === continueTarget[b];
}

/** Rows of one feature row by target, then label; a stable sort, so that equal ones stay in frame order. */
function sortByOutcome({ expectedContinueEdgeBps, continueTarget }: StateRows, stateRows: Int32Array): void {
  const sorted = [...stateRows].sort(
    (a, b) => expectedContinueEdgeBps[a]! - expectedContinueEdgeBps[b]! || continueTarget[a]! - continueTarget[b]!,
  );
  stateRows.set(sorted);
}
