/**
 * Processes that go on side by side and meet where one pass over the data can serve many of them. A process is a generator:
 * it yields what it cannot go on without, and is resumed when it has that. Nothing a process does depends on which others
 * run beside it, nor in which order they are resumed: that is for the passes to guarantee (`Desk`), and it is what makes a
 * fit's numbers its own.
 */
export type Process<T> = Generator<Wish, T, void>;

/** What a process waits for: to be served at a desk, the outcome of another process, or something to become free. */
export type Wish = Errand | Task<unknown> | Stock;

/** Something that a desk does for a process. The process reads the outcome from its own errand. */
export type Errand = { readonly desk: Desk };

/** Serves several errands in one go; what each gets depends on that errand alone. */
export type Desk = {
  readonly perPass: number;
  serve(errands: readonly Errand[]): void;
};

/** Things that processes take and give back, some of which can be made free by giving up what may be made anew. */
export type Stock = {
  readonly hasFree: boolean;
  /** gives something up; false where there is nothing left to give up */
  relieve(): boolean;
};

/** A process whose outcome several others wait for; it runs once, when the first of them asks. */
export class Task<T> {
  readonly process: Process<T>;
  isStarted = false;
  outcome: { readonly value: T } | undefined;

  constructor(process: Process<T>) {
    this.process = process;
  }
}

/** The outcome of a task. */
export function* outcomeOf<T>(task: Task<T>): Process<T> {
  if (task.outcome === undefined) yield task;
  if (task.outcome === undefined) throw new Error('a process was resumed before its task had ended');
  return task.outcome.value;
}

/** Once something of a stock is free. */
export function* untilFree(stock: Stock): Process<void> {
  while (!stock.hasFree) yield stock;
}

/**
 * Runs processes to their ends and returns their outcomes, in the order of the processes.
 *
 * @param desks in the order in which they are preferred while none of them has a full pass waiting
 */
export function runTogether<T>(processes: readonly Process<T>[], desks: readonly Desk[]): T[] {
  const outcomes: T[] = [];
  const ready: Running[] = processes.map((process, index) => ({
    process,
    end: (value) => {
      outcomes[index] = value as T;
    },
  }));
  const waiting = new Map<Desk, Waiting[]>(desks.map((desk) => [desk, []]));
  const waitingForStock: { readonly stock: Stock; readonly running: Running }[] = [];
  const waitingForTask = new Map<Task<unknown>, Running[]>();
  const start = (task: Task<unknown>): void => {
    task.isStarted = true;
    const end = (value: unknown): void => {
      task.outcome = { value };
      ready.push(...(waitingForTask.get(task) ?? []));
      waitingForTask.delete(task);
    };
    ready.push({ process: task.process, end });
  };
  const resume = (running: Running): void => {
    const step = running.process.next();
    if (step.done === true) {
      running.end(step.value);
      return;
    }
    const wish = step.value;
    if (wish instanceof Task) {
      if (wish.outcome !== undefined) ready.push(running);
      else {
        waitingForTask.set(wish, [...(waitingForTask.get(wish) ?? []), running]);
        if (!wish.isStarted) start(wish);
      }
    } else if ('desk' in wish) {
      const queue = waiting.get(wish.desk);
      if (queue === undefined) throw new Error('an errand for a desk that is not open');
      queue.push({ errand: wish, running });
    } else waitingForStock.push({ stock: wish, running });
  };
  /** Resumes who waits for a stock, as far as it goes; whoever finds nothing free waits again. */
  const wakeForStock = (): boolean => {
    const index = waitingForStock.findIndex(({ stock }) => stock.hasFree || stock.relieve());
    if (index < 0) return false;
    const [found] = waitingForStock.splice(index, 1);
    ready.push(found!.running);
    return true;
  };
  const serve = (): boolean => {
    const isFull = (desk: Desk): boolean => waiting.get(desk)!.length >= desk.perPass;
    const desk = desks.find(isFull) ?? desks.find((open) => waiting.get(open)!.length > 0);
    if (desk === undefined) return false;
    const served = waiting.get(desk)!.splice(0, desk.perPass);
    desk.serve(served.map(({ errand }) => errand));
    ready.push(...served.map(({ running }) => running));
    return true;
  };
  while (true) {
    const running = ready.shift();
    if (running !== undefined) resume(running);
    else if (!wakeForStock() && !serve()) break;
  }
  if (waitingForStock.length > 0 || waitingForTask.size > 0) throw new Error('processes wait for one another');
  return outcomes;
}

type Running = { readonly process: Process<unknown>; end(value: unknown): void };
type Waiting = { readonly errand: Errand; readonly running: Running };
