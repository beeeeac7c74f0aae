import { type Json, sha256Json } from '../canonical-json.ts';
import type { Configuration, RegressorKind } from '../experiment/configuration.ts';
import { PARAMETER_NAMES, type Parameter, parameterOf } from '../experiment/parameters.ts';
import { uniqueAscending } from './axis-values.ts';

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
    regressor: {
      kind: regressor.kind,
      ...Object.fromEntries(
        SETTINGS[regressor.kind].map(({ setting, read }) => [setting, Number(read(configuration)) + 0]),
      ),
    },
  };
}

/** The parameters that are settings of a kind of regressor. */
const SETTINGS: { readonly [kind in RegressorKind]: readonly Parameter[] } = {
  huber: settingsOf('huber'),
  ridge: settingsOf('ridge'),
};

function settingsOf(kind: RegressorKind): Parameter[] {
  return PARAMETER_NAMES.map(parameterOf).filter(({ setting, kinds }) => setting !== null && kinds.includes(kind));
}
