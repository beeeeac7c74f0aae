import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { HeatMapFacts } from '../../page-data/report.ts';
import { type HeatColour, HeatPanelTable, heatCells, heatLayout } from '../charts/heat-panel.tsx';
import { Choice } from '../parts/choice.tsx';
import { Figure, Key } from '../parts/figure.tsx';
import { configurationHash } from '../parts/route.ts';
import { Scroller } from '../parts/scroller.tsx';
import { Section } from '../parts/section.tsx';
import type { SweepView } from '../rows/sweep-view.ts';

/** Where in the grid does it pass? Cells of the grid as they are; nothing is interpolated. */
export function WhereSection({ view }: { readonly view: SweepView }) {
  const { heatMaps } = view.facts;
  const [colour, setColour] = useState<HeatColour>('tune');
  const [isDetailed, setDetailed] = useState(false);
  const [first] = heatMaps;
  if (first === undefined) return null;
  const hasDetails = heatMaps.some((map) => map.isDetailed) && heatMaps.some((map) => !map.isDetailed);
  const shown = heatMaps.filter((map) => !hasDetails || map.isDetailed === isDetailed);
  const open = (rank: number) => {
    const row = view.rowOfRank(rank);
    if (row !== undefined) location.hash = configurationHash(view.rows.ids[row]!);
  };
  const hasPending = shown.some(({ panels }) => panels.some(({ missing }) => missing.some((count) => count > 0)));
  return (
    <Section
      id="where"
      question={first.question}
      finding={first.finding}
      howToRead={first.howToRead}
      aside={
        <div class="controls">
          <Choice
            label="colour"
            value={colour}
            choose={setColour}
            choices={[
              ['tune', 'tune MAE'],
              ['margin', 'smallest margin'],
            ]}
          />
          {hasDetails && (
            <Choice
              label="panels"
              value={isDetailed ? 'detailed' : 'ages'}
              choose={(value) => setDetailed(value === 'detailed')}
              choices={[
                ['ages', 'ages'],
                ['detailed', 'every axis'],
              ]}
            />
          )}
        </div>
      }
    >
      {shown.map((map, i) => (
        <HeatMap
          key={`${map.kind} ${map.isDetailed}`}
          map={map}
          colour={colour}
          open={open}
          hasPending={hasPending}
          isFirst={i === 0}
        />
      ))}
    </Section>
  );
}

type HeatMapProps = {
  readonly map: HeatMapFacts;
  readonly colour: HeatColour;
  readonly open: (rank: number) => void;
  readonly hasPending: boolean;
  readonly isFirst: boolean;
};

function HeatMap({ map, colour, open, hasPending, isFirst }: HeatMapProps) {
  const { columns, lines, isDense, cellWidth } = heatLayout(map);
  return (
    <>
      <h3>
        {map.kind}
        <span>
          {' '}
          {map.y !== null && `${map.y.label} upwards, `}
          {map.x.label} to the right{map.within === '' ? '' : `; ${map.within}`}
        </span>
      </h3>
      {!isFirst && <p class="figure-finding">{map.finding}</p>}
      <Figure
        isTable
        finding={map.finding}
        minHeight={lines * 30 + 60}
        twin={() => ({
          head: [
            'panel',
            ...(map.y === null ? [] : [map.y.label]),
            map.x.label,
            'verdicts',
            'tune MAE',
            'smallest margin',
          ],
          rows: map.panels.flatMap((panel) => panel.tune.map((_, cell) => heatCells(map, panel, cell))),
        })}
        legend={
          <>
            <Key mark={<i class="cell passes">✓</i>}>passes all eight gates</Key>
            <Key mark={<i class="cell">2</i>}>gates missed</Key>
            {colour === 'tune' ? (
              <Key mark={<i class="ramp" />}>stronger: lower tune MAE, within the panel</Key>
            ) : (
              <Key mark={<i class="ramp two" />}>how far beyond the bar, within the panel</Key>
            )}
            <Key mark={<i class="edge-mark" />}>passes at the end of what was tried</Key>
            {map.panels.some(({ sealed }) => sealed.some((count) => count > 0)) && <Key mark="–">sealed</Key>}
            {hasPending && <Key mark={<i class="cell pending" />}>not judged</Key>}
          </>
        }
      >
        <Panels isDense={isDense}>
          <div class={`heat-panels heat-${colour}`} style={{ '--columns': columns, '--cell': `${cellWidth}px` }}>
            {map.panels.map((panel) => (
              <HeatPanelTable key={panel.title} map={map} panel={panel} colour={colour} open={open} />
            ))}
          </div>
        </Panels>
      </Figure>
      {map.coarse !== null && <p class="how">{map.coarse}</p>}
    </>
  );
}

/** A map of many columns keeps its cells readable and scrolls. */
function Panels({ isDense, children }: { readonly isDense: boolean; readonly children: ComponentChildren }) {
  return isDense ? (
    <Scroller class="scrolls" label="cells of the grid">
      {children}
    </Scroller>
  ) : (
    children
  );
}
