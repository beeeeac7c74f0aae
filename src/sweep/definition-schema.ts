import { z } from 'zod';
import { RUN_ID_PATTERN, RUN_ID_RULE } from '../baseline/run-folder.ts';
import { DEFAULTS } from '../experiment/configuration.ts';
import type { NumericParameterName } from '../experiment/parameters.ts';
import { axisValues, MAX_AXIS_VALUES, rangeCount } from './axis-values.ts';
import * as rules from './parameter-rules.ts';
import { mapping } from './problems.ts';
import type { SweepDefinition } from './sweep-definition.ts';

// From the leaves up: a schema has to exist before the one that holds it. Every message is a rule; `problems.ts` puts
// the path before it and the value received behind it.

export const SWEEP_NAME_PATTERN = /^[\p{L}\p{N}][\p{L}\p{M}\p{N} ._-]{0,79}$/u;
const NAME_RULE =
  'expected a name of 1 to 80 letters, digits, spaces, dots, dashes or underscores that begins with a letter or digit';
const name = z
  .string(`${NAME_RULE}, in quotes if it is a number`)
  .regex(SWEEP_NAME_PATTERN, NAME_RULE)
  .describe('What the sweep is called in the store and in reports');

const DATA_ROOT_RULE = 'expected the path of a folder';
const dataRoot = z
  .string(DATA_ROOT_RULE)
  .regex(/^\P{Cc}+$/u, DATA_ROOT_RULE)
  .describe("The folder that holds trader-v4/runs, relative to this file; the command line's --data-root wins");

const runId = z
  .string(`${RUN_ID_RULE}, in quotes if it is a number`)
  .regex(RUN_ID_PATTERN, RUN_ID_RULE)
  .describe('The baseline run: a folder in trader-v4/runs');

const COUNT_RULE = `expected a whole number of values from 1 to ${MAX_AXIS_VALUES}`;
const count = z.int(COUNT_RULE).min(1, COUNT_RULE).max(MAX_AXIS_VALUES, COUNT_RULE);
const bound = z.number('expected a number');

// Beyond these, powers of ten near the ends of what a double holds, where they are 0 or infinite.
const POWER_RULE = 'expected a power of ten from -300 to 300';
const power = z.number(POWER_RULE).min(-300, POWER_RULE).max(300, POWER_RULE);

const logspace = z
  .tuple([power, power, count], 'expected [fromPower, toPower, count]')
  .describe('Powers of ten in even steps of the exponent, both ends in: [-4, 0, 5] is 0.0001, 0.001, 0.01, 0.1, 1');

const linspace = z
  .tuple([bound, bound, count], 'expected [from, to, count]')
  .describe('Even steps, both ends in: [1.1, 1.4, 4] is 1.1, 1.2, 1.3, 1.4');

const STEP_RULE = 'expected a step > 0';
const range = z
  .tuple([bound, bound, z.number(STEP_RULE).positive(STEP_RULE)], 'expected [from, to, step]')
  .superRefine(([from, to, step], context) => {
    if (context.issues.length > 0) return;
    if (from > to) context.addIssue({ code: 'custom', message: 'expected from ≤ to', input: [from, to, step] });
    else if (rangeCount(from, to, step) > MAX_AXIS_VALUES) {
      const message = `expected at most ${MAX_AXIS_VALUES} values`;
      context.addIssue({ code: 'custom', message, input: [from, to, step] });
    }
  })
  .describe(
    'Steps from the first number up to the second, which is in when a step reaches it: [0, 1, 0.5] is 0, 0.5, 1',
  );

const AGES_SET_RULE = 'expected a list of ages in minutes such as [3, 5, 10]';
const agesMinutes = list(
  z.array(rules.ageMinutes, AGES_SET_RULE).min(1, 'expected at least one age'),
  'expected a list of lists of ages such as [[3, 5, 10], [5, 15]]',
).meta({
  description: 'Ages sets: at how many minutes after its entry a position is looked at',
  default: [[...DEFAULTS.agesMinutes]],
});

const regressorKind = list(rules.regressorKind, 'expected a list such as [huber, ridge]').meta({
  description: 'The regressors to try. The axes of the other kind do not multiply a kind',
  default: [DEFAULTS.regressorKind],
});

/** What a definition may be. Its descriptions and defaults are what an editor shows. */
export const sweepDefinitionSchema: z.ZodType<SweepDefinition> = mapping(
  'expected a sweep definition: a mapping with name and baseline',
  {
    $schema: z.string('expected text').optional().describe('For editors: where the JSON Schema of this file lies'),
    name,
    baseline: mapping('expected a mapping with dataRoot and runId', { dataRoot, runId }).describe('What is swept over'),
    axes: mapping('expected a mapping of axes', {
      agesMinutes: agesMinutes.optional(),
      regressorKind: regressorKind.optional(),
      huberAlpha: numericAxis('huberAlpha', "Huber's L2 penalty").optional(),
      huberEpsilon: numericAxis(
        'huberEpsilon',
        'Residuals beyond epsilon times the fitted scale count linearly',
      ).optional(),
      huberMaxIter: numericAxis('huberMaxIter', 'Iterations within which a Huber fit has to converge').optional(),
      ridgeAlpha: numericAxis('ridgeAlpha', "Ridge's L2 penalty").optional(),
      regressionTargetClipBps: numericAxis(
        'regressionTargetClipBps',
        'Regression targets and predictions are clipped to plus or minus this many bps; 0: no clip',
      ).optional(),
      maxRowsPerSplit: numericAxis(
        'maxRowsPerSplit',
        'Only the last rows by event time of each split are kept; 0: all',
      ).optional(),
    })
      .default({})
      .describe("The grid. An axis left out has the experiment's default; without any, one configuration"),
    seal: z
      .boolean('expected true or false')
      .meta({
        description:
          'Whether runs seal the gates of what they judge until sweep unseal looks; the command line (--seal, --no-seal) wins',
        default: false,
      })
      .optional(),
  },
).meta({ title: 'Sweep definition' });

function numericAxis(name: NumericParameterName, description: string) {
  const value = rules.ruleOf(name);
  return z
    .union(
      [
        list(value, 'expected a list'),
        mapping('expected a mapping', { logspace }),
        mapping('expected a mapping', { linspace }),
        mapping('expected a mapping', { range }),
      ],
      'expected a list such as [1, 10], {logspace: [fromPower, toPower, count]}, {linspace: [from, to, count]} ' +
        'or {range: [from, to, step]}',
    )
    .superRefine((axis, context) => {
      // zod also comes here after a broken rule. A count of 1e9, refused already, must not be made.
      if (context.issues.length > 0 || Array.isArray(axis)) return;
      for (const made of axisValues(axis)) {
        const rule = value.safeParse(made).error?.issues[0]?.message;
        if (rule === undefined) continue;
        context.addIssue({ code: 'custom', path: Object.keys(axis), message: `${rule} at every step`, input: made });
        return;
      }
    })
    .meta({ description, default: [DEFAULTS[name]] });
}

function list<T extends z.ZodType>(item: T, rule: string) {
  return z
    .array(item, rule)
    .min(1, 'expected at least one value')
    .max(MAX_AXIS_VALUES, `expected at most ${MAX_AXIS_VALUES} values`);
}
