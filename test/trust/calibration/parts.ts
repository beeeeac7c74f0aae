import { type BlockRows, blockRows, firstSmallest, rowMeans, rowOf } from '../../../src/trust/block-rows.ts';
import * as statistics from '../../../src/trust/block-statistics.ts';
import { choiceAgainstNull } from '../../../src/trust/choice.ts';
import { ALPHA, CONDITIONS, MIN_BLOCKS, MIN_JOINT_BLOCKS } from '../../../src/trust/constants.ts';
import { advantageOf, jointWidth, luckOf, sharesReached } from '../../../src/trust/joint.ts';
import { plateausOf } from '../../../src/trust/plateau.ts';
import { signTable } from '../../../src/trust/sign-table.ts';
import { studentQuantile, studentTail } from '../../../src/trust/student-t.ts';
import { type Random, randomFrom } from '../../support/random.ts';
import { type SimulatedSweep, shifted, simulateSweep, smoothRows, studentT, type World } from './simulation.ts';

/** The formulas that a calibration is of; a test puts wrong ones in their place. */
export type Formulas = Pick<typeof statistics, 'ratioStatistic' | 'standardError'> & {
  /** (q) by configuration: what signs are flipped of */
  readonly scores: (sums: Float64Array, constant: Float64Array) => Float64Array;
};

export const FORMULAS: Formulas = { ...statistics, scores: statistics.blockScores };

/** A line of a table: names and figures, in the order of its columns. */
export type Line = Readonly<Record<string, string | number>>;

/** One table of the calibration: so many draws a cell. */
export type Part = (draws: number, formulas?: Formulas) => Line[];

const WORLDS: readonly Pick<World, 'tails' | 'phi'>[] = [
  { tails: 'normal', phi: 0 },
  { tails: 't4', phi: 0 },
  { tails: 'normal', phi: 0.3 },
  { tails: 't4', phi: 0.3 },
];

/** Coverage of the 95 % interval of one MAE ratio, true 0.95: by blocks, and one block a day. */
export const intervals: Part = (draws, formulas = FORMULAS) =>
  WORLDS.flatMap((world) =>
    [7, 10, 20, 40, 60].map((days) => {
      const random = randomFrom(1);
      const blocks = { covered: 0, width: 0 };
      const daily = { covered: 0, width: 0 };
      const made = drawn(draws, random, [0.95], { ...world, days }, MIN_BLOCKS, (sweep) => {
        count(blocks, sweep.sums[0]!, sweep.constant, formulas);
        count(daily, sweep.daily[0]!, sweep.dailyConstant, formulas);
      });
      return {
        ...world,
        days,
        made,
        covered: blocks.covered / made,
        'one block a day': daily.covered / made,
        'half width': blocks.width / made,
      };
    }),
  );

/** Coverage of the interval of a mean of q independent normal blocks: exactly 95 % where the formula is right. */
export const exactIntervals: Part = (draws, { standardError } = FORMULAS) =>
  [7, 10, 19].map((q) => {
    const random = randomFrom(10);
    let covered = 0;
    for (let i = 0; i < draws; i += 1) {
      const blocks = Float64Array.from({ length: q }, () => random.normal());
      const mean = blocks.reduce((sum, value) => sum + value, 0) / q;
      if (Math.abs(mean) <= studentQuantileOf(0.975, q - 1) * standardError(blocks)) covered += 1;
    }
    return { q, made: draws, covered: covered / draws };
  });

/** Best of N when none beats the constant; StepM with a quarter truly better. */
export const luck: Part = (draws, { scores } = FORMULAS) =>
  WORLDS.filter(({ tails, phi }) => tails === 't4' || phi === 0).flatMap((world) =>
    [7, 10, 20, 40].map((days) => luckLine(draws, 200, { ...world, days }, scores)),
  );

/** How often best of N says p ≤ 5 % when no configuration beats the constant. */
export function nullRejections(draws: number, n: number, world: World, scores: Formulas['scores']): number {
  let rejected = 0;
  const made = drawn(draws, randomFrom(3), new Float64Array(n).fill(1), world, MIN_BLOCKS, (sweep) => {
    const advantages = mapped(scoresOf(sweep, scores), (v) => 1 - v);
    if (advantageOf(advantages, signTable(sweep.blocks.q)).p <= ALPHA) rejected += 1;
  });
  return rejected / made;
}

