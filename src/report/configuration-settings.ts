import { z } from 'zod';
import { type Configuration, DEFAULTS } from '../experiment/configuration.ts';
import { PARAMETER_NAMES, parameterOf } from '../experiment/parameters.ts';
import type { Settings, SweepLosses } from '../trust/losses.ts';
import { axisValueKey } from './axes.ts';

/**
 * What a configuration is, for who has to choose one of several that days cannot tell apart. Plain is what the seed does: the
 * fewest parameters that are not at its defaults; then the fewest ages; then the larger penalty.
 */
export function settingsOf(configuration: Configuration): Settings {
  const parameters: { [name: string]: Settings['parameters'][string] } = {};
  let changed = 0;
  for (const name of PARAMETER_NAMES) {
    const { read, byDefault } = parameterOf(name);
    const value = read(configuration);
    if (value === null) continue;
    parameters[name] = value;
    if (axisValueKey(value) !== axisValueKey(byDefault)) changed += 1;
  }
  const { agesMinutes, regressor } = configuration;
  return { parameters, plainness: [changed, agesMinutes.length, -regressor.alpha] };
}

const regressor = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('huber'), alpha: z.number(), epsilon: z.number(), maxIter: z.number() }),
  z.object({ kind: z.literal('ridge'), alpha: z.number() }),
]);
const canonical = z.object({
  agesMinutes: z.array(z.number()),
  maxRowsPerSplit: z.number(),
  regressionTargetClipBps: z.number(),
  regressor,
});

const file = z.object({ configurations: z.array(z.object({ canonical })) });

/** Losses from a file whose configurations are known by their canonical forms alone (`canonicalConfiguration`). */
export function withSettings(losses: SweepLosses, json: unknown): SweepLosses {
  const { data } = file.safeParse(json);
  if (data === undefined) return losses;
  const configurations = losses.configurations.map((configuration, i) => ({
    ...configuration,
    settings: configuration.settings ?? settingsOfCanonical(data.configurations[i]!.canonical),
  }));
  return { ...losses, configurations };
}

function settingsOfCanonical(form: z.infer<typeof canonical>): Settings {
  const settings =
    form.regressor.kind === 'ridge' ? { ...form.regressor, maxIter: DEFAULTS.huberMaxIter } : form.regressor;
  return settingsOf({ ...form, regressor: settings });
}
