import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { readSweepDefinition } from '../../../src/sweep/definition.ts';
import { countConfigurations } from '../../../src/sweep/expand.ts';
import { planSweep } from '../../../src/sweep/plan.ts';
import type { Random } from '../../support/random.ts';
import { mutateText } from '../mutations.ts';
import { check, checkFinite, outcomeOf } from '../outcome.ts';
import type { Reader } from '../readers.ts';

const QUICKSTART = fileURLToPath(new URL('../../../sweeps/quickstart.yaml', import.meta.url));
const MOST = 20_000;
/** A definition's problems are listed, one a line, each line beginning with the file. */
const MOST_LINES = 9;

/** Sweep definitions, YAML and JSON: damaged, of aliases, of grids that overflow, nested deep. */
export const definitions: Reader = {
  name: 'sweep definitions (YAML, JSON)',
  count: 2500,
  prepare: async (folder) => {
    const yaml = await readFile(QUICKSTART, 'utf8');
    const json = JSON.stringify(parse(yaml), null, 1);
    const tryInput = async (random: Random) => {
      const isJson = random.chance(0.4);
      const path = join(folder, isJson ? 'sweep.json' : 'sweep.yaml');
      await writeFile(path, hostileDefinition(isJson ? json : yaml, isJson, random));
      const read = async () => {
        const definition = await readSweepDefinition(path);
        const limit = random.chance(0.3) ? random.integer(1, 500) : undefined;
        const plan = planSweep(definition, { maxConfigurations: MOST, limit });
        const count = Math.min(countConfigurations(definition), limit ?? MOST);
        check(plan.configurations.length === count, `${plan.configurations.length} configurations, counted ${count}`);
        check(new Set(plan.configurations.map(({ id }) => id)).size === count, 'an id comes twice');
        checkFinite(plan.configurations, 'configuration');
      };
      return outcomeOf(/sweep\.(json|yaml)|configurations/, read, MOST_LINES);
    };
    return { tryInput };
  },
};

function hostileDefinition(text: string, isJson: boolean, random: Random): string | Uint8Array {
  switch (random.pick(['damaged', 'damaged', 'damaged', 'grid', 'aliases', 'merge'] as const)) {
    case 'damaged':
      return mutateText(text, random);
    case 'grid':
      return JSON.stringify({
        name: random.pick(['x', 'é', 'x'.repeat(81), '\u202ex', '../x', 'x\ny', "x'; DROP TABLE sweeps; --"]),
        baseline: { dataRoot: '.', runId: random.pick(['tiny', '..', '../../x', '\u001b[31m', 'x\0y']) },
        axes: {
          huberAlpha: hardAxis(random),
          huberEpsilon: hardAxis(random),
          regressionTargetClipBps: hardAxis(random),
        },
      });
    case 'aliases':
      return isJson ? mutateText(text, random) : aliasBomb(random);
    case 'merge':
      return `a: &a {name: x}\n<<: *a\nbaseline: &b {dataRoot: ., runId: *b}\naxes: {}\n${random.chance(0.5) ? text : ''}`;
  }
}

function hardAxis(random: Random): unknown {
  const number = () => random.pick([0, 1, 2, -1, 1e-9, 1e5, 1e9, 1e308, 2 ** 53, 0.1, -0]);
  const kind = random.pick(['logspace', 'linspace', 'range', 'list'] as const);
  if (kind === 'list') return Array.from({ length: random.pick([0, 1, 3, 50_000, 100_001]) }, (_, i) => i + 1);
  return { [kind]: [number(), number(), random.pick([0, 1, 3, 1000, 1e5, 1e6, 1e15, 1.5, 1e-12])] };
}

/** Each level holds the one before nine times. */
function aliasBomb(random: Random): string {
  const levels = random.pick([3, 9, 40]);
  const lines = ['l0: &l0 [1]'];
  for (let i = 1; i < levels; i += 1)
    lines.push(
      `l${i}: &l${i} [${Array(9)
        .fill(`*l${i - 1}`)
        .join(',')}]`,
    );
  return `${lines.join('\n')}\nname: x\nbaseline: {dataRoot: ., runId: tiny}\naxes: {huberAlpha: *l${levels - 1}}\n`;
}
