import { useEffect, useState } from 'preact/hooks';
import type { LiveDataset, LiveProgress, LiveRow } from '../../page-data/live.ts';
import { fixed, signed, whole } from '../parts/number-text.ts';
import { configurationHash } from '../parts/route.ts';
import { ArrivalsStrip } from './arrivals-strip.tsx';
import type { LiveState } from './live-state.ts';
import { countWords, paceWords, shareDone, titleWords } from './live-words.ts';

export type LivePanelProps = {
  readonly state: LiveState;
  /** Saves the report as a file; null while there is none that is final. */
  readonly save: (() => void) | null;
};

/** How a sweep goes, above its report; when it has ended, one line and the button that saves the report. */
export function LivePanel({ state, save }: LivePanelProps) {
  const { progress, link } = state;
  const now = useClock(progress?.state === 'running' && link === 'open');
  if (progress === null) {
    return (
      <section class="live" aria-label="How the run goes">
        <p class="live-inner">{link === 'open' ? 'Asking how it goes…' : <LinkWords link={link} isFinal={false} />}</p>
      </section>
    );
  }
  const quietMs = progress.quietMs + Math.max(0, now - state.toldAt);
  return (
    <section class="live" aria-label="How the run goes">
      <div class="live-inner">
        <div class="live-head">
          <p class="live-title" role="status">
            <strong class={progress.isFinal ? 'tone-good' : 'so-far'}>{titleWords(progress)}</strong>
            {link !== 'open' && <LinkWords link={link} isFinal={progress.isFinal} />}
          </p>
          {save !== null && (
            <button type="button" onClick={save}>
              save the report as a file
            </button>
          )}
        </div>
        {!progress.isFinal && progress.sweep !== null && (
          <Running state={state} progress={progress} quietMs={quietMs} />
        )}
        {progress.sweep === null && (
          <p class="how">
            Nothing of it is in the store yet; this page goes on by itself.{' '}
            {progress.problem !== null && paceWords(progress, quietMs)}
          </p>
        )}
      </div>
    </section>
  );
}

function Running({
  state,
  progress,
  quietMs,
}: {
  readonly state: LiveState;
  readonly progress: LiveProgress;
  readonly quietMs: number;
}) {
  const share = shareDone(progress);
  const { datasets, current, best, bestPass } = progress;
  return (
    <>
      <progress max={1} value={share} aria-label="share of the sweep that is judged" />
      <p class="live-pace">
        {[`${Math.floor(100 * share)} %`, ...countWords(progress), ...paceWords(progress, quietMs)].join(' · ')}
      </p>
      {state.arrivals.count > 0 && (
        <div class="live-parts">
          <dl class="live-best">
            <Best word="best so far by tune" row={best} isSealed={progress.counts.sealed > 0} />
            <Best word="best that passes so far" row={bestPass} isSealed={progress.counts.sealed > 0} />
          </dl>
          <ArrivalsStrip arrivals={state.arrivals} />
        </div>
      )}
      <ul class="live-datasets" aria-label="datasets">
        {datasets.map((dataset) => (
          <Dataset key={dataset.label} dataset={dataset} isCurrent={dataset.label === current} />
        ))}
      </ul>
    </>
  );
}

function Best({
  word,
  row,
  isSealed,
}: {
  readonly word: string;
  readonly row: LiveRow | null;
  readonly isSealed: boolean;
}) {
  return (
    <div>
      <dt>{word}</dt>
      <dd>
        {row === null ? (
          <span class="how">{isSealed ? 'the gates are sealed' : 'none'}</span>
        ) : (
          <>
            <a class="id" href={configurationHash(row.configuration)}>
              {row.configuration.slice(0, 7)}
            </a>{' '}
            {row.text}: tune MAE {fixed(row.tune, 4)}
            {row.gates !== null && `, ${row.gates} of 8 gates, smallest margin ${signed(row.margin)}`}
          </>
        )}
      </dd>
    </div>
  );
}

function Dataset({ dataset, isCurrent }: { readonly dataset: LiveDataset; readonly isCurrent: boolean }) {
  const { label, judged, of } = dataset;
  return (
    <li class={isCurrent ? 'current' : undefined}>
      <span>
        {isCurrent && <span aria-hidden="true">▸ </span>}
        {label}
        {isCurrent && <span class="unseen"> (in work)</span>}
      </span>
      <span>{of === null ? whole(judged) : `${whole(judged)} of ${whole(of)}`}</span>
      {of !== null && <progress max={of} value={judged} aria-label={`${label}: ${judged} of ${of} judged`} />}
    </li>
  );
}

function LinkWords({ link, isFinal }: { readonly link: LiveState['link']; readonly isFinal: boolean }) {
  const words = {
    open: '',
    lost: 'The server cannot be reached; trying again. What stands here is from before.',
    ended: isFinal ? 'The run is over, and this page has all of it.' : 'The run is over; this is what it has come to.',
  }[link];
  return <span class={link === 'lost' ? 'live-link' : 'how'}> {words}</span>;
}

/** Milliseconds of the page's clock, every second while it matters. */
function useClock(isRunning: boolean): number {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    if (!isRunning) return undefined;
    const timer = setInterval(() => setNow(performance.now()), 1000);
    return () => clearInterval(timer);
  }, [isRunning]);
  return now;
}
