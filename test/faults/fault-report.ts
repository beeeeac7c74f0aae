import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import type { FaultRow } from './account.ts';

export type Made = { readonly command: string; readonly seed: number; readonly durationMs: number };

/** The table of the faults as Markdown, and behind it every line that says what was lost or wrong. */
export function faultSection(rows: readonly FaultRow[], made: Made): string {
  const cells = rows.map(({ fault, tried, happened, lost, wrong }) => [
    fault,
    tried,
    happened,
    lost.length,
    wrong.length,
  ]);
  const problems = rows.flatMap(problemLines);
  return [
    madeLine(made),
    '',
    markdownTable(['fault', 'tried', 'what happened', 'lost', 'wrong'], cells),
    ...(problems.length === 0 ? [] : ['', 'Lost or wrong:', '', ...problems]),
  ].join('\n');
}

export function markdownTable(head: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const line = (cells: readonly unknown[]) =>
    `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** When, where, and by what command it was made. */
export function madeLine({ command, seed, durationMs }: Made): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown';
  const date = new Date().toISOString().slice(0, 10);
  const minutes = (durationMs / 60_000).toFixed(1);
  return `Made on ${date} by \`${command}\`, seed ${seed}, in ${minutes} minutes, on ${model} (${cpus().length} cores), Node ${process.version}.`;
}

/** Puts a section into the report's file, in the place of the one of the same title, or behind all others. */
export function writeSection(path: string, title: string, content: string): void {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : INTRODUCTION;
  const [head = '', ...sections] = text.split(/^## /m).map((section) => section.trimEnd());
  const place = sections.findIndex((section) => section.startsWith(`${title}\n`));
  sections[place === -1 ? sections.length : place] = `${title}\n\n${content.trimEnd()}`;
  writeFileSync(path, `${head}\n\n${sections.map((section) => `## ${section}\n`).join('\n')}`);
}

export const TITLES = { faults: 'Faults', fuzz: 'Hostile input', memory: 'Memory' } as const;

/** Lines shown of one fault: a run that went wrong misses every verdict for the same reason. */
const MAX_LINES = 6;
const INTRODUCTION = `# Nothing lost, nothing wrong

What was done to the program on purpose, and what came of it: real processes, real threads, real files. The suites
write these tables themselves; \`npm run test:slow\` runs a short form of each.

- **lost**: verdicts that were stored, or had to be, and were not there in the end.
- **wrong**: a metric that differs in any bit from the undisturbed run, a duplicate, a store that fails \`PRAGMA
  integrity_check\` or its own check, a stack trace, an unexpected exit code, a hang, a file outside its folder.
`;

function problemLines({ fault, lost, wrong }: FaultRow): string[] {
  const lines = [...lost, ...wrong].map((line) => `- ${fault}: ${line}`);
  const more = lines.length - MAX_LINES;
  return more > 0 ? [...lines.slice(0, MAX_LINES), `- ${fault}: and ${more} more`] : lines;
}
