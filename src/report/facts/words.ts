import type { Configuration } from '../../experiment/configuration.ts';
import type { Piece } from '../../page-data/report.ts';
import type { TableAxis } from './table-axes.ts';

/** `6 %`, of one line; what is neither none nor all never reads as if it were. */
export function percentText(share: number): string {
  const percent = Math.round(100 * share);
  if (percent === 0 && share > 0) return 'under 1\u00a0%';
  if (percent === 100 && share < 1) return 'over 99\u00a0%';
  return `${percent}\u00a0%`;
}

/** A number with its sign, as sentences have it: a real minus. */
export function signedWords(value: number, digits: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`;
}

/** A margin: four decimals. */
export function marginWords(value: number): string {
  return signedWords(value, 4);
}

/** A terminal's sentence as a page has it: with a real minus before numbers. */
export function withRealMinus(sentence: string): string {
  return sentence.replace(/(?<![\w.-])-(?=\d)/g, '−');
}

/** A correlation: two decimals, a real minus. */
export function rhoText(rho: number | null): string {
  if (rho === null) return 'none';
  const text = Math.abs(rho).toFixed(2);
  return rho < 0 && text !== '0.00' ? `−${text}` : text;
}

/** `a`, `a and b`, `a, b and c`. */
export function listText(items: readonly string[]): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

export function plain(text: string): Piece {
  return { text };
}

/** A configuration's id as far as a person reads it. */
export function idPiece(configuration: string, shortIdLength: number): Piece {
  return { text: configuration.slice(0, shortIdLength), configuration };
}

/**
 * `ages 30,60, huber, alpha 10, epsilon 1.05, clip 60 bps`: a configuration by what varies in its sweep, and its ages and
 * kind in any case.
 */
export function configurationText(configuration: Configuration, axes: readonly TableAxis[]): string {
  const { agesMinutes, regressor, regressionTargetClipBps: clip, maxRowsPerSplit: cap } = configuration;
  const textOf = (name: string): string | null => {
    const axis = axes.find((known) => known.name === name);
    return axis === undefined ? null : axis.texts[axis.placeOf(configuration)]!;
  };
  const parts = [`ages ${agesMinutes.join()}`, regressor.kind];
  const alpha = textOf(regressor.kind === 'huber' ? 'huberAlpha' : 'ridgeAlpha');
  if (alpha !== null) parts.push(`alpha ${alpha}`);
  const epsilon = regressor.kind === 'huber' ? textOf('huberEpsilon') : null;
  if (epsilon !== null) parts.push(`epsilon ${epsilon}`);
  const iterations = regressor.kind === 'huber' ? textOf('huberMaxIter') : null;
  if (iterations !== null) parts.push(`max iter ${iterations}`);
  if (textOf('regressionTargetClipBps') !== null) parts.push(clip === 0 ? 'no clip' : `clip ${clip} bps`);
  if (textOf('maxRowsPerSplit') !== null) parts.push(cap === 0 ? 'no cap' : `cap ${cap}`);
  return parts.join(', ');
}
