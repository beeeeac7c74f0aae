import type { DatasetFacts, RunFacts } from '../../page-data/report.ts';
import { whole } from '../parts/number-text.ts';
import { configurationHash } from '../parts/route.ts';
import { Section } from '../parts/section.tsx';
import type { SweepView } from '../rows/sweep-view.ts';

/** How to make it again, and what it was made of. */
export function ReproduceSection({ view }: { readonly view: SweepView }) {
  const { reproduce, runs, datasets } = view.facts;
  return (
    <Section
      id="reproduce"
      question="How is it made again?"
      howToRead="The same configuration gives the same numbers, bit for bit, alone or in any sweep."
    >
      <dl>
        {reproduce.commands.map(({ command, meaning }) => (
          <div key={command} class="command">
            <dt>
              <code>{command}</code>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      {runs.map((run) => (
        <Run key={run.id} run={run} />
      ))}
      <div class="two-facts">
        {datasets.map((dataset) => (
          <Dataset key={`${dataset.label} ${dataset.dataHash}`} dataset={dataset} />
        ))}
      </div>
      <details>
        <summary>definition</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reached by keyboard */}
        <pre tabIndex={0}>{reproduce.definition}</pre>
        <p class="how">
          SHA-256 <code>{reproduce.definitionSha256}</code>
        </p>
      </details>
    </Section>
  );
}

function Run({ run }: { readonly run: RunFacts }) {
  const { codeVersion, gitCommit, gitDirty, codeHash } = run;
  const commit =
    gitCommit === null ? '' : ` at ${gitCommit.slice(0, 12)}${gitDirty === true ? ', with uncommitted changes' : ''}`;
  return (
    <Facts
      title={`run ${run.id.slice(0, 8)}`}
      facts={[
        ['began', run.startedAt],
        [run.outcome, run.reason ?? run.finishedAt ?? ''],
        ['judged', `${whole(run.judged)}, errors ${whole(run.errors)}`],
        ['code', `${codeVersion}${commit}, hash ${codeHash.slice(0, 12)}`],
        ['Node', run.nodeVersion],
        ['machine', run.machine ?? ''],
      ]}
    />
  );
}

function Dataset({ dataset }: { readonly dataset: DatasetFacts }) {
  return (
    <Facts
      title={`dataset of ages ${dataset.label}`}
      facts={[
        ['rows', dataset.rows === null ? '' : whole(dataset.rows)],
        ['baseline run', dataset.baselineRun],
        ['in', dataset.dataRoot ?? ''],
        ['data', dataset.dataHash],
        ['content', dataset.contentHash ?? ''],
      ]}
    />
  );
}

type FactsProps = { readonly title: string; readonly facts: readonly (readonly [string, string])[] };

/** Names and values; what is empty is left out. */
export function Facts({ title, facts }: FactsProps) {
  return (
    <div class="facts">
      <h3>{title}</h3>
      <dl>
        {facts.map(([name, value]) =>
          value === '' ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
        )}
      </dl>
    </div>
  );
}

/** What could not be judged, and why. */
export function FailuresSection({ view }: { readonly view: SweepView }) {
  const { reasons } = view.facts.failures;
  if (reasons.length === 0) return null;
  return (
    <Section
      id="failures"
      question="What could not be judged?"
      howToRead="A configuration that fails is an outcome of its own: it stands in no count of passes or misses."
    >
      <ul class="failures">
        {reasons.map(({ reason, count, example }) => (
          <li key={reason}>
            <b>{whole(count)}</b> {reason} <span>such as</span>{' '}
            <a class="id" href={configurationHash(example)}>
              {example.slice(0, 7)}
            </a>
          </li>
        ))}
      </ul>
    </Section>
  );
}
