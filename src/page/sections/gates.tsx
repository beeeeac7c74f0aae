import { GateMatrix, gateTwin } from '../charts/gate-matrix.tsx';
import { Figure, Key } from '../parts/figure.tsx';
import { Section } from '../parts/section.tsx';
import type { SweepView } from '../rows/sweep-view.ts';

/** Which gates decide? */
export function GatesSection({ view, selected }: { readonly view: SweepView; readonly selected: Uint8Array }) {
  const { gates } = view.facts;
  return (
    <Section id="gates" question={gates.question} finding={gates.finding} howToRead={gates.howToRead}>
      <Figure
        finding={gates.finding}
        minHeight={400}
        twin={() => gateTwin(gates)}
        legend={
          <>
            <Key mark={<i class="bar-up" />}>clears the gate</Key>
            <Key mark={<i class="bar-down" />}>misses it</Key>
            <span class="note">the longer, the further from the limit; each strip to its own scale</span>
          </>
        }
      >
        <GateMatrix
          facts={gates}
          rows={view.rows}
          selected={selected}
          pending={view.facts.counts.pending}
          nameOf={(row) => view.sentenceOf(row)}
        />
      </Figure>
    </Section>
  );
}
