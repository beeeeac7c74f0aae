import { useEffect, useMemo, useState } from 'preact/hooks';
import { ParallelPlot } from '../parallel/parallel-plot.tsx';
import { Choice } from '../parts/choice.tsx';
import { Key } from '../parts/figure.tsx';
import { useNearView } from '../parts/near-view.ts';
import { whole } from '../parts/number-text.ts';
import { saveFile } from '../parts/save-file.ts';
import { Section } from '../parts/section.tsx';
import { selectionCsv } from '../rows/csv.ts';
import { AS_RANKED, type Order, orderedRows } from '../rows/order.ts';
import { EVERYTHING, type Filter, isEverything, type Selection, selectedRows, withFilter } from '../rows/selection.ts';
import type { SweepView } from '../rows/sweep-view.ts';
import { tableColumns } from '../rows/table-columns.ts';
import { ConfigurationTable } from '../table/configuration-table.tsx';
import { FilterChips, Filters } from '../table/filters.tsx';

type ConfigurationsProps = {
  readonly view: SweepView;
  readonly selection: Selection;
  /** For the whole page: what else draws rows shows the same ones. */
  readonly select: (selection: Selection) => void;
};

/** All configurations: axes to brush and a table that shows what is selected, the same by keyboard, and as CSV. */
export function ConfigurationsSection({ view, selection, select }: ConfigurationsProps) {
  // While a brush moves, only this section follows it; the rest of the page does at its end.
  const [draft, setDraft] = useState<Selection | null>(null);
  const [order, setOrder] = useState<Order>(AS_RANKED);
  const { ref, isNear } = useNearView<HTMLDivElement>();
  const current = draft ?? selection;
  const { rows, dimensions, facts } = view;
  const { tags } = facts.rows;
  const selected = useMemo(() => selectedRows(current, rows, dimensions, tags), [current, rows, dimensions, tags]);
  const columns = useMemo(() => tableColumns(view), [view]);
  const shown = useMemo(() => {
    const by = columns.find(({ name }) => name === order.name);
    return orderedRows(selected, by?.sortValues, order.isDescending);
  }, [columns, selected, order]);
  const passCount = useMemo(() => shown.reduce((sum, row) => sum + (rows.passed(row) ? 1 : 0), 0), [shown, rows]);
  // Rows that came meanwhile belong to a selection that was made before.
  useEffect(() => setDraft(null), [view]);

  const brush = (name: string, filter: Filter | null, isEnd: boolean) => {
    const next = withFilter(selection, name, filter);
    if (!isEnd) return setDraft(next);
    setDraft(null);
    select(next);
  };
  const clear = () => select(EVERYTHING);
  const countText = `${whole(shown.length)} of ${whole(rows.count)} selected, ${whole(passCount)} of them pass`;
  return (
    <Section
      id="configurations"
      isWide
      question="All configurations"
      howToRead={
        <>
          Every line is a configuration; up is better on each axis that measures.
          <span class="on-screen">
            {' '}
            Drag along an axis to select, drag the band to move it, click beside it to end it.
          </span>
        </>
      }
    >
      <div ref={ref}>
        <div class="toolbar">
          <Choice
            label="verdict"
            value={current.verdict}
            choose={(verdict) => select({ ...selection, verdict })}
            choices={[
              ['all', 'all'],
              ['pass', 'passing'],
              ['not pass', 'not passing'],
            ]}
          />
          <label class={current.text === '' ? 'field on-screen' : 'field'}>
            find
            <input
              type="search"
              placeholder="id, value or tag"
              value={current.text}
              onInput={(event) => select({ ...selection, text: event.currentTarget.value })}
            />
          </label>
          <p class="count" role="status">
            {countText}
          </p>
          <button type="button" disabled={isEverything(current)} onClick={clear}>
            clear
          </button>
          <button
            type="button"
            disabled={shown.length === 0}
            onClick={() => saveFile(`${fileName(facts.name)}.csv`, selectionCsv(view, shown), 'text/csv;charset=utf-8')}
          >
            save as CSV
          </button>
        </div>
        <FilterChips dimensions={dimensions} selection={current} select={select} clear={clear} />
        <div class="legend">
          <Key mark={<i class="line-key good" />}>passes</Key>
          <Key mark={<i class="line-key doubt" />}>does not</Key>
          <Key mark={<i class="line-key rest" />}>not selected</Key>
        </div>
        <div class="parallel-place">
          {isNear && dimensions.length > 1 && (
            <ParallelPlot
              view={view}
              selection={current}
              selected={selected}
              isEverything={isEverything(current)}
              isDragging={draft !== null}
              change={brush}
              finding={`Axes of all configurations: ${countText}.`}
            />
          )}
        </div>
        <Filters dimensions={dimensions} selection={current} select={select} />
        {isNear && <ConfigurationTable view={view} columns={columns} shown={shown} order={order} setOrder={setOrder} />}
        <TableNotes view={view} />
      </div>
    </Section>
  );
}

function TableNotes({ view }: { readonly view: SweepView }) {
  const { rows, axes } = view.facts;
  const constant = rows.constant.map(({ label, text }) => `${label} ${text}`).join(', ');
  return (
    <p class="how">
      {rows.hasTrust &&
        '±: half of a 95 % interval, by the days alone. says: how surely the deciding gate is met or missed. '}
      MAE: market_plus_state’s over the constant’s, mean of both sides, lower is better.
      {constant !== '' && ` The same in all: ${constant}.`}
      {axes.length === 0 && ' No parameter varies.'}
    </p>
  );
}

/** A sweep's name as any system takes it for a file's. */
function fileName(name: string): string {
  return name.replace(/[^\p{L}\p{N}._-]+/gu, '-').slice(0, 80) || 'sweep';
}
