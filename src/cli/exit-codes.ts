/** What the program's end says to a script. README has the table. */
export const EXIT = {
  done: 0,
  bug: 1,
  /** something that the user can mend; one line says what and how */
  mistake: 2,
  /** `--require-pass` was given and the verdict is not a pass */
  notReady: 3,
  /** what was judged again differs from what is stored */
  differs: 4,
  /** this machine computes otherwise than it should; another may do the work */
  unfit: 5,
  /** a configuration could not be judged */
  error: 6,
  /** Ctrl-C, as shells have it */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Where several hold, the first of these is given: what ends a script's work before what it may go on with. */
const ORDER: readonly ExitCode[] = [
  EXIT.interrupted,
  EXIT.bug,
  EXIT.mistake,
  EXIT.differs,
  EXIT.unfit,
  EXIT.error,
  EXIT.notReady,
  EXIT.done,
];

export type SetExitCode = (code: ExitCode) => void;

/** The graver of two. */
export function graver(a: ExitCode, b: ExitCode): ExitCode {
  return ORDER.indexOf(a) < ORDER.indexOf(b) ? a : b;
}
