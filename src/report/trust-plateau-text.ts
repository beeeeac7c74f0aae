import { countText } from '../counts.ts';
import { PARAMETER_NAMES } from '../experiment/parameters.ts';
import type { AxisHeld } from '../trust/plainest.ts';
import type { TrustStatement } from '../trust/trust-of-sweep.ts';
import { axisValueText, shortAxisName } from './axes.ts';
import { MISSING } from './number-text.ts';
import { printable } from './printable.ts';

/** The figures of a plateau: how large it is, its plainest member, and what of each parameter it still holds. */
export function plateauFigures({ plateau, plateau0, configurations }: TrustStatement): [name: string, text: string][] {
  if (plateau === null) return [['plateau', MISSING]];
  const { n, critical, worst, plainest, axes } = plateau;
  const size =
    `${countText(n)} of ${countText(configurations)}, scores up to ${worst.toFixed(5)}, c ${critical === null ? MISSING : critical.toFixed(3)}; ` +
    `with no difference the same by fiat: ${plateau0 === null ? MISSING : countText(plateau0)}`;
  if (plainest === null) return [['plateau', size]];
  const { id, place, score, parameters } = plainest;
  const said = PARAMETER_NAMES.flatMap((axis) => {
    const value = parameters[axis];
    return value === undefined ? [] : `${shortAxisName(axis)} ${axisValueText(value)}`;
  });
  const held = PARAMETER_NAMES.flatMap((axis) => {
    const values = axes[axis];
    return values === undefined ? [] : `${shortAxisName(axis)} ${heldText(values)}`;
  });
  return [
    ['plateau', size],
    ['its plainest', `${printable(id)}, rank ${countText(place)}, ${score.toFixed(5)}: ${said.join('; ')}`],
    ...(held.length === 0 ? [] : [['it still holds', held.join('; ')] satisfies [string, string]]),
  ];
}

/** `all 4`, or `0.001, 1 of 3`: the values that are there. */
function heldText(values: readonly AxisHeld[]): string {
  const there = values.filter(({ n }) => n > 0);
  if (there.length === values.length) return `all ${values.length}`;
  return `${there.map(({ value }) => axisValueText(value)).join(' | ')} (${there.length} of ${values.length})`;
}
