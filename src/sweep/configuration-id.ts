import { z } from 'zod';
import { type Json, sha256Json } from '../canonical-json.ts';
import { type Configuration, DEFAULTS } from '../experiment/configuration.ts';
import { uniqueAscending } from './axis-values.ts';
import * as rules from './parameter-rules.ts';
import { mapping, parseWith } from './problems.ts';

/** Hexadecimal text of `ID_LENGTH` characters. */
export type ConfigurationId = string;

/** 24 hexadecimal characters, 96 bits: among a million configurations two share an id with probability 6e-18. */
export const ID_LENGTH = 24;

/**
 * The name of a configuration, made of what it is: SHA-256 of the canonical JSON of its canonical form, cut short. Equal
 * experiments have equal ids, in whatever sweep, order or spelling they were asked for.
 */
export function configurationId(configuration: Configuration): ConfigurationId {
  return sha256Json(canonicalConfiguration(configuration)).slice(0, ID_LENGTH);
}

/**
 * The one way to write a configuration down: ages ascending and unique, -0 as 0, and only what its result depends on. So
 * a ridge configuration has no Huber fields and no iteration limit.
 *
 * Stored ids are hashes of this. A parameter added one day has to be left out here at the value that means "as before".
 */
export function canonicalConfiguration(configuration: Configuration): Json {
  const { agesMinutes, regressor, regressionTargetClipBps, maxRowsPerSplit } = configuration;
  return {
    agesMinutes: uniqueAscending(agesMinutes),
    maxRowsPerSplit: maxRowsPerSplit + 0,
    regressionTargetClipBps: regressionTargetClipBps + 0,
    regressor:
      regressor.kind === 'huber'
        ? { kind: 'huber', alpha: regressor.alpha + 0, epsilon: regressor.epsilon, maxIter: regressor.maxIter }
        : { kind: 'ridge', alpha: regressor.alpha + 0 },
  };
}

/**
 * The configuration that a canonical form stands for.
 *
 * @throws UserError when it is not a canonical form: a store written by another version, or changed by hand
 */
export function configurationFromCanonical(json: unknown): Configuration {
  const { agesMinutes, regressor, ...rest } = parseWith(canonicalSchema, json, 'configuration');
  return {
    agesMinutes,
    regressor: regressor.kind === 'huber' ? regressor : { ...regressor, maxIter: DEFAULTS.huberMaxIter },
    ...rest,
  };
}

const AGES_RULE = 'expected ages in minutes, ascending, without duplicates';

const canonicalSchema = mapping('expected a configuration', {
  agesMinutes: z
    .array(rules.ageMinutes, AGES_RULE)
    .min(1, AGES_RULE)
    .refine((ages) => ages.every((age, i) => i === 0 || age > ages[i - 1]!), AGES_RULE),
  maxRowsPerSplit: rules.maxRowsPerSplit,
  regressionTargetClipBps: rules.regressionTargetClipBps,
  regressor: z.discriminatedUnion(
    'kind',
    [
      mapping('expected a regressor', {
        kind: z.literal('huber'),
        alpha: rules.huberAlpha,
        epsilon: rules.huberEpsilon,
        maxIter: rules.huberMaxIter,
      }),
      mapping('expected a regressor', { kind: z.literal('ridge'), alpha: rules.ridgeAlpha }),
    ],
    'expected a regressor of kind huber or ridge',
  ),
});