/** One line of it: also the short form's. */
export function luckLine(draws: number, n: number, world: World, scores: Formulas['scores']): Line {
  const random = randomFrom(3);
  const better = n / 4;
  let rejected = 0;
  let lucky = 0;
  let errors = 0;
  let found = 0;
  const made = drawn(draws, random, new Float64Array(n).fill(1), world, MIN_BLOCKS, (sweep) => {
    const signs = signTable(sweep.blocks.q);
    const values = scoresOf(sweep, scores);
    if (
      advantageOf(
        mapped(values, (v) => 1 - v),
        signs,
      ).p <= ALPHA
    )
      rejected += 1;
    const ratios = sweep.sums.map((sums) => statistics.ratioStatistic(sums, sweep.constant).value);
    if (
      1 - Math.min(...ratios) >
      luckOf(
        mapped(values, (v) => -v),
        signs,
      ).q95
    )
      lucky += 1;
    const moved = shifted(sweep, (k) => (k < better ? -0.07 : k >= n / 2 ? 0.05 : 0));
    const { beats } = advantageOf(
      mapped(scoresOf(moved, scores), (v) => 1 - v),
      signs,
    );
    if (beats.slice(better).includes(true)) errors += 1;
    found += beats.slice(0, better).filter(Boolean).length / better;
  });
  return {
    tails: world.tails,
    phi: world.phi,
    days: world.days,
    made,
    'p <= .05': rejected / made,
    'luck95 exceeded': lucky / made,
    'StepM family errors': errors / made,
    found: found / made,
  };
}

/** Does the plateau hold the best? */
export const plateau: Part = (draws) => {
  const n = 200;
  const at = (k: number) => k / (n - 1);
  const shapes: readonly { name: string; ratio: (k: number) => number; best: number }[] = [
    { name: 'all equal', ratio: () => 0.95, best: Math.floor(n / 3) },
    { name: 'bowl, .02 deep', ratio: (k) => 0.95 + 0.02 * (2 * at(k) - 1) ** 2, best: n / 2 - 1 },
    { name: 'slope, .04', ratio: (k) => 0.95 + 0.04 * at(k), best: 0 },
    { name: 'one ahead by .01', ratio: (k) => (k === n / 2 ? 0.94 : 0.95), best: n / 2 },
  ];
  return shapes.flatMap(({ name, ratio, best }) =>
    [WORLDS[0]!, WORLDS[3]!].flatMap((world) =>
      [10, 20].map((days) =>
        plateauLine(
          draws,
          name,
          Float64Array.from({ length: n }, (_, k) => ratio(k)),
          best,
          { ...world, days },
        ),
      ),
    ),
  );
};

export function plateauLine(draws: number, truth: string, ratios: Float64Array, best: number, world: World): Line {
  let holds = 0;
  let kept = 0;
  let naive = 0;
  const made = drawn(draws, randomFrom(4), ratios, world, MIN_JOINT_BLOCKS, (sweep) => {
    const values = scoresOf(sweep, FORMULAS.scores);
    const [found] = plateausOf(values, signTable(values.q), [0], { rivals: 128, controls: 8 });
    const { stays } = found!;
    if (stays[best]) holds += 1;
    kept += stays.filter(Boolean).length / values.n;
    const leader = rowOf(values, firstSmallest(rowMeans(values)));
    const behind = rowOf(values, best).map((v, b) => v - leader[b]!);
    const mean = behind.reduce((sum, v) => sum + v, 0) / values.q;
    const se = statistics.standardError(behind);
    if (se === 0 || mean / se <= studentQuantileOf(0.95, values.q - 1)) naive += 1;
  });
  return {
    truth,
    tails: world.tails,
    phi: world.phi,
    days: world.days,
    made,
    'holds the best': holds / made,
    'naive paired t': naive / made,
    kept: kept / made,
  };
}

