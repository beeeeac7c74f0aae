import { useLayoutEffect, useRef } from 'preact/hooks';
import type { CoefficientFacts } from '../../page-data/report.ts';
import { fixed, signed, whole } from '../parts/number-text.ts';
import { configurationHash } from '../parts/route.ts';
import { Scroller } from '../parts/scroller.tsx';
import { TwinTable } from '../parts/twin-table.tsx';
import type { SweepView } from '../rows/sweep-view.ts';
import { Facts } from '../sections/reproduce.tsx';
import { GateIntervals, gateReadings } from './gate-intervals.tsx';

type ConfigurationPageProps = { readonly view: SweepView; readonly row: number };

/** A configuration's own page: gates with intervals, metrics, where it comes from, and what its models weigh. */
export function ConfigurationPage({ view, row }: ConfigurationPageProps) {
  const { rows, facts } = view;
  const title = useRef<HTMLHeadingElement>(null);
  const id = rows.ids[row]!;
  useLayoutEffect(() => {
    scrollTo(0, 0);
    title.current?.focus({ preventScroll: true });
  }, [id]);
  const isJudged = rows.isJudged(row);
  const rank = rows.number('rank', row);
  const tags = facts.rows.tags[String(row)] ?? [];
  const roles = facts.named.find((one) => one.row === row)?.roles ?? [];
  return (
    <article class="configuration">
      <nav class="pager" aria-label="configurations">
        <a href="#configurations">← all configurations</a>
        <span>
          {row > 0 && <a href={configurationHash(rows.ids[row - 1]!)}>previous by rank</a>}
          {row + 1 < rows.count && <a href={configurationHash(rows.ids[row + 1]!)}>next by rank</a>}
        </span>
      </nav>
      <p class="state">
        {facts.name}
        {rank > 0 && ` · rank ${whole(rank)} of ${whole(facts.rows.of)} by tune`}
        {roles.length > 0 && ` · ${roles.join(', ')}`}
        {tags.length > 0 && ` · tags: ${tags.join(', ')}`}
      </p>
      <h1 ref={title} tabIndex={-1}>
        <span class="id">{rows.shortId(row)}</span> <VerdictWords view={view} row={row} />
      </h1>
      <p class="lead">{view.settingsOf(row)}</p>
      {isJudged && <TrustSentence view={view} row={row} />}
      {rows.hasGates(row) && <GatesOf view={view} row={row} />}
      {isJudged && facts.rows.hasMetrics && <Metrics view={view} row={row} />}
      <Coefficients coefficients={facts.coefficients.find(({ configuration }) => configuration.startsWith(id))} />
      <Provenance view={view} row={row} />
    </article>
  );
}

function VerdictWords({ view: { rows, facts }, row }: ConfigurationPageProps) {
  const verdict = rows.verdict(row);
  if (verdict === 'pass') return <span class="tone-good">✓ passes all eight gates</span>;
  const missed = facts.gates.gates.length - rows.number('gates', row);
  const many = `misses ${missed} of ${facts.gates.gates.length} gates`;
  const words = {
    'not ready': many,
    unconverged: `${many}; a fit did not converge`,
    error: 'could not be judged',
    sealed: 'judged; its gates are sealed',
  }[verdict];
  return <span class="tone-doubt">▲ {words}</span>;
}

function TrustSentence({ view: { rows, facts }, row }: ConfigurationPageProps) {
  const half = rows.numberIfThere('tune_half', row);
  const gain = rows.numberIfThere('gain', row);
  const unconverged = facts.rows.unconverged[String(row)] ?? [];
  return (
    <p class="how">
      tune MAE {fixed(rows.number('mae_tune', row), 5)}
      {!Number.isNaN(half) && ` ±${fixed(half, 3)} by the days`}
      {!Number.isNaN(gain) &&
        `, gain over market_only ${signed(gain, 3)} ±${fixed(rows.numberIfThere('gain_half', row), 3)} in the list`}
      {rows.numberIfThere('plateau', row) === 1 && '; these days cannot tell it from the first'}
      {rows.numberIfThere('decided', row) === 0 && '; the days cannot settle the verdict'}.
      {unconverged.length > 0 && ` Did not converge: ${unconverged.join(', ')}.`}
    </p>
  );
}

function GatesOf({ view, row }: ConfigurationPageProps) {
  return (
    <Scroller class="scrolls" label="eight gates">
      <GateIntervals readings={gateReadings(view, row)} />
    </Scroller>
  );
}

const SIDES = ['long', 'short'] as const;
const SPLITS = ['tune', 'validation_locked', 'latest_stress'] as const;

function Metrics({ view: { rows }, row }: ConfigurationPageProps) {
  const of = (side: string, set: string, split: string, kind: string) =>
    fixed(rows.numberIfThere(`${side}_${set}_${split}_${kind}`, row), 5);
  return (
    <TwinTable
      caption="MAE over the constant’s, and AUC, with and without the position’s state"
      twin={{
        head: [
          'side and split',
          'MAE, market_plus_state',
          'MAE, market_only',
          'AUC, market_plus_state',
          'AUC, market_only',
        ],
        rows: SIDES.flatMap((side) =>
          SPLITS.map((split) => [
            `${side.toUpperCase()} ${split}`,
            of(side, 'market_plus_state', split, 'mae'),
            of(side, 'market_only', split, 'mae'),
            of(side, 'market_plus_state', split, 'auc'),
            of(side, 'market_only', split, 'auc'),
          ]),
        ),
      }}
    />
  );
}

function Coefficients({ coefficients }: { readonly coefficients: CoefficientFacts | undefined }) {
  if (coefficients === undefined) return null;
  return coefficients.models.map(({ model, fit, intercept, features }) => (
    <TwinTable
      key={`${model} ${fit}`}
      caption={`${fit} of ${model}: coefficients by size, intercept ${signed(intercept, 5)}`}
      twin={{
        head: ['feature', 'standardized', 'in its own unit'],
        rows: features.map(({ name, standardized, original }) => [
          name,
          signed(standardized, 5),
          original.toPrecision(6).replace('-', '−'),
        ]),
      }}
    />
  ));
}

function Provenance({ view, row }: ConfigurationPageProps) {
  const { rows, facts } = view;
  const dataset = facts.datasets[rows.number('dataset', row)];
  const run = facts.runs[rows.number('run', row)];
  return (
    <div class="two-facts">
      <Facts
        title="where it comes from"
        facts={[
          ['id', `${rows.ids[row]}…`],
          ['again', `sweep reproduce ${rows.shortId(row)}`],
          ['in full', `sweep show ${rows.shortId(row)}`],
          ['run', run === undefined ? '' : `${run.id}, ${run.startedAt}`],
          ['code', run === undefined ? '' : `${run.codeVersion}, hash ${run.codeHash.slice(0, 12)}`],
          ['took', `${whole(rows.number('duration_ms', row))} ms`],
        ]}
      />
      {dataset !== undefined && (
        <Facts
          title="judged on"
          facts={[
            ['ages', dataset.label],
            ['rows', whole(dataset.rows)],
            ['baseline run', dataset.baselineRun],
            ['data', dataset.dataHash],
            ['content', dataset.contentHash ?? ''],
          ]}
        />
      )}
    </div>
  );
}
