import { CarryScatter, MOST_DOTS } from '../charts/carry-scatter.tsx';
import { Figure, Key } from '../parts/figure.tsx';
import { fixed, whole } from '../parts/number-text.ts';
import { Section } from '../parts/section.tsx';
import type { SweepView } from '../rows/sweep-view.ts';

/** Does tune's order carry over to the locked splits? */
export function CarryOverSection({ view, selected }: { readonly view: SweepView; readonly selected: Uint8Array }) {
  const { carryOver } = view.facts;
  if (carryOver.splits.length === 0) return null;
  return (
    <Section id="carry-over" question={carryOver.question} finding={carryOver.finding} howToRead={carryOver.howToRead}>
      <Figure
        finding={carryOver.finding}
        minHeight={350}
        twin={() => ({
          head: ['among', 'split', 'configurations', 'rank correlation ρ'],
          rows: carryOver.splits.flatMap(({ split, count, rho, within }) => [
            ['all', split, whole(count), fixed(rho, 2)],
            ...within.map((part) => [`ages ${part.ages}`, split, whole(part.count), fixed(part.rho, 2)]),
          ]),
        })}
        legend={
          <>
            <Key mark={<i class="diamond" />}>passes</Key>
            <Key mark={<i class="circle" />}>does not</Key>
            <span class="note">lower is better on both{drawnText(view)}</span>
          </>
        }
      >
        <div class="side-by-side">
          {carryOver.splits.map((split, place) => (
            <div key={split.split}>
              <h3>{split.finding}</h3>
              <CarryScatter split={split} rows={view.rows} selected={selected} place={place} />
            </div>
          ))}
        </div>
      </Figure>
    </Section>
  );
}

/** What stands for what, where not every configuration has a dot of its own. */
function drawnText({ facts, rows }: SweepView): string {
  if (facts.carryOver.splits.some(({ density }) => density !== null)) return '; all of them, the stronger the more';
  return rows.count > MOST_DOTS ? `; at most ${whole(MOST_DOTS)} dots of ${whole(rows.count)} are drawn` : '';
}
