import { runEngineChild } from '../src/distributed/engine-child.ts';
import type { ToChild } from '../src/distributed/engine-messages.ts';

/**
 * The engine child's entry: everything it does is in `src/distributed/engine-child.ts`. Its parent says when it is to stop: a
 * signal that a terminal or a service manager sends to both is the parent's. Without a parent it ends at once.
 */
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) process.on(signal, () => {});
process.on('disconnect', () => process.exit());
runEngineChild({
  send: (message) => process.send!(message),
  onMessage: (listener) => process.on('message', (message) => listener(message as ToChild)),
});
