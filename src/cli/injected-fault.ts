import { parseFault } from '../execution/faults.ts';

/** For the fault suite: `SWEEP_INJECT_FAULT=exit:first:ID` breaks a worker when it comes to that configuration. */
export function injectedFault() {
  const text = process.env.SWEEP_INJECT_FAULT ?? '';
  return text === '' ? {} : { fault: parseFault(text) };
}
