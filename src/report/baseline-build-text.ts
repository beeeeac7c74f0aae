import type { BuildSummary } from '../baseline/from-bars/build-summary.ts';
import { countText } from './number-text.ts';
import { pad, printable } from './printable.ts';

/** What `sweep baseline build` prints: what was made of which bars, and what was left out. */
export function baselineBuildText(summary: BuildSummary): string {
  const lines = [`baseline run ${summary.runId}: ${summary.marketFeatureCount} market features`];
  for (const source of summary.sources) {
    const { symbol, files, readings: _readings, badRows: _badRows, ...counts } = source;
    const facts = Object.entries(counts)
      .filter((entry): entry is [string, number] => typeof entry[1] === 'number' && entry[1] > 0)
      .map(([name, count]) => `${words(name)} ${countText(count)}`);
    lines.push(
      `  ${printable(symbol)} from ${printable(files[0]!.path)} (sha256 ${files[0]!.sha256.slice(0, 12)}…)`,
      `    ${facts.join(', ')}`,
    );
  }
  const splits = Object.entries(summary.rows);
  const header = ['split', 'rows', 'of them usable', 'long entries', 'short entries'];
  const rows = splits.map(([split, flags]) => {
    const all = Object.values(flags).reduce((a, b) => a + b, 0);
    const labels = Object.entries(summary.entryLabels).find(([name]) => name === split)?.[1];
    return [
      split,
      countText(all),
      countText(all - flags.INSUFFICIENT_HISTORY),
      countText(labels?.LONG.positives ?? 0),
      countText(labels?.SHORT.positives ?? 0),
    ];
  });
  const widths = header.map((title, j) => Math.max(title.length, ...rows.map((row) => row[j]!.length)));
  for (const row of [header, ...rows]) {
    lines.push(`  ${row.map((cell, j) => pad(cell, widths[j]!, j === 0 ? 'left' : 'right')).join('  ')}`);
  }
  lines.push(`  files: ${printable(summary.folder)}`);
  return lines.join('\n');
}

/** `barsWithoutWindow` as `bars without window`. */
function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
