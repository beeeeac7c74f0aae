import { chance, fixed, signed } from '../parts/number-text.ts';
import type { SweepView } from '../rows/sweep-view.ts';

/** One gate of one configuration. Numbers that the report does not have are NaN. */
export type GateReading = {
  readonly label: string;
  readonly isMet: boolean;
  readonly limitText: string;
  readonly value: number;
  readonly marketOnly: number;
  readonly margin: number;
  readonly against: string;
  /** Of the condition that speaks: its margin, half of its 95 % interval, and what they say. */
  readonly trustMargin: number;
  readonly half: number;
  readonly flip: number;
  readonly listFlip: number;
  readonly word: string;
  readonly listWord: string;
  readonly trustAgainst: string;
};

export function gateReadings(view: SweepView, row: number): GateReading[] {
  const { rows, facts } = view;
  return facts.gates.gates.map(({ label, side, split, metric, limit }, gate) => {
    const kind = metric === 'continue_auc' ? 'auc' : 'mae';
    const of = (set: string) => rows.numberIfThere(`${side.toLowerCase()}_${set}_${split}_${kind}`, row);
    const trust = (name: string) => rows.numberIfThere(`trust_${name}_${gate}`, row);
    const word = (name: string) => rows.word(`trust_${name}_${gate}`, row) ?? '';
    return {
      label,
      isMet: (rows.number('gate_bits', row) & (1 << gate)) !== 0,
      limitText: `${kind === 'auc' ? '≥' : '≤'} ${limit}`,
      value: of('market_plus_state'),
      marketOnly: of('market_only'),
      margin: rows.number(`margin_${gate}`, row),
      against: (rows.number('bar_bits', row) & (1 << gate)) !== 0 ? 'market_only' : 'limit',
      trustMargin: trust('margin'),
      half: trust('half'),
      flip: trust('flip'),
      listFlip: trust('list_flip'),
      word: word('word'),
      listWord: word('list_word'),
      trustAgainst: trust('of') === 1 ? 'market_only' : 'limit',
    };
  });
}

/** The eight gates: what decides each, with its interval against 0, to one scale for all. */
export function GateIntervals({ readings }: { readonly readings: readonly GateReading[] }) {
  const hasTrust = readings.some(({ half }) => !Number.isNaN(half));
  const hasValues = readings.some(({ value }) => !Number.isNaN(value));
  const domain = domainOf(readings);
  return (
    <table class="gates-table">
      <caption>
        Eight gates: how far each is met or missed
        {hasTrust && ', and how far other days would have moved that (95 %, the nearer bar in standard errors)'}
      </caption>
      <thead>
        <tr>
          <th scope="col">gate</th>
          <th scope="col">verdict</th>
          {hasValues && (
            <>
              <HeadNumber text="value" />
              <HeadNumber text="limit" />
              <HeadNumber text="market_only" />
            </>
          )}
          <HeadNumber text={hasTrust ? 'margin' : 'margin, nearer bar'} />
          {hasTrust && <th scope="col">against</th>}
          <th scope="col" class="interval-head">
            <span class="unseen">
              drawn from {signed(domain[0], 3)} to {signed(domain[1], 3)}
            </span>
            <span aria-hidden="true" style={{ left: `${place(0, domain)}%` }}>
              0
            </span>
          </th>
          {hasTrust && (
            <>
              <HeadNumber text="flips" />
              <th scope="col">says</th>
              <HeadNumber text="in list" />
              <th scope="col">says</th>
            </>
          )}
        </tr>
      </thead>
      <tbody>
        {readings.map((reading) => (
          <tr key={reading.label}>
            <th scope="row">{reading.label}</th>
            <td class={reading.isMet ? 'verdict good' : 'verdict doubt'}>{reading.isMet ? '✓ met' : '▲ missed'}</td>
            {hasValues && (
              <>
                <td class="number">{fixed(reading.value, 4)}</td>
                <td class="number">{reading.limitText}</td>
                <td class="number">{fixed(reading.marketOnly, 4)}</td>
              </>
            )}
            <td class="number">
              {signed(middleOf(reading))}
              {hasInterval(reading) && <span class="half"> ±{fixed(reading.half, 4)}</span>}
            </td>
            {hasTrust && <td>{hasInterval(reading) ? reading.trustAgainst : reading.against}</td>}
            <td class="interval">
              <Interval reading={reading} domain={domain} />
            </td>
            {hasTrust && (
              <>
                <td class="number">{chance(reading.flip)}</td>
                <td>{reading.word}</td>
                <td class="number">{chance(reading.listFlip)}</td>
                <td>{reading.listWord}</td>
              </>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function HeadNumber({ text }: { readonly text: string }) {
  return (
    <th scope="col" class="number">
      {text}
    </th>
  );
}

type Domain = readonly [least: number, greatest: number];

function hasInterval({ half }: GateReading): boolean {
  return !Number.isNaN(half);
}

/** The margin that is drawn: of the condition that speaks where it is known, else against the nearer bar. */
function middleOf(reading: GateReading): number {
  return hasInterval(reading) ? reading.trustMargin : reading.margin;
}

/** Room for all margins with their intervals, and for 0. */
function domainOf(readings: readonly GateReading[]): Domain {
  const ends = readings.flatMap((reading) => {
    const middle = middleOf(reading);
    const half = hasInterval(reading) ? reading.half : 0;
    return Number.isNaN(middle) ? [] : [middle - half, middle + half];
  });
  const [least, greatest] = [Math.min(0, ...ends), Math.max(0, ...ends)];
  const room = (greatest - least || 0.01) * 0.04;
  return [least - room, greatest + room];
}

/** Percent of the way across. */
function place(value: number, [least, greatest]: Domain): number {
  return (100 * (value - least)) / (greatest - least);
}

/** A mark with its interval about 0. What it shows stands in the row's numbers. */
function Interval({ reading, domain }: { readonly reading: GateReading; readonly domain: Domain }) {
  const middle = middleOf(reading);
  if (Number.isNaN(middle)) return null;
  const x = (value: number) => `${place(value, domain).toFixed(2)}%`;
  return (
    <svg width="100%" height="20" aria-hidden="true" class={reading.isMet ? 'good' : 'doubt'}>
      <line class="zero" x1={x(0)} x2={x(0)} y1={0} y2={20} />
      {hasInterval(reading) && (
        <line class="whisker" x1={x(middle - reading.half)} x2={x(middle + reading.half)} y1={10} y2={10} />
      )}
      <line class="middle" x1={x(middle)} x2={x(middle)} y1={4} y2={16} />
    </svg>
  );
}
