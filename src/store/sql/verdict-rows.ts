import type { Code } from '../records.ts';
import { fitStatusBits } from '../unconverged-fits.ts';
import type { Connection, Sql } from './connection.ts';
import type { Content } from './datasets.ts';
import { type CheckedVerdict, lossesSeal, metricsSeal, verdictSeal } from './verdict-seal.ts';

/** A verdict as its three rows have it, with the rows that these point to. */
export type VerdictRows = {
  readonly verdict: CheckedVerdict;
  readonly content: Content;
  readonly code: Code;
  readonly codeRow: number;
  readonly configurationRow: number;
  readonly runRow: number;
  readonly digest: Uint8Array;
  readonly metrics: Uint8Array;
  readonly losses: Uint8Array;
  readonly document: string;
};

/** Puts new verdicts, sealed. @returns their rows, in their order */
export function* insertVerdicts(connection: Connection, all: readonly VerdictRows[]): Sql<number[]> {
  const rows = yield* connection.insertEach(
    INSERT_VERDICT,
    all.map(({ verdict, content, code, codeRow, configurationRow, runRow, digest, losses }) => [
      content.row,
      codeRow,
      configurationRow,
      runRow,
      verdict.durationMs,
      Number(verdict.passed),
      verdict.gatesPassed,
      verdict.smallestMargin,
      verdict.weakestGate,
      verdict.tuneEdgeMaeRatio,
      verdict.tuneAuc,
      fitStatusBits(verdict.unconverged),
      digest,
      verdictSeal(verdict, content, code, runRow),
      lossesSeal(digest, losses),
    ]),
  );
  yield* connection.runEach(
    'INSERT INTO verdict_metrics VALUES (?, ?, ?)',
    all.map(({ metrics, digest }, i) => [rows[i]!, metrics, metricsSeal(digest, metrics)]),
  );
  yield* connection.runEach(
    'INSERT INTO verdict_documents VALUES (?, ?, ?)',
    all.map(({ losses, document }, i) => [rows[i]!, losses, document]),
  );
  return rows;
}

const INSERT_VERDICT = `
  INSERT INTO verdicts (
    content_id, code_id, configuration_id, run_id, duration_ms, passed, gates_passed, smallest_margin, weakest_gate,
    tune_edge_mae_ratio, tune_auc, fit_statuses, digest, seal, losses_seal)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** The verdict that stands under a key: its row and its digest. */
export const SELECT_STANDING =
  'SELECT id, digest FROM verdicts WHERE content_id = ? AND code_id = ? AND configuration_id = ?';
