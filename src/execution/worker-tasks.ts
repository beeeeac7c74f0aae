import { threadId } from 'node:worker_threads';
import { type Dataset, layOutSide } from '../dataset/dataset.ts';
import { CONFIGURATIONS_PER_PASS, MODELS, ModelJudge, type ModelJudgement } from '../experiment/model-judge.ts';
import type { ModelKey } from '../experiment/results.ts';
import { type JudgingContext, prepareSide, type SideContext } from '../experiment/side-context.ts';
import { SharedArena } from '../numerics/memory.ts';
import { fromAddresses, toAddresses } from '../numerics/shared-views.ts';
import { Cancelled, Workspace } from '../numerics/workspace.ts';
import type { PlannedConfiguration } from '../sweep/plan.ts';
import { UserError } from '../user-error.ts';
import type { Control } from './control.ts';
import { injectFault, injectPreparationFault } from './faults.ts';
import {
  type BatchReply,
  type FaultInjection,
  failureText,
  type JudgeBatchTask,
  type MemoryRange,
  type PreparedSide,
  type PrepareSideTask,
  type WorkerData,
  type WorkerTask,
} from './messages.ts';

type Shared = { readonly memory: WebAssembly.Memory; readonly control: Control };

/**
 * The memory as this thread first received it. Each message brings an object of its own for the one memory; views are
 * checked against the one that the kernels were made on.
 */
let held: Shared | undefined;

/** Runs one task on the memory that this thread shares. Returns what the task's kind says, as addresses. */
export function runWorkerTask({ fault }: WorkerData, task: WorkerTask): unknown {
  const { memory, control } = task.shared;
  held ??= { memory, control: fromAddresses<Control>(control, memory) };
  if (task.kind === 'prepare-side') return prepareTask(held, task, fault);
  judgeBatch(held, task, fault);
  return null;
}

function prepareTask({ memory, control }: Shared, task: PrepareSideTask, fault: FaultInjection | null): PreparedSide {
  Atomics.store(control.progress[task.slot]!, 0, 0);
  Atomics.store(control.keeper[task.slot]!, 0, 0);
  const dataset = fromAddresses<Dataset>(task.dataset, memory);
  const workspace = new Workspace(arenaOn(memory, task.work), control.cancel);
  return prepared(() => {
    injectPreparationFault(fault, task.attempt);
    layOutSide(workspace.kernels, dataset, task.side);
    return prepareSide(workspace, arenaOn(memory, task.kept), dataset, task.side);
  }, memory);
}

/** Judges of the models that this thread has judged last, with all that they have on the way to their last configuration. */
type KeptJudges = {
  readonly slot: number;
  readonly datasetNumber: number;
  readonly workspace: Workspace;
  readonly judges: Map<ModelKey, ModelJudge>;
};
let kept: KeptJudges | undefined;

/**
 * A judge of the task's model on its range: the one of an earlier batch, where it is still there, else a new one. It still
 * is where no other thread and no other task has used the range since, which the keeper's word says. What a judge has kept
 * saves time and changes no result.
 */
function judgeFor({ memory, control }: Shared, task: JudgeBatchTask): ModelJudge {
  const { slot, datasetNumber } = task;
  const isThere = Atomics.exchange(control.keeper[slot]!, 0, threadId) === threadId;
  if (!isThere || kept?.slot !== slot || kept.datasetNumber !== datasetNumber) {
    const workspace = new Workspace(arenaOn(memory, task.work), control.cancel);
    kept = { slot, datasetNumber, workspace, judges: new Map() };
  }
  const { workspace, judges } = kept;
  const known = judges.get(task.batch.model);
  if (known !== undefined) return known;
  const model = MODELS.find(({ key }) => key === task.batch.model)!;
  const dataset = fromAddresses<Dataset>(task.dataset, memory);
  const context = fromAddresses<JudgingContext[]>(task.contexts, memory)[model.side]!;
  const judge = new ModelJudge(workspace, workspace.arena, dataset, context, model, task.featureOrder);
  judges.set(model.key, judge);
  return judge;
}

/**
 * What the user can mend is an outcome and travels as one: a thrown error would lose its class on the way. Any other error
 * is returned, too, so that a task without a reply is one whose thread has ended.
 */
function prepared(prepare: () => SideContext, memory: WebAssembly.Memory): PreparedSide {
  try {
    return { kind: 'prepared', context: toAddresses(prepare(), memory) };
  } catch (error) {
    if (error instanceof UserError) return { kind: 'refused', message: error.message };
    return { kind: 'threw', error };
  }
}

function judgeBatch(shared: Shared, task: JudgeBatchTask, fault: FaultInjection | null): void {
  const { batchId, port } = task;
  const { configurations } = task.batch;
  const progress = shared.control.progress[task.slot]!;
  const judges = {
    judge: (pass: readonly PlannedConfiguration[]): ModelJudgement[] => {
      const judge = judgeFor(shared, task);
      injectFault(fault, pass, task.attempt);
      return judge.judge(pass.map(({ configuration }) => configuration));
    },
    forget: () => {
      kept = undefined;
    },
  };
  for (let done = 0; done < configurations.length; done += CONFIGURATIONS_PER_PASS) {
    Atomics.store(progress, 0, done);
    for (const reply of judgePass(judges, configurations.slice(done, done + CONFIGURATIONS_PER_PASS), batchId)) {
      port.postMessage(reply);
    }
  }
  Atomics.store(progress, 0, configurations.length);
}

/** Judges of one model, one after the other: `judge` asks the one that is there, `forget` has the next one made anew. */
export type PassJudges = {
  judge(pass: readonly PlannedConfiguration[]): ModelJudgement[];
  forget(): void;
};

/**
 * One pass; where it fails, each of its configurations alone, so that one of them does not take the others down: by a judge
 * that has nothing of the one that failed, which may have been left in the middle of anything.
 */
export function judgePass(judges: PassJudges, pass: readonly PlannedConfiguration[], batchId: number): BatchReply[] {
  const started = performance.now();
  let judgements: ModelJudgement[];
  try {
    judgements = judges.judge(pass);
  } catch (error) {
    judges.forget();
    if (error instanceof Cancelled) throw error;
    if (pass.length > 1) return pass.flatMap((planned) => judgePass(judges, [planned], batchId));
    const durationMs = performance.now() - started;
    return [{ kind: 'failed', batchId, configurationId: pass[0]!.id, durationMs, error: failureText(error) }];
  }
  const durationMs = (performance.now() - started) / pass.length;
  return judgements.map(({ result, dailyLosses }, i) => ({
    kind: 'judged',
    batchId,
    configurationId: pass[i]!.id,
    durationMs,
    judgement: { result, dailyLosses },
  }));
}

function arenaOn(memory: WebAssembly.Memory, range: MemoryRange): SharedArena {
  return new SharedArena(memory, range.start, range.end);
}
