import type { UnconvergedFit } from '../store/unconverged-fits.ts';
import { hintedCommand } from './command-line.ts';
import { printable } from './printable.ts';
import type { Screen } from './text-table.ts';

/** Behind the verdict of a configuration of which a fit did not converge. */
export const UNCONVERGED_MARK = '!';

const MEANING = "its figures are not the optimum's, and a market_only regressor like that makes gates easier to pass";

/** Below a leaderboard that shows the mark. */
export function unconvergedNote(screen: Partial<Screen>): string {
  return `${UNCONVERGED_MARK}: a fit did not converge: ${MEANING}; ${hintedCommand(screen, ['show', 'ID'])} names it`;
}

/** `short_market_only regressor stalled`. */
export function unconvergedFitText({ model, fit, status }: UnconvergedFit): string {
  return printable(`${model} ${fit} ${status}`);
}

/** One line on the fits of one result that did not converge; none where all did. */
export function unconvergedLines(fits: readonly UnconvergedFit[]): string[] {
  if (fits.length === 0) return [];
  return [`${UNCONVERGED_MARK} did not converge: ${fits.map(unconvergedFitText).join(', ')}: ${MEANING}`];
}
