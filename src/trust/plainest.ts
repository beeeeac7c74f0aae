import type { ParameterValue, Settings } from './losses.ts';

/** A value of a parameter: how many configurations have it, and how many of them are in the plateau. */
export type AxisHeld = { readonly value: ParameterValue; readonly n: number; readonly of: number };

/**
 * The member of a plateau that departs least from what is usual: of rows that the days cannot tell apart it is the one that
 * needs no defence. Of equally plain ones the first.
 *
 * @param members numbers of configurations, by rank
 * @returns null where there is none, or it is not known of every one what it is
 */
export function plainestOf(
  members: ArrayLike<number>,
  settingsOf: (member: number) => Settings | undefined,
): number | null {
  let best: { readonly member: number; readonly plainness: readonly number[] } | null = null;
  for (let i = 0; i < members.length; i += 1) {
    const member = members[i]!;
    const settings = settingsOf(member);
    if (settings === undefined) return null;
    const { plainness } = settings;
    if (best === null || isLess(plainness, best.plainness)) best = { member, plainness };
  }
  return best?.member ?? null;
}

/**
 * What a plateau still holds of each parameter that takes two values or more among all configurations; values in the order in
 * which they come, nothing of configurations of which it is not known what they are.
 *
 * @param stays by configuration, whether it is in the plateau
 */
export function axesHeld(
  settings: readonly (Settings | undefined)[],
  stays: readonly boolean[],
): Record<string, AxisHeld[]> {
  const axes = new Map<string, Map<string, { value: ParameterValue; n: number; of: number }>>();
  settings.forEach((each, i) => {
    for (const [name, value] of Object.entries(each?.parameters ?? {})) {
      let values = axes.get(name);
      if (values === undefined) axes.set(name, (values = new Map()));
      const key = String(value);
      let held = values.get(key);
      if (held === undefined) values.set(key, (held = { value, n: 0, of: 0 }));
      held.of += 1;
      if (stays[i] === true) held.n += 1;
    }
  });
  return Object.fromEntries(
    [...axes].filter(([, values]) => values.size > 1).map(([name, values]) => [name, [...values.values()]]),
  );
}

function isLess(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at !== -1 && a[at]! < (b[at] ?? Infinity);
}