/** PBO and what choosing gained: when all are equal, and on a slope of 0.04. */
export const choice: Part = (draws) =>
  [WORLDS[0]!, WORLDS[3]!].flatMap((world) =>
    [10, 20].map((days) => {
      const n = 120;
      const sums = { pbo: 0, below: 0, above: 0, gained: 0, slope: 0, slopeGained: 0 };
      const made = drawn(
        draws,
        randomFrom(5),
        new Float64Array(n).fill(0.95),
        { ...world, days },
        MIN_JOINT_BLOCKS,
        (sweep) => {
          const signs = signTable(sweep.blocks.q);
          const none = choiceAgainstNull(scoresOf(sweep, FORMULAS.scores), signs, 79);
          const slope = choiceAgainstNull(
            scoresOf(
              shifted(sweep, (k) => (0.04 * k) / (n - 1)),
              FORMULAS.scores,
            ),
            signs,
            79,
          );
          sums.pbo += none.pbo;
          if (none.pbo <= none.nullPbo[0]) sums.below += 1;
          if (none.pbo >= none.nullPbo[2]) sums.above += 1;
          if (none.pGain <= ALPHA) sums.gained += 1;
          sums.slope += slope.pbo;
          if (slope.pGain <= ALPHA) sums.slopeGained += 1;
        },
      );
      return {
        ...world,
        days,
        made,
        PBO: sums.pbo / made,
        'below its line': sums.below / made,
        'above its line': sums.above / made,
        'p(gain) <= .05': sums.gained / made,
        'slope: PBO': sums.slope / made,
        'slope: p <= .05': sums.slopeGained / made,
      };
    }),
  );

const FLIP_BINS = [0, 0.01, 0.05, 0.2, 0.35, 0.5] as const;

/** Stated flip beside the share of gates whose truth has the other sign: true ratio uniform on 0.87 to 1.07, limit 0.97. */
export const flips: Part = (draws, formulas = FORMULAS) =>
  WORLDS.filter(({ tails, phi }) => tails === 't4' || phi === 0).flatMap((world) =>
    [7, 10, 20].map((days) => {
      const bins = FLIP_BINS.slice(1).map(() => ({ stated: 0, wrong: 0, count: 0 }));
      const random = randomFrom(6);
      let made = 0;
      for (let i = 0; i < draws; i += 1) {
        const truth = 0.87 + 0.2 * random.uniform();
        made += drawn(1, random, [truth], { ...world, days }, MIN_BLOCKS, (sweep) => {
          const ratio = formulas.ratioStatistic(sweep.sums[0]!, sweep.constant);
          const margin = 0.97 - ratio.value;
          const flip = statistics.flipOf(margin, formulas.standardError(ratio.pseudo), sweep.blocks.q)!;
          const bin = bins.find((_, k) => flip < FLIP_BINS[k + 1]!) ?? bins.at(-1)!;
          bin.count += 1;
          bin.stated += flip;
          if (margin > 0 !== truth < 0.97) bin.wrong += 1;
        });
      }
      const cells = bins.map(({ stated, wrong, count }, k): [string, string] => [
        `${FLIP_BINS[k]} to ${FLIP_BINS[k + 1]}`,
        count === 0 ? '' : `${(stated / count).toFixed(3)}/${(wrong / count).toFixed(3)}`,
      ]);
      return { ...world, days, made, ...Object.fromEntries(cells) };
    }),
  );

/** 300 equal rows, all truths 0: what is said of the row that leads, and of all of them. */
export const lists: Part = (draws) =>
  [0.0005, 0.01].flatMap((own) =>
    [6, 7, 10, 19].map((q) => {
      const random = randomFrom(9);
      const signs = signTable(q);
      const t = studentQuantileOf(0.975, q - 1);
      const rates = { leads: 0, joint: 0, clear: 0, clearOfList: 0 };
      for (let i = 0; i < draws; i += 1) {
        const rows = smoothRows(300, q, random.normal, own);
        const means = rowMeans(rows);
        const errors = Float64Array.from(means, (_, k) => statistics.standardError(rowOf(rows, k)));
        const leader = firstSmallest(means.map((mean) => -mean));
        if (Math.abs(means[leader]!) <= t * errors[leader]!) rates.leads += 1;
        const width = jointWidth(rows, signs).t;
        if (width === null || means.every((mean, k) => Math.abs(mean) <= width * errors[k]!)) rates.joint += 1;
        const days = Float64Array.from({ length: q }, () => 0.05 * random.normal());
        const moved = mapped(rows, (value, at) => value + days[at % q]!);
        const own05 = rowMeans(moved).map((mean, k) => {
          const tail = mean / statistics.standardError(rowOf(moved, k));
          return tail > 0 ? studentTail(tail, q - 1) : 1 - studentTail(-tail, q - 1);
        });
        const shares = sharesReached(moved, signs);
        if (own05.some((flip) => flip < ALPHA)) rates.clear += 1;
        if (own05.some((flip, k) => Math.max(flip, shares[k]!) < ALPHA)) rates.clearOfList += 1;
      }
      return {
        'own noise': own,
        q,
        made: draws,
        'plain interval of the leader': rates.leads / draws,
        'joint intervals hold': rates.joint / draws,
        'some row clear': rates.clear / draws,
        'by the flip of a list': rates.clearOfList / draws,
      };
    }),
  );

