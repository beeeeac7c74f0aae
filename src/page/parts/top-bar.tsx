import type { Report } from '../../page-data/report.ts';
import type { SweepView } from '../rows/sweep-view.ts';
import { chooseTheme, useTheme } from './theme.ts';

type TopBarProps = {
  readonly report: Report;
  readonly view: SweepView;
  readonly place: number;
  readonly choose: (place: number) => void;
  readonly isOwnPage: boolean;
};

const SECTIONS: readonly (readonly [id: string, text: string, isThere: (view: SweepView) => boolean])[] = [
  ['gates', 'gates', ({ rows }) => rows.count > 0],
  ['believe', 'believable?', () => true],
  ['where', 'where', ({ facts }) => facts.heatMaps.length > 0],
  ['axes', 'axes', ({ rows }) => rows.count > 0],
  ['carry-over', 'carry-over', ({ facts, rows }) => rows.count > 0 && facts.carryOver.splits.length > 0],
  ['days', 'days', ({ facts }) => facts.days.curves.length > 0],
  ['calibration', 'calibration', ({ facts }) => (facts.calibration?.curves.length ?? 0) > 0],
  ['configurations', 'configurations', ({ rows }) => rows.count > 0],
  ['failures', 'failures', ({ facts }) => facts.failures.reasons.length > 0],
  ['reproduce', 'reproduce', () => true],
];

/** Which sweep, what it says where, and the theme. */
export function TopBar({ report, view, place, choose, isOwnPage }: TopBarProps) {
  const theme = useTheme();
  const other = theme === 'dark' ? 'light' : 'dark';
  return (
    <header class="top">
      <div class="top-inner">
        <p class="name">
          {report.sweeps.length === 1 ? (
            <b>{view.facts.name}</b>
          ) : (
            <label>
              <span class="unseen">sweep</span>
              <select value={place} onChange={(event) => choose(Number(event.currentTarget.value))}>
                {report.sweeps.map(({ name }, i) => (
                  <option key={name} value={i}>
                    {name}
                  </option>
                ))}
              </select>
            </label>
          )}
        </p>
        <nav aria-label="sections">
          {isOwnPage ? (
            <a href="#content">back to the report</a>
          ) : (
            SECTIONS.filter(([, , isThere]) => isThere(view)).map(([id, text]) => (
              <a key={id} href={`#${id}`}>
                {text}
              </a>
            ))
          )}
        </nav>
        <button type="button" class="quiet" onClick={() => chooseTheme(other)}>
          {other}
        </button>
      </div>
    </header>
  );
}
