import { wrap } from './text-table.ts';

/** What each number means to whoever has to act on it, in the words of its screen. */
const EXPLANATIONS: readonly (readonly [string, string])[] = [
  [
    'block',
    'One whole UTC day, or several on long splits: the unit that chance is measured by. Rows overlap in time, so thousands of rows are worth a few days.',
  ],
  [
    'tune mae ±',
    "Mean error beside the constant's, and how far the days alone could have moved it (95%). Holds for a row named beforehand, not for the one that leads.",
  ],
  [
    '=',
    'The days cannot tell this row from the first. Choose among these rows by what you prefer: fewer ages, more penalty, the defaults.',
  ],
  [
    'its plainest',
    "Of the rows that may be the best, the one that departs least from the usual: fewest parameters off the seed's defaults, then fewest ages, then the larger alpha. What to take where nothing else speaks.",
  ],
  [
    'it still holds',
    'The values of each parameter that some row of the plateau has: the days have ruled out the others.',
  ],
  [
    'gain vs market',
    "What the position's state adds: error of market_only less that of market_plus_state. Its ± holds for all rows of the list at once.",
  ],
  [
    'weakest',
    'The word of the gate that decides: clear (wrong in fewer than 1 of 20), leaning (1 of 5), noise (more). Of a pass its shakiest gate, of a miss the gate missed most surely.',
  ],
  ['undecided', 'The stored verdict stands, but some gate that it rests on reads leaning or noise.'],
  ['the days cannot settle it', 'No missed gate is missed surely enough: more days could turn the verdict.'],
  [
    'found among N',
    'This row is shown because it passed, not because it leads: the more were tried, the likelier one passes by luck.',
  ],
  [
    'flip',
    'The chance that the true margin has the other sign. In the list counts in that the row was picked among all.',
  ],
  [
    'beat the constant, market_only',
    'So many rows are better for sure, all of them together wrong in at most 1 of 20 sweeps. p: how often luck alone would do as well as the best row.',
  ],
  [
    'did choosing help',
    'The best row of one half of the days, looked at on the other half, beside the median row. PBO is the share of halves in which it did worse than the median; noise is where PBO lies when all rows are equal.',
  ],
  [
    'independent ones',
    'Rows that move together count once: so many unrelated tries have the same best by luck. A lower bound.',
  ],
  [
    'luck',
    'What the best of these rows gains when all are equal. A margin inside it says nothing, one beyond it is more than luck alone would give. Shown of MAE gates: regressor axes move no AUC.',
  ],
  [
    'looked at',
    'Each set of figures ever shown of a locked split spends it a little, whichever sweep showed it: splits of the same days and label definition share one budget. Another label or gap policy begins a new one on the same days, which is shown beside it.',
  ],
  [
    'told best',
    'Of looks in a row the best is told only when it is better than the one told before by more than the standard error of the difference. That keeps a split fresh for long where nothing else of it is seen: with sealed gates.',
  ],
  [
    'resolution',
    'The smallest measured margin that would read clear. A true margin of that size is seen half the time.',
  ],
  [
    'chance of PASS',
    'Neither a lower nor an upper bound: too low when truths are alike, too high when they lie near the limits or the row was picked for passing.',
  ],
  ['skewness', 'Days with losses skewed to one side make intervals too narrow (89 to 92% where 95 is said).'],
];

/** The explanations, as lines of a width. */
export function explanations(width: number): string[] {
  return EXPLANATIONS.flatMap(([name, text]) => [
    name,
    ...wrap(text, Math.max(30, width - 4)).map((line) => `    ${line}`),
  ]);
}
