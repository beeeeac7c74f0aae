import { Section } from '../parts/section.tsx';
import type { SweepView } from '../rows/sweep-view.ts';

/** Can this be believed? The five answers of `sweep trust`, in its words. */
export function AnswersSection({ view }: { readonly view: SweepView }) {
  const { answers } = view.facts;
  return (
    <Section
      id="believe"
      question="Can this be believed?"
      howToRead={answers.about.length === 0 ? undefined : answers.about.join('; ')}
    >
      {answers.refused === null ? (
        <dl class="answers">
          {answers.answers.map(({ question, answer }) => (
            <div key={question}>
              <dt>{question}</dt>
              <dd>{answer}</dd>
            </div>
          ))}
        </dl>
      ) : (
        <p>Cannot be said: {answers.refused.replace(/\.$/, '')}.</p>
      )}
    </Section>
  );
}
