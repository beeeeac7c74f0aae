import type { VerdictKind } from '../store/ranked-outcomes.ts';
import type { FailedConfiguration, JudgedConfiguration } from '../store/records.ts';
import { easesGates, type UnconvergedFit } from '../store/unconverged-fits.ts';

/**
 * What a verdict is called, everywhere: `not ready` was judged, `error` could not be judged. `unconverged` was judged, and
 * rests on a market_only fit that did not converge, which makes the gates against it easier to pass. `sealed` was judged, and
 * nobody was shown its gates yet.
 */
export const VERDICTS = ['pass', 'not ready', 'unconverged', 'sealed', 'error'] as const;
export type VerdictWord = (typeof VERDICTS)[number];

export const VERDICT_WORDS: Readonly<Record<VerdictKind, VerdictWord>> = {
  passed: 'pass',
  notReady: 'not ready',
  unconverged: 'unconverged',
  sealed: 'sealed',
  failed: 'error',
};

export function verdictOf(
  outcome: JudgedConfiguration | FailedConfiguration,
  unconverged: readonly UnconvergedFit[],
): VerdictWord {
  return 'metrics' in outcome ? verdictWord(outcome.passed, unconverged) : 'error';
}

export function verdictWord(passed: boolean | null, unconverged: readonly UnconvergedFit[]): VerdictWord {
  if (passed === null) return 'sealed';
  if (unconverged.some(easesGates)) return 'unconverged';
  return passed ? 'pass' : 'not ready';
}

/** The seed's word for it, as its files have it; `sealed` while nobody was shown it, null for what could not be judged. */
export function statusOf(outcome: JudgedConfiguration | FailedConfiguration): string | null {
  if (!('metrics' in outcome)) return null;
  if (outcome.passed === null) return 'sealed';
  return outcome.passed ? 'PASS_TO_FORMAL_CHAIN' : 'NOT_READY_FOR_FORMAL_CHAIN';
}
