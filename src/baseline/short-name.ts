/** A name for a message: it is a file's, and may be as long as the file. */
export function shortName(name: string): string {
  return name.length > LONGEST_SHOWN ? `${name.slice(0, LONGEST_SHOWN)}…` : name;
}

const LONGEST_SHOWN = 60;
