import type { WorkerEngine } from '../distributed/work-site.ts';
import { parseFault } from '../execution/faults.ts';
import type { OutcomeRecord } from '../store/records.ts';

const TAMPER = 'tamper:';

/** For the fault suite: `SWEEP_INJECT_FAULT=exit:first:ID` breaks a worker when it comes to that configuration. */
export function injectedFault() {
  const text = injected();
  return text === '' || text.startsWith(TAMPER) ? {} : { fault: parseFault(text) };
}

/** `SWEEP_INJECT_FAULT=tamper:ID`: a worker on many machines stores another number of that configuration than it has found. */
export function injectedTampering() {
  const text = injected();
  if (!text.startsWith(TAMPER)) return {};
  const configuration = text.slice(TAMPER.length);
  const isMeant = (outcome: OutcomeRecord) => outcome.configurationId.startsWith(configuration);
  return {
    through: (engine: WorkerEngine) => changedBy(engine, (outcome) => (isMeant(outcome) ? tampered(outcome) : outcome)),
  };
}

function injected(): string {
  return process.env.SWEEP_INJECT_FAULT ?? '';
}

/** What an engine finds, changed before anybody hears of it. */
function changedBy(engine: WorkerEngine, change: (outcome: OutcomeRecord) => OutcomeRecord): WorkerEngine {
  return {
    open: () => engine.open(),
    kill: () => engine.kill(),
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
    run: (slices, sink, signal) =>
      engine.run(
        slices,
        {
          knowsNothing: sink.knowsNothing,
          open: async (slice, rows) => {
            const open = await sink.open(slice, rows);
            return { ...open, settle: (outcome: OutcomeRecord) => open.settle(change(outcome)) };
          },
        },
        signal,
      ),
  };
}

/** One number, in its last digits. */
function tampered(outcome: OutcomeRecord): OutcomeRecord {
  if (outcome.kind !== 'completed') return outcome;
  const result = structuredClone(outcome.result);
  const metrics = result.long_market_only.tune;
  if (metrics !== undefined) metrics.edge_mae *= 1 + 1e-12;
  return { ...outcome, result };
}
