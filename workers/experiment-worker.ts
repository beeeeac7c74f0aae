import { workerData } from 'node:worker_threads';
import type { WorkerData, WorkerTask } from '../src/execution/messages.ts';
import { runWorkerTask } from '../src/execution/worker-tasks.ts';

const data: WorkerData = workerData;

/** The worker thread's entry: everything it does is in `src/execution/worker-tasks.ts`. */
export default function run(task: WorkerTask): unknown {
  return runWorkerTask(data, task);
}
