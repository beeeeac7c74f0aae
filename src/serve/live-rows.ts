import type { Configuration } from '../experiment/configuration.ts';
import type { LiveRow } from '../page-data/live.ts';
import { verdictWord } from '../report/verdict-words.ts';
import type { PlacedVerdict, RowSelection } from '../store/records.ts';

/** A stored verdict as a page is told of it. What a seal keeps was left out by the store. */
export function liveRow({ place, verdict }: PlacedVerdict): LiveRow {
  const word = verdictWord(verdict.passed, verdict.unconverged);
  if (word === 'error') throw new Error('a verdict is no error');
  return {
    place,
    configuration: verdict.configurationId,
    text: configurationText(verdict.configuration),
    verdict: word,
    gates: verdict.gatesPassed,
    margin: verdict.smallestMargin,
    tune: verdict.tuneEdgeMaeRatio,
  };
}

/** A dataset of a sweep: `ages 30,60`, `ages 30,60, cap 1000`. */
export function datasetLabel({ agesMinutes, maxRowsPerSplit }: RowSelection): string {
  return `ages ${agesMinutes.join()}${maxRowsPerSplit > 0 ? `, cap ${maxRowsPerSplit}` : ''}`;
}

function configurationText(configuration: Configuration): string {
  const { regressor, regressionTargetClipBps: clip } = configuration;
  return [
    datasetLabel(configuration),
    regressor.kind,
    `alpha ${regressor.alpha}`,
    ...(regressor.kind === 'huber' ? [`epsilon ${regressor.epsilon}`] : []),
    ...(clip > 0 ? [`clip ${clip} bps`] : []),
  ].join(', ');
}
