import { DEFAULTS } from '../experiment/configuration.ts';

/**
 * A definition to begin with, as text: the experiment's defaults and a modest grid around them, its ages within what the
 * baseline run was built for.
 *
 * @param dataRoot relative to where the text will lie
 * @param schema for editors: path of the JSON Schema from where the text will lie
 * @param maxAgeMinutes null where the run does not say
 */
export function firstDefinition(of: {
  readonly name: string;
  readonly dataRoot: string;
  readonly runId: string;
  readonly schema: string;
  readonly maxAgeMinutes: number | null;
}): string {
  const { name, dataRoot, runId, schema, maxAgeMinutes } = of;
  const sets = agesSets(maxAgeMinutes ?? Infinity);
  const gap = maxAgeMinutes === null ? '' : `; the run was built for ages up to ${maxAgeMinutes}`;
  const text = (value: string): string => JSON.stringify(value);
  return `# yaml-language-server: $schema=${schema}
name: ${text(name)}
baseline: { dataRoot: ${text(dataRoot)}, runId: ${text(runId)} } # relative to this file
axes:
  # minutes after its entry at which a position is looked at, set by set${gap}
  agesMinutes: [${sets.map((ages) => `[${ages.join(', ')}]`).join(', ')}]
  regressorKind: [huber, ridge]
  huberAlpha: { logspace: [-4, 0, 5] } # powers of ten, both ends in
  huberEpsilon: [1.1, ${DEFAULTS.huberEpsilon}, 1.7]
  ridgeAlpha: [1, ${DEFAULTS.ridgeAlpha}, 100]
  regressionTargetClipBps: [${DEFAULTS.regressionTargetClipBps}, 60] # 0: no clip
`;
}

/** The experiment's own ages, and a shorter set, as far as the largest age reaches. */
function agesSets(maxAgeMinutes: number): number[][] {
  const own = DEFAULTS.agesMinutes.filter((age) => age <= maxAgeMinutes);
  const short = own.filter((age) => age === 5 || age === 15);
  if (own.length === 0) return [[Math.min(maxAgeMinutes, DEFAULTS.agesMinutes[0])]];
  return short.length > 0 && short.length < own.length ? [own, short] : [own];
}
