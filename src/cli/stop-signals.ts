/** All that ask a program to stop: Ctrl-C, a service manager, a terminal that is closed, Ctrl-\. */
export const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/** A process has one set of signals, whoever asks for them. */
const callbacks = new Set<() => void>();

/**
 * Calls back for each signal that asks to stop. Where the launcher started this process on another Node, a terminal sends
 * its signals to both and the launcher hands on what it got: two reports of one Ctrl-C, in any order. Somebody who ends
 * the launcher by its number is reported once. So as many have come as either has reported.
 */
export function onStopSignal(callback: () => void): void {
  callbacks.add(callback);
  if (callbacks.size > 1) return;
  let came = 0;
  const reported = (own: number, handedOn: number): void => {
    for (; came < Math.max(own, handedOn); came += 1) for (const each of callbacks) each();
  };
  let own = 0;
  let handedOn = 0;
  for (const signal of STOP_SIGNALS) process.on(signal, () => reported((own += 1), handedOn));
  process.on('message', (message) => {
    if (signalIn(message) !== undefined) reported(own, (handedOn += 1));
  });
  process.channel?.unref();
}

/**
 * Ends with the launcher where there is one: a program whose launcher was killed would go on unseen and keep its store
 * locked. A signal that it hands on does what it does to this process.
 */
export function followLauncher(): void {
  if (process.channel === undefined || process.channel === null) return;
  process.on('disconnect', () => process.exit(LAUNCHER_GONE));
  process.on('message', (message) => {
    const signal = signalIn(message);
    if (signal !== undefined && process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  });
  // Listening to it must not keep a program alive that is done.
  process.channel.unref();
}

/** As of a process that was ended by SIGKILL, though nobody is left to see it. */
const LAUNCHER_GONE = 137;

function signalIn(message: unknown): (typeof STOP_SIGNALS)[number] | undefined {
  if (typeof message !== 'object' || message === null || !('signal' in message)) return undefined;
  return STOP_SIGNALS.find((signal) => signal === message.signal);
}
