import { countOf } from '../../counts.ts';
import type { CheckFacts, SweepFacts } from '../../page-data/report.ts';
import { whole } from '../parts/number-text.ts';
import { Sentence } from '../parts/words.tsx';

/** The first screen: what came out, in words, and what speaks for and against believing it. */
export function Headline({ facts }: { readonly facts: SweepFacts }) {
  const { headline, checks, counts, state } = facts;
  return (
    <div class="first-screen">
      <p class="state">
        {state.isFinal ? state.text : <strong class="so-far">{state.text}</strong>}
        {countsText(counts)}
      </p>
      <h1>
        <Sentence words={headline.title} />
      </h1>
      <p class="lead">
        <Sentence words={headline.lead} />
      </p>
      <Notices texts={[...facts.warnings, ...facts.leftOut]} />
      <ul class="checks" aria-label="What speaks for it and against it">
        {checks.map((check) => (
          <Check key={check.name} check={check} />
        ))}
      </ul>
    </div>
  );
}

const STATE_WORDS = { good: 'speaks for it', doubt: 'a doubt', open: 'open' } as const;
const STATE_MARKS = { good: '✓', doubt: '▲', open: '○' } as const;

function Check({ check: { state, title, text } }: { readonly check: CheckFacts }) {
  return (
    <li class={`check ${state}`}>
      <span class="mark" aria-hidden="true">
        {STATE_MARKS[state]}
      </span>
      <div>
        <h3>
          <span class="unseen">{STATE_WORDS[state]}: </span>
          {title}
        </h3>
        <p>{text}</p>
      </div>
    </li>
  );
}

function Notices({ texts }: { readonly texts: readonly string[] }) {
  if (texts.length === 0) return null;
  return (
    <ul class="notices">
      {texts.map((text) => (
        <li key={text}>{text}</li>
      ))}
    </ul>
  );
}

function countsText(counts: SweepFacts['counts']): string {
  const others: readonly (readonly [number, string])[] = [
    [counts.unconverged, 'not converged'],
    [counts.sealed, 'sealed'],
    [counts.error, 'could not be judged'],
    [counts.pending, 'not judged yet'],
  ];
  const said = others.flatMap(([count, text]) => (count === 0 ? [] : `${whole(count)} ${text}`));
  return [`, ${countOf(counts.configurations, 'configuration')}`, ...said].join(', ').replace(/^, /, ' · ');
}
