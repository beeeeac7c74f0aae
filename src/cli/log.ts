import type { EventFields, EventLog } from '../experiment/event-log.ts';
import { pythonInt, pythonIntList, pythonRepr } from '../experiment/python-text.ts';
import { printable, printableJsonLine } from '../report/printable.ts';
import { note } from './terminal.ts';

export type LogFormat = 'quiet' | 'text' | 'json';

/** Fields that the seed prints as floats: `10.0`, not `10`. */
const FLOAT_FIELDS = new Set([
  'ridgeAlpha',
  'huberAlpha',
  'huberEpsilon',
  'regressionTargetClipBps',
  'tuneAuc',
  'tuneMaeRatio',
]);

/** Writes the seed's events to stderr: nothing, the seed's own lines, or one JSON object a line. */
export function stderrLog(format: LogFormat): EventLog {
  return (event, fields) => {
    if (format === 'quiet') return;
    const line =
      format === 'json'
        ? printableJsonLine({ time: new Date().toISOString(), event, ...fields })
        : [event, ...Object.entries(fields).map(([name, value]) => `${name}=${fieldText(name, value)}`)].join(' ');
    note(line);
  };
}

function fieldText(name: string, value: EventFields[string]): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'string') return printable(value);
  if (typeof value === 'number') return FLOAT_FIELDS.has(name) ? pythonRepr(value) : pythonInt(value);
  if (isList(value)) return pythonIntList(value);
  const items = Object.entries(value).map(([key, count]) => `'${key}': ${pythonInt(count)}`);
  return `{${items.join(', ')}}`;
}

function isList(value: readonly number[] | Readonly<Record<string, number>>): value is readonly number[] {
  return Array.isArray(value);
}
