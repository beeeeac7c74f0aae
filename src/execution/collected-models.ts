import { judgementOf } from '../experiment/judge.ts';
import { MODELS, type ModelJudgement } from '../experiment/model-judge.ts';
import type { ModelKey } from '../experiment/results.ts';
import type { FailureReason, OutcomeRecord } from '../store/records.ts';

/** A model's judgement as a worker sends it; regressors stay behind, they are reproduced when they are wanted. */
export type SentJudgement = Omit<ModelJudgement, 'regressor'>;

type Open = { durationMs: number; readonly models: Map<ModelKey, SentJudgement> };

/** Puts outcomes of one dataset's configurations together from their models, which come one by one in any order. */
export class CollectedModels {
  readonly #datasetHash: string;
  readonly #open = new Map<string, Open>();
  readonly #settled = new Set<string>();

  constructor(datasetHash: string) {
    this.#datasetHash = datasetHash;
  }

  /** Whether nothing more is wanted of a configuration's model: it is there, or the configuration has its outcome. */
  has(configurationId: string, model: ModelKey): boolean {
    return this.#settled.has(configurationId) || this.#open.get(configurationId)?.models.has(model) === true;
  }

  /** The configuration's outcome, where this was the last of its models. */
  add(configurationId: string, model: ModelKey, judgement: SentJudgement, durationMs: number): OutcomeRecord | null {
    if (this.has(configurationId, model)) return null;
    const open = this.#open.get(configurationId) ?? { durationMs: 0, models: new Map() };
    this.#open.set(configurationId, open);
    open.models.set(model, judgement);
    open.durationMs += durationMs;
    if (open.models.size < MODELS.length) return null;
    this.#settle(configurationId);
    const judged = judgementOf((key) => open.models.get(key)!);
    return {
      kind: 'completed',
      configurationId,
      datasetHash: this.#datasetHash,
      durationMs: open.durationMs,
      ...judged,
    };
  }

  /** The outcome of a configuration one of whose models cannot be judged: the first reason wins, and says all. */
  fail(configurationId: string, error: FailureReason, attempts: number, durationMs: number): OutcomeRecord | null {
    if (this.#settled.has(configurationId)) return null;
    this.#settle(configurationId);
    return { kind: 'failed', configurationId, datasetHash: this.#datasetHash, durationMs, attempts, error };
  }

  #settle(configurationId: string): void {
    this.#open.delete(configurationId);
    this.#settled.add(configurationId);
  }
}
