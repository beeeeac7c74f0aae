import type { RunEvaluations } from '../execution/evaluations.ts';
import type { HostOptions, HostWork } from '../execution/host.ts';
import type { SweepObserver } from '../execution/observer.ts';
import type { OutcomeSink, SliceEngine } from '../execution/slice-engine.ts';
import type { PlannedDataset } from '../sweep/plan.ts';
import { UnfitHost } from '../unfit-host.ts';
import { type FromChild, receivedError } from './engine-messages.ts';
import { EngineProcess } from './engine-process.ts';
import { GivenSlices } from './given-slices.ts';

export type ChildEngineSetup = {
  /** What the host is opened for: a dataset of no other shape is given to it. */
  readonly work: HostWork;
  readonly options: HostOptions;
  readonly observer: Pick<SweepObserver, 'phase' | 'cacheProblem' | 'batchLost'> & {
    /** A child has ended while it was at work. */
    childLost?(reason: string): void;
  };
  /** Throws where this machine is not fit. Asked before a configuration is given up because children ended over it. */
  readonly proveHost: () => Promise<void>;
};

/** What a host says when it is open. */
export type HostFacts = { readonly evaluations: RunEvaluations; readonly memoryBytes: number };

/** A child that ends so often with nothing to do ends of this machine, not of what it judges. */
const MOST_IDLE_ENDS = 3;

type Child = {
  readonly process: EngineProcess;
  readonly facts: HostFacts;
  /** Has asked for a slice, and got none yet. */
  wants: boolean;
  isStopping: boolean;
};

/**
 * Judges slices in a process of its own: its memory, its threads, what blocks it and what ends it never touch the event
 * loop of this one. A child stays, with its data and its last dataset, from one run to the next. One that ends is followed by
 * another (`GivenSlices` says what it is given). One run at a time.
 */
export class ChildEngine implements SliceEngine, AsyncDisposable {
  readonly #setup: ChildEngineSetup;
  #child: Promise<Child> | null = null;
  #running: EngineProcess | null = null;
  /** Hears what the child says, while a run follows it. */
  #listener: ((message: FromChild) => void) | null = null;
  #nextPart = 1;

  constructor(setup: ChildEngineSetup) {
    this.#setup = setup;
  }

  /** Of the child, while there is one: for who looks at processes. */
  get pid(): number | undefined {
    return this.#running?.pid;
  }

  /**
   * Starts the child, where none is, and waits until it has read its data and has its memory.
   *
   * @throws UserError when the baseline run cannot be read or does not fit the memory; UnfitHost when the process ends over it
   */
  async open(): Promise<HostFacts> {
    return (await this.#openChild()).facts;
  }

  async run(slices: AsyncIterable<PlannedDataset>, sink: OutcomeSink, signal: AbortSignal): Promise<void> {
    const given = new GivenSlices(slices, sink, this.#nextPart, this.#setup.proveHost);
    try {
      await this.#judge(given, signal);
    } catch (error) {
      // What it is at belongs to nobody any more.
      await this.#drop();
      await given[Symbol.asyncDispose]().catch(() => {
        // The first reason wins; what could not be stored failed of the same, or has come too late for it.
      });
      throw error;
    } finally {
      this.#nextPart = given.nextNumber;
    }
    await given[Symbol.asyncDispose]();
  }

  async #judge(given: GivenSlices, signal: AbortSignal): Promise<void> {
    for (let idleEnds = 0; ; ) {
      const child = await this.#openChild();
      const lost = await this.#follow(child, given, signal);
      if (lost === null) return;
      await this.#drop();
      if (signal.aborted) return;
      this.#setup.observer.childLost?.(lost);
      idleEnds = given.isIdle ? idleEnds + 1 : 0;
      if (idleEnds === MOST_IDLE_ENDS)
        throw new UnfitHost(`the engine's process ends by itself on this machine (${lost})`);
      await given.childEnded(lost);
    }
  }

  /** Ends the child at once; a run that was told to stop ends with it, and has stored what it was told. */
  async kill(): Promise<void> {
    await this.#running?.kill();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#drop();
  }

  async #drop(): Promise<void> {
    await this.kill();
    this.#child = null;
    this.#running = null;
  }

  #openChild(): Promise<Child> {
    this.#child ??= this.#start().catch(async (error: unknown) => {
      await this.#drop();
      throw error;
    });
    return this.#child;
  }

  async #start(): Promise<Child> {
    const { work, options, observer } = this.#setup;
    const opened = Promise.withResolvers<HostFacts>();
    let child: Child | undefined;
    const started = new EngineProcess((message) => {
      switch (message.kind) {
        case 'phase':
          return observer.phase?.(message);
        case 'cache-problem':
          return observer.cacheProblem?.(message.message);
        case 'batch-lost':
          return observer.batchLost?.(message);
        case 'ready':
          return opened.resolve(message);
        case 'threw':
          opened.reject(receivedError(message.error));
      }
      if (child === undefined) return;
      if (message.kind === 'wants-slice' && !child.isStopping) child.wants = true;
      if (message.kind === 'stopped') child.isStopping = false;
      this.#listener?.(message);
    });
    this.#running = started;
    void started.ended.then((reason) => {
      opened.reject(new UnfitHost(`the engine's process ended before it could judge (${reason}): memory, most often`));
    });
    started.send({ kind: 'open', work, options });
    child = { process: started, facts: EMPTY_FACTS, wants: false, isStopping: false };
    const { evaluations, memoryBytes } = await opened.promise;
    child = Object.assign(child, { facts: { evaluations, memoryBytes } });
    return child;
  }

  /** Serves a child until everything is judged, or it has stopped. @returns why it has ended, where it has */
  async #follow(child: Child, given: GivenSlices, signal: AbortSignal): Promise<string | null> {
    const followed = Promise.withResolvers<string | null>();
    let isServing = false;
    let isOver = false;
    const serve = async (): Promise<void> => {
      if (isServing || !child.wants || signal.aborted) return;
      isServing = true;
      const part = await given.next();
      isServing = false;
      if (isOver && part !== null) given.putBack(part);
      if (isOver || signal.aborted) return;
      if (part !== null) {
        child.wants = false;
        child.process.send({ kind: 'slice', part: part.number, slice: part.slice });
      } else if (given.isDone) followed.resolve(null);
    };
    const carefully = (work: () => Promise<void>): void => {
      work().catch((error: unknown) => followed.reject(error));
    };
    const answer = async ({ call, part, ...asked }: Extract<FromChild, { kind: 'call' }>): Promise<void> => {
      const opened = await given.answer(part, asked);
      child.process.send({ kind: 'answer', call, opened });
      if (given.isDone) followed.resolve(null);
    };
    this.#listener = (message) => {
      if (message.kind === 'wants-slice') carefully(serve);
      else if (message.kind === 'call') carefully(() => answer(message));
      else if (message.kind === 'tell') carefully(async () => given.hear(message.part, message));
      else if (message.kind === 'threw') followed.reject(receivedError(message.error));
      else if (message.kind === 'stopped') followed.resolve(null);
    };
    const stop = (): void => {
      if (given.isIdle) {
        followed.resolve(null);
        return;
      }
      child.isStopping = true;
      child.wants = false;
      child.process.send({ kind: 'stop' });
    };
    void child.process.ended.then((reason) => followed.resolve(reason));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop);
    carefully(serve);
    try {
      return await followed.promise;
    } finally {
      isOver = true;
      signal.removeEventListener('abort', stop);
      this.#listener = null;
    }
  }
}

const EMPTY_FACTS: HostFacts = { evaluations: {}, memoryBytes: 0 };
