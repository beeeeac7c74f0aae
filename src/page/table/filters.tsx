import { countOf } from '../../counts.ts';
import type { Dimension, MeasureDimension, StepsDimension } from '../rows/dimensions.ts';
import { type Filter, type Selection, withFilter } from '../rows/selection.ts';

type FiltersProps = {
  readonly dimensions: readonly Dimension[];
  readonly selection: Selection;
  readonly select: (selection: Selection) => void;
};

/** What every brush does, by keyboard: values to tick, or a least and a greatest. */
export function Filters({ dimensions, selection, select }: FiltersProps) {
  const change = (name: string) => (filter: Filter | null) => select(withFilter(selection, name, filter));
  return (
    <details class="filters">
      <summary>filter by values</summary>
      <div class="filter-grid">
        {dimensions.map((dimension) => (
          <fieldset key={dimension.name}>
            <legend>{dimension.label}</legend>
            {dimension.kind === 'steps' ? (
              <StepFilter
                dimension={dimension}
                filter={selection.filters.get(dimension.name)}
                change={change(dimension.name)}
              />
            ) : (
              <RangeFilter
                dimension={dimension}
                filter={selection.filters.get(dimension.name)}
                change={change(dimension.name)}
              />
            )}
          </fieldset>
        ))}
      </div>
    </details>
  );
}

type FilterProps<D> = {
  readonly dimension: D;
  readonly filter: Filter | undefined;
  readonly change: (filter: Filter | null) => void;
};

function StepFilter({ dimension, filter, change }: FilterProps<StepsDimension>) {
  const { steps } = dimension;
  const isOn = (place: number) => filter?.kind !== 'steps' || filter.places.has(place);
  const toggle = (place: number) => {
    const places = new Set(steps.flatMap((_, at) => (isOn(at) !== (at === place) ? at : [])));
    change(places.size === steps.length ? null : { kind: 'steps', places });
  };
  return steps.map(({ text }, place) => (
    <label key={text} class="tick-box">
      <input type="checkbox" checked={isOn(place)} onChange={() => toggle(place)} />
      <span>{text}</span>
    </label>
  ));
}

function RangeFilter({ dimension, filter, change }: FilterProps<MeasureDimension>) {
  const range = filter?.kind === 'range' ? filter : undefined;
  const { least, greatest, digits, label } = dimension;
  const set = (end: 'least' | 'greatest', text: string) => {
    const given = text.trim() === '' ? Number.NaN : Number(text);
    const value = Number.isNaN(given) ? (end === 'least' ? least : greatest) : given;
    const next = {
      kind: 'range' as const,
      least: range?.least ?? least,
      greatest: range?.greatest ?? greatest,
      [end]: value,
    };
    change(next.least <= least && next.greatest >= greatest ? null : next);
  };
  const field = (end: 'least' | 'greatest', whole: number) => (
    <label class="range-end">
      <span>{end === 'least' ? 'from' : 'to'}</span>
      <input
        type="text"
        inputMode="decimal"
        aria-label={`${label} ${end === 'least' ? 'from' : 'to'}`}
        placeholder={whole.toFixed(digits)}
        value={range === undefined ? '' : range[end].toFixed(digits + 1)}
        onChange={(event) => set(end, event.currentTarget.value.replace('−', '-'))}
      />
    </label>
  );
  return (
    <>
      {field('least', least)}
      {field('greatest', greatest)}
    </>
  );
}

type ChipsProps = FiltersProps & { readonly clear: () => void };

/** What is narrowed now, each with a button that ends it. */
export function FilterChips({ dimensions, selection, select, clear }: ChipsProps) {
  const narrowed = dimensions.flatMap((dimension) => {
    const filter = selection.filters.get(dimension.name);
    return filter === undefined ? [] : [{ dimension, filter }];
  });
  return (
    <div class="chips">
      {narrowed.map(({ dimension, filter }) => (
        <button
          type="button"
          class="chip"
          key={dimension.name}
          onClick={() => select(withFilter(selection, dimension.name, null))}
        >
          {dimension.label} {filterText(dimension, filter)} <span aria-hidden="true">×</span>
          <span class="unseen">clear</span>
        </button>
      ))}
      {narrowed.length > 1 && (
        <button type="button" class="quiet" onClick={clear}>
          clear all
        </button>
      )}
    </div>
  );
}

function filterText(dimension: Dimension, filter: Filter): string {
  if (dimension.kind === 'steps' && filter.kind === 'steps') {
    const texts = dimension.steps.filter((_, place) => filter.places.has(place)).map(({ text }) => text);
    if (texts.length === 0) return 'none of its values';
    return texts.length > 3 ? `${texts[0]} … ${texts.at(-1)} (${countOf(texts.length, 'value')})` : texts.join(' or ');
  }
  if (dimension.kind === 'measure' && filter.kind === 'range') {
    const text = (value: number) => value.toFixed(dimension.digits).replace('-', '−');
    return `${text(filter.least)} to ${text(filter.greatest)}`;
  }
  return '';
}
