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

/** The eight gates: margin with its interval against 0, to one scale for all of a metric. */
export function GateIntervals({ readings }: { readonly readings: readonly GateReading[] }) {
  const hasTrust = readings.some(({ half }) => !Number.isNaN(half));
  const hasValues = readings.some(({ value }) => !Number.isNaN(value));
  const reach = Math.max(
    ...readings.map(({ margin, trustMargin, half }) =>
      Math.max(Math.abs(margin) || 0, Math.abs(trustMargin) + half || 0),
    ),
    0.001,
  );
  return (
    <table class="gates-table">
      <caption>Eight gates: how far each is met or missed, and how far other days would have moved it (95 %)</caption>
      <thead>
        <tr>
          <th scope="col">gate</th>
          <th scope="col">verdict</th>
          {hasValues && (
            <>
              <th scope="col" class="number">
                value
              </th>
              <th scope="col" class="number">
                limit
              </th>
              <th scope="col" class="number">
                market_only
              </th>
            </>
          )}
          <th scope="col" class="number">
            margin
          </th>
          <th scope="col" class="interval-head">
            −{fixed(reach, 3)}
            <span>0</span>+{fixed(reach, 3)}
          </th>
          {hasTrust && (
            <>
              <th scope="col" class="number">
                flips
              </th>
              <th scope="col">says</th>
              <th scope="col" class="number">
                in list
              </th>
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
            <td class="number">{signed(reading.margin)}</td>
            <td class="interval">
              <Interval reading={reading} reach={reach} />
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

/** A dot with its interval about 0. What it shows stands in the row's numbers. */
function Interval({ reading, reach }: { readonly reading: GateReading; readonly reach: number }) {
  const hasInterval = !Number.isNaN(reading.half);
  const middle = hasInterval ? reading.trustMargin : reading.margin;
  if (Number.isNaN(middle)) return null;
  const x = (value: number) => 100 + (98 * value) / reach;
  return (
    <svg viewBox="0 0 200 20" preserveAspectRatio="none" aria-hidden="true" class={reading.isMet ? 'good' : 'doubt'}>
      <title>{`${signed(middle)}${hasInterval ? ` ± ${fixed(reading.half, 4)}, against ${reading.trustAgainst}` : ''}`}</title>
      <line class="zero" x1={100} x2={100} y1={0} y2={20} />
      {hasInterval && (
        <line class="whisker" x1={x(middle - reading.half)} x2={x(middle + reading.half)} y1={10} y2={10} />
      )}
      <line class="middle" x1={x(middle)} x2={x(middle)} y1={4} y2={16} />
    </svg>
  );
}
