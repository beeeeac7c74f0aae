import { asObject, readJson } from './json-file.ts';
import { RUN_FILES } from './run-files.ts';

/** What `baseline_build.json` says of how a run was built, as far as somebody needs it who would build it again. */
export type BuildRecord = {
  /** the largest age that the gaps between the run's splits were made for */
  readonly maxAgeMinutes: number | null;
  readonly symbols: readonly string[];
  /** options of `sweep baseline build`, but the data root, in the order in which they are written */
  readonly options: readonly (readonly [flag: string, value: string])[];
  /**
   * SYMBOL=FOLDER/FILE for each file of bars. FOLDER stands for the place where they lie, which whoever shows this has to
   * say: a run keeps the names of its bars, not where they lay.
   */
  readonly sources: readonly string[];
};

/** Settings that are options: their key in the manifest, which is the option's name in camel case. */
const SETTINGS = [
  'runId',
  'stopDistanceBps',
  'targetDistanceBps',
  'costBps',
  'entryHorizonMinutes',
  'minExpectedEntryEdgeBps',
  'entryStrideMinutes',
  'continueHorizonMinutes',
  'minExpectedContinueEdgeBps',
  'maxAgeMinutes',
  'splitFractions',
] as const;

/** @param path of a `baseline_build.json` that is there */
export async function readBuildRecord(path: string): Promise<BuildRecord> {
  const manifest = asObject(await readJson(path, RUN_FILES.buildManifest), RUN_FILES.buildManifest);
  const settings =
    manifest.settings === undefined ? {} : asObject(manifest.settings, `${RUN_FILES.buildManifest}: settings`);
  const options = SETTINGS.flatMap((key) => {
    const value = settings[key];
    return value === undefined ? [] : [[flagOf(key), Array.isArray(value) ? value.join(',') : String(value)] as const];
  });
  const times = [
    ['--start', settings.startMs],
    ['--end', settings.endMs],
  ] as const;
  const { maxAgeMinutes } = settings;
  const sources = Array.isArray(manifest.sources) ? manifest.sources.map((source) => Object(source)) : [];
  return {
    maxAgeMinutes: typeof maxAgeMinutes === 'number' ? maxAgeMinutes : null,
    symbols: sources.map(({ symbol }) => String(symbol)),
    options: [
      ...options,
      ...times.flatMap(([flag, ms]) => (typeof ms === 'number' ? [[flag, new Date(ms).toISOString()] as const] : [])),
    ],
    sources: sources.flatMap(({ symbol, files }) =>
      Array.isArray(files) ? files.map((file) => `${symbol}=FOLDER/${Object(file).file}`) : [`${symbol}=FOLDER/FILE`],
    ),
  };
}

function flagOf(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
