import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import type { Report } from '../page-data/report.ts';
import { ConfigurationPage } from './configuration/configuration-page.tsx';
import { routeOf } from './parts/route.ts';
import { TopBar } from './parts/top-bar.tsx';
import { useAfterFrames } from './parts/use-after-frames.ts';
import { EVERYTHING, type Selection, selectedRows } from './rows/selection.ts';
import { SweepView } from './rows/sweep-view.ts';
import { AnswersSection } from './sections/answers.tsx';
import { AxesSection } from './sections/axes.tsx';
import { CalibrationSection } from './sections/calibration.tsx';
import { CarryOverSection } from './sections/carry-over.tsx';
import { ComparisonsSection } from './sections/comparisons.tsx';
import { ConfigurationsSection } from './sections/configurations.tsx';
import { DaysSection } from './sections/days.tsx';
import { GatesSection } from './sections/gates.tsx';
import { Headline } from './sections/headline.tsx';
import { FailuresSection, ReproduceSection } from './sections/reproduce.tsx';
import { WhereSection } from './sections/where.tsx';

export type PageProps = { readonly report: Report; readonly bytes: Uint8Array };

/** The whole page: a report's first screen and sections, or one configuration's own page. */
export function Page({ report, bytes }: PageProps) {
  const views = useMemo(() => report.sweeps.map((facts) => new SweepView(facts, bytes)), [report, bytes]);
  const route = useRoute();
  const [chosen, setChosen] = useState(0);
  const id = 'configuration' in route ? route.configuration : undefined;
  const own = id === undefined ? undefined : views.findIndex(({ rows }) => rows.rowOf(id) !== undefined);
  const place = own === undefined || own === -1 || views[chosen]?.rows.rowOf(id!) !== undefined ? chosen : own;
  const view = views[place] ?? views[0]!;
  const row = id === undefined ? undefined : view.rows.rowOf(id);
  return (
    <>
      <a class="skip" href="#content">
        to the report
      </a>
      <TopBar report={report} view={view} place={place} choose={setChosen} isOwnPage={id !== undefined} />
      <main id="content">
        {id !== undefined && (row === undefined ? <NotThere id={id} /> : <ConfigurationPage view={view} row={row} />)}
        {/* It stays as it is behind a configuration's page: a reader comes back to where they were. */}
        <div hidden={id !== undefined}>
          <SweepReport key={place} report={report} view={view} />
        </div>
      </main>
    </>
  );
}

function SweepReport({ report, view }: { readonly report: Report; readonly view: SweepView }) {
  const [selection, setSelection] = useState<Selection>(EVERYTHING);
  const { rows, dimensions, facts } = view;
  const selected = useMemo(
    () => selectedRows(selection, rows, dimensions, facts.rows.tags),
    [selection, rows, dimensions, facts],
  );
  // One after the other, and none in the frame in which the section of configurations follows.
  const selectedInGates = useAfterFrames(selected, 2);
  const selectedInCarryOver = useAfterFrames(selected, 4);
  const select = useCallback((next: Selection) => setSelection(next), []);
  const hasJudged = rows.count > 0;
  return (
    <>
      <Headline facts={facts} />
      <ComparisonsSection report={report} />
      {hasJudged && <GatesSection view={view} selected={selectedInGates} />}
      <AnswersSection view={view} />
      <WhereSection view={view} />
      {hasJudged && <AxesSection view={view} />}
      {hasJudged && <CarryOverSection view={view} selected={selectedInCarryOver} />}
      <DaysSection view={view} />
      <CalibrationSection view={view} />
      {hasJudged && <ConfigurationsSection view={view} selection={selection} select={select} />}
      <FailuresSection view={view} />
      <ReproduceSection view={view} />
    </>
  );
}

function NotThere({ id }: { readonly id: string }) {
  return (
    <article class="configuration">
      <h1>{id} is not in this report</h1>
      <p class="lead">
        The file may hold only a part of the sweep: <a href="#configurations">all that it holds</a>.
      </p>
    </article>
  );
}

/** The address' own part, followed. A section that it names is scrolled to by the browser once it is there. */
function useRoute() {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const follow = () => setHash(location.hash);
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  const route = useMemo(() => routeOf(hash), [hash]);
  useEffect(() => {
    if ('section' in route && route.section !== '') document.getElementById(route.section)?.scrollIntoView();
  }, [route]);
  return route;
}