/** All sixteen conditions exactly at their limit: is a miss decided? */
export const decided: Part = (draws) =>
  [6, 10].flatMap((q) =>
    [0.3, 0.8].map((correlation) => {
      const random = randomFrom(12);
      let at05 = 0;
      let at05By16 = 0;
      for (let i = 0; i < draws; i += 1) {
        const shared = Float64Array.from({ length: q }, () => random.normal());
        let smallest = 1;
        for (let k = 0; k < CONDITIONS; k += 1) {
          const u = shared.map((s) => Math.sqrt(correlation) * s + Math.sqrt(1 - correlation) * random.normal());
          const mean = u.reduce((sum, value) => sum + value, 0) / q;
          if (mean < 0) smallest = Math.min(smallest, studentTail(-mean / statistics.standardError(u), q - 1));
        }
        if (smallest < ALPHA) at05 += 1;
        if (smallest < ALPHA / CONDITIONS) at05By16 += 1;
      }
      return { q, correlation, made: draws, 'flip below .05': at05 / draws, 'below .05/16': at05By16 / draws };
    }),
  );

/** Skewed days: the interval of one row, and best of 200 under the null, by the tails of the losses. */
export const skewed: Part = (draws) => {
  const tails: readonly (readonly [string, (random: Random) => () => number])[] = [
    ['normal', (random) => random.normal],
    ['t3', (random) => () => studentT(random, 3) / Math.sqrt(3)],
    ['exponential, losses skewed right', (random) => () => -Math.log(1 - random.uniform()) - 1],
    ['exponential, advantage skewed right', (random) => () => 1 + Math.log(1 - random.uniform())],
  ];
  return tails.flatMap(([name, noiseOf]) =>
    [7, 10, 19].map((q) => {
      const noise = noiseOf(randomFrom(10));
      const signs = signTable(q);
      let covered = 0;
      for (let i = 0; i < 20 * draws; i += 1) {
        const u = Float64Array.from({ length: q }, noise);
        const mean = u.reduce((sum, value) => sum + value, 0) / q;
        if (Math.abs(mean) <= studentQuantileOf(0.975, q - 1) * statistics.standardError(u)) covered += 1;
      }
      let rejected = 0;
      for (let i = 0; i < draws; i += 1) {
        const days = Float64Array.from({ length: q }, () => 0.05 * noise());
        const rows = smoothRows(200, q, noise, 0.0005);
        if (
          advantageOf(
            mapped(rows, (value, at) => -(value + days[at % q]!)),
            signs,
          ).p <= ALPHA
        )
          rejected += 1;
      }
      return { tails: name, q, made: draws, covered: covered / (20 * draws), 'p <= .05': rejected / draws };
    }),
  );
};

function scoresOf({ sums, constant, blocks }: SimulatedSweep, scores: Formulas['scores']): BlockRows {
  return blockRows(
    sums.map((row) => scores(row, constant)),
    blocks.q,
  );
}

function mapped(table: BlockRows, f: (value: number, at: number) => number): BlockRows {
  return { ...table, values: table.values.map(f) };
}

function count(
  into: { covered: number; width: number },
  sums: Float64Array,
  constant: Float64Array,
  { ratioStatistic, standardError }: Formulas,
): void {
  const { value, pseudo } = ratioStatistic(sums, constant);
  const half = studentQuantileOf(0.975, sums.length - 1) * standardError(pseudo);
  if (Math.abs(value - 0.95) <= half) into.covered += 1;
  into.width += half;
}

/** Simulates so many sweeps; those with too few blocks are refused, as the program would. Returns how many were not. */
function drawn(
  draws: number,
  random: Random,
  ratios: ArrayLike<number>,
  world: World,
  minBlocks: number,
  look: (sweep: SimulatedSweep) => void,
): number {
  let made = 0;
  for (let i = 0; i < draws; i += 1) {
    const sweep = simulateSweep(random, ratios, world);
    if (sweep.blocks.q < minBlocks) continue;
    made += 1;
    look(sweep);
  }
  return made;
}

const quantiles = new Map<string, number>();

function studentQuantileOf(p: number, df: number): number {
  const key = `${p} ${df}`;
  const known = quantiles.get(key);
  if (known !== undefined) return known;
  const quantile = studentQuantile(p, df);
  quantiles.set(key, quantile);
  return quantile;
}
