import { countOf, countText, wordFor } from '../../counts.ts';
import type { CheckFacts, HeadlineFacts, Piece, Words } from '../../page-data/report.ts';
import type { TrustRow } from '../../trust/trust-row.ts';
import { gateLabel } from './gate-matrix.ts';
import type { ReportTable } from './report-table.ts';
import { configurationText, idPiece, marginWords, plain } from './words.ts';

export type HeadlineSource = {
  readonly table: ReportTable;
  readonly checks: readonly CheckFacts[];
  /** What may be believed of rows, by configuration. */
  readonly rows: ReadonlyMap<string, TrustRow>;
  readonly configurations: number;
  readonly shortIdLength: number;
  readonly isFinal: boolean;
};

/** The first sentence of a report: how many pass, where, and the strongest reason to doubt. */
export function headlineFacts(source: HeadlineSource): HeadlineFacts {
  return { title: titleOf(source), lead: leadOf(source) };
}

function titleOf(source: HeadlineSource): Words {
  const { table, configurations, isFinal } = source;
  const judged = table.judged.length;
  if (judged === 0) {
    const none = configurations === 0 ? 'This sweep has no configurations' : 'Nothing is judged yet';
    return [plain(table.failed.length > 0 && isFinal ? 'No configuration could be judged' : none), plain('.')];
  }
  const passes = table.verdicts.filter((verdict) => verdict === 'pass').length;
  const sealed = table.verdicts.filter((verdict) => verdict === 'sealed').length;
  if (sealed === judged) {
    return [
      plain(`${countOf(judged, 'configuration')} judged, the gates of all `),
      { text: 'sealed', tone: 'strong' },
      plain('.'),
    ];
  }
  const of = isFinal
    ? countOf(configurations - sealed, 'configuration')
    : `${countOf(judged - sealed, 'configuration')} judged so far`;
  const rest = sealed === 0 ? '.' : `; ${countText(sealed)} more are sealed.`;
  if (passes === 0) return [...noneOf(of, isFinal), plain(rest)];
  const doubt = strongestDoubt(source);
  return [
    { text: `${countText(passes)} of ${of} ${wordFor(passes, 'passes', 'pass')}`, tone: 'good' },
    plain(` all eight gates${whereOf(table)}`),
    ...(doubt === null ? [] : [plain(', but '), { text: doubt, tone: 'doubt' } as const]),
    plain(rest),
  ];
}

function noneOf(of: string, isFinal: boolean): Piece[] {
  return [{ text: `None of ${of} ${isFinal ? 'passes' : 'pass'}`, tone: 'doubt' }, plain(' all eight gates')];
}

/** `, all at ages 30,60`, where that says something. */
function whereOf({ judged, verdicts }: ReportTable): string {
  const ages = new Set<string>();
  const passing = new Set<string>();
  judged.forEach(({ configuration }, row) => {
    const key = configuration.agesMinutes.join();
    ages.add(key);
    if (verdicts[row] === 'pass') passing.add(key);
  });
  return ages.size > 1 && passing.size === 1 ? `, all at ages ${[...passing][0]}` : '';
}

/** The gravest first: whether there is anything, whether the days can tell, whether it was sought in the right place. */
function strongestDoubt({ checks, rows, table }: HeadlineSource): string | null {
  const isDoubt = (name: CheckFacts['name']) => checks.some((one) => one.name === name && one.state === 'doubt');
  if (isDoubt('market-only')) return 'there is no sign on tune that state helps';
  if (isDoubt('margin')) {
    const undecided = table.judged.filter(({ configurationId }, row) => {
      return table.verdicts[row] === 'pass' && rows.get(configurationId)?.decided === true;
    });
    return undecided.length === 0 ? 'by margins that these days cannot settle' : 'the safest by no clear margin';
  }
  if (isDoubt('edge')) return 'on the edge of the grid';
  if (isDoubt('carry-over')) return 'tune does not tell which is best';
  if (isDoubt('distinct')) return 'many of them are one result';
  return isDoubt('looks') ? 'as the best of many tries' : null;
}

function leadOf({ table, rows, shortIdLength, isFinal }: HeadlineSource): Words {
  const { judged, verdicts, axes } = table;
  const [first] = judged;
  if (first === undefined) return [];
  const naming = (row: number): Piece[] => {
    const { configurationId, configuration } = judged[row]!;
    return [idPiece(configurationId, shortIdLength), plain(` (${configurationText(configuration, axes)})`)];
  };
  const says = (row: number): string => {
    const weakest = rows.get(judged[row]!.configurationId)?.weakest;
    return weakest === undefined || weakest === null ? '' : ` (${weakest})`;
  };
  const ofAll = `of ${countText(judged.length)}${isFinal ? '' : ' judged so far'}`;
  const pass = verdicts.indexOf('pass');
  const words: Piece[] = [];
  if (pass !== -1) {
    const { smallestMargin, weakestGate } = judged[pass]!;
    words.push(
      plain('The best by tune that passes is '),
      ...naming(pass),
      plain(
        `, rank ${countText(pass + 1)} ${ofAll}: it clears its weakest gate, ${gateLabel(weakestGate!)}, by ${marginWords(smallestMargin ?? 0)}${says(pass)}. `,
      ),
    );
    if (pass === 0) return [...words, plain('It is also the best by tune.')];
  }
  if (verdicts[0] === 'sealed')
    return [...words, plain('The best by tune is '), ...naming(0), plain('; its gates are sealed.')];
  words.push(
    plain('The best by tune, '),
    ...naming(0),
    plain(', does '),
    { text: 'not', tone: 'strong' },
    plain(' pass'),
  );
  words.push(plain(`: ${missesOf(table, 0)}${verdicts[0] === 'not ready' ? says(0) : ''}.`));
  return words;
}

/** `it misses SHORT stress MAE by −0.0115`, and how many more. */
function missesOf({ judged, margins, met, verdicts }: ReportTable, row: number): string {
  if (verdicts[row] === 'sealed') return 'its gates are sealed';
  if (verdicts[row] === 'unconverged') return 'it rests on a market_only fit that did not converge';
  const { gatesPassed, smallestMargin, weakestGate } = judged[row]!;
  const missed = margins.flatMap((_, g) => ((met[row]! >> g) & 1 ? [] : [g]));
  if (missed.length === 0) return gatesPassed === 8 ? 'its regressor did not converge' : 'its gates are not looked at';
  if (smallestMargin === null || weakestGate === null) return `${gateLabel(weakestGate ?? missed[0]!)} has no value`;
  const more = missed.length === 1 ? '' : `, and ${missed.length - 1} more`;
  return `it misses ${gateLabel(weakestGate)} by ${marginWords(smallestMargin)}${more}`;
}
