import { countText } from '../counts.ts';
import type { SweepCounts, SweepPhase } from '../execution/observer.ts';
import type { PlannedDataset } from '../sweep/plan.ts';
import { ratioText } from './number-text.ts';

/**
 * How far a sweep is, and how long it may still take: kept by what a run says of itself, told in one line.
 *
 * Work is counted in configurations times ages, since a configuration takes about as long as it has rows; building a
 * dataset counts as `BUILD` configurations. So the bar moves while classifiers are fitted, too.
 */
export class SweepTally {
  readonly #name: string;
  readonly #datasets: readonly DatasetTally[];
  #phase: SweepPhase = 'reading';
  /** the dataset that the phase is about */
  #current: DatasetTally | undefined;
  #counts: SweepCounts = { known: 0, completed: 0, failed: 0 };
  #best: number | undefined;
  /** when judging began, or waiting for a dataset, in milliseconds of the clock that is given with each event */
  #judgingSince: number | undefined;
  #waitingSince: number | undefined;
  /** how long was waited for the first dataset, and for all later ones, and for how many ages */
  #firstWait: Wait | undefined;
  readonly #laterWaits: Wait = { ms: 0, ages: 0 };
  readonly #judging = { ms: 0, work: 0 };
  /** when it will be over, as it was told last, smoothed */
  #end: { at: number; told: number } | undefined;

  constructor(name: string, datasets: readonly PlannedDataset[]) {
    this.#name = name;
    this.#datasets = datasets.map((planned) => ({
      planned,
      remaining: planned.configurations.length,
      judged: 0,
      isBuilt: false,
    }));
  }

  /** @param planned the dataset that it is about, where it is about one */
  enter(phase: SweepPhase, planned: PlannedDataset | undefined, at: number): void {
    // A dataset that is built while another one is judged costs nobody time.
    if (phase !== 'judging' && this.#judgingSince !== undefined) return;
    this.#phase = phase;
    if (planned === undefined) return;
    this.#current = this.#tallyOf(planned);
    this.#waitingSince ??= at;
    if (phase !== 'judging') return;
    const wait = { ms: at - this.#waitingSince, ages: planned.agesMinutes.length };
    if (this.#firstWait === undefined) this.#firstWait = wait;
    else {
      this.#laterWaits.ms += wait.ms;
      this.#laterWaits.ages += wait.ages;
    }
    this.#waitingSince = undefined;
    this.#judgingSince = at;
    this.#current.isBuilt = true;
  }

  /** @param remaining how many of its configurations are to be judged */
  built(planned: PlannedDataset, remaining: number): void {
    const tally = this.#tallyOf(planned);
    tally.remaining = remaining;
    if (remaining === 0) tally.isBuilt = true;
    this.#counts = { ...this.#counts, known: this.#counts.known + planned.configurations.length - remaining };
  }

  /** @param ratio what it is ranked by, null where it has none or could not be judged */
  judged(counts: SweepCounts, ratio: number | null, at: number): void {
    const judged = counts.completed + counts.failed - this.#counts.completed - this.#counts.failed;
    this.#counts = counts;
    if (ratio !== null && (this.#best === undefined || ratio < this.#best)) this.#best = ratio;
    if (this.#current === undefined || this.#judgingSince === undefined) return;
    this.#current.judged += judged;
    this.#judging.work += judged * this.#current.planned.agesMinutes.length;
    if (this.#current.judged < this.#current.remaining) return;
    this.#judging.ms += at - this.#judgingSince;
    this.#judgingSince = undefined;
    this.#waitingSince = at;
  }

  /** `grid  ████░░░░ 120/300  12 s left  judging 2 of 4  34/s  best 0.93723`. */
  text(at: number): string {
    const { known, completed, failed } = this.#counts;
    const judged = completed + failed;
    const total = this.#datasets.reduce((sum, { planned }) => sum + planned.configurations.length, 0);
    const filled = Math.round(this.#share() * BAR_WIDTH);
    const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
    const judgingMs = this.#judgingMs(at);
    const rate = judgingMs > 0 ? judged / (judgingMs / 1000) : 0;
    const left = this.#leftText(at);
    return [
      `${this.#name}  ${bar} ${countText(known + judged)}/${countText(total)}`,
      ...(left === null ? [] : [`${left} left`]),
      this.#phaseText(),
      ...(judged >= LEAST_FOR_RATE ? [`${rate < 10 ? rate.toFixed(1) : countText(Math.round(rate))}/s`] : []),
      ...(failed > 0 ? [`${countText(failed)} error`] : []),
      ...(this.#best === undefined ? [] : [`best ${ratioText(this.#best)}`]),
    ].join('  ');
  }

  #phaseText(): string {
    if (this.#current === undefined || this.#datasets.length === 1) return this.#phase;
    return `${this.#phase} ${this.#datasets.indexOf(this.#current) + 1} of ${this.#datasets.length}`;
  }

  #tallyOf(planned: PlannedDataset): DatasetTally {
    const tally = this.#datasets.find((of) => of.planned.key === planned.key);
    if (tally === undefined) throw new Error(`${planned.key} is not among the datasets of this plan`);
    return tally;
  }

  #judgingMs(at: number): number {
    return this.#judging.ms + (this.#judgingSince === undefined ? 0 : at - this.#judgingSince);
  }

  /** Of all work that is to be done; 1 where there is none. */
  #share(): number {
    let done = 0;
    let total = 0;
    for (const { planned, remaining, judged, isBuilt } of this.#datasets) {
      const weight = planned.agesMinutes.length;
      total += weight * (BUILD + remaining);
      done += weight * ((isBuilt ? BUILD : 0) + judged);
    }
    return total === 0 ? 1 : done / total;
  }

  /**
   * What is left at the pace so far, of waiting for datasets and of judging. The end that was told moves towards a new one by a part
   * that grows with the time since, so that it does not jump with every batch.
   */
  #leftText(at: number): string | null {
    const judged = this.#counts.completed + this.#counts.failed;
    if (judged < LEAST_FOR_RATE || this.#firstWait === undefined) return null;
    const end = at + this.#leftMs(at, this.#firstWait);
    const told = this.#end;
    const part = told === undefined ? 1 : 1 - Math.exp(-(at - told.told) / SMOOTHING_MS);
    const smoothed = told === undefined ? end : told.at + (end - told.at) * part;
    this.#end = { at: smoothed, told: at };
    return roughDuration(Math.max(0, smoothed - at));
  }

  #leftMs(at: number, first: Wait): number {
    // Until a later one has come, half of what was waited for the first: it may be built while others are judged.
    const waits = this.#laterWaits.ages > 0 ? this.#laterWaits : { ms: first.ms / 2, ages: first.ages };
    const msPerAge = waits.ms / waits.ages;
    const msPerWork = this.#judging.work === 0 ? 0 : this.#judgingMs(at) / this.#judging.work;
    let left = 0;
    for (const tally of this.#datasets) {
      const ages = tally.planned.agesMinutes.length;
      left += ages * (tally.remaining - tally.judged) * msPerWork;
      if (tally.isBuilt) continue;
      const waited = tally === this.#current && this.#waitingSince !== undefined ? at - this.#waitingSince : 0;
      left += Math.max(0, ages * msPerAge - waited);
    }
    return left;
  }
}

/** Milliseconds in which nothing was judged, since datasets of so many ages were not built yet. */
type Wait = { ms: number; ages: number };

/** `40 s`, `2 min`, `3 h`: as a person would say it who does not know exactly. */
export function roughDuration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 20) return `${Math.ceil(seconds)} s`;
  if (seconds < 100) return `${Math.ceil(seconds / 5) * 5} s`;
  const minutes = seconds / 60;
  if (minutes < 10) return `${Math.ceil(minutes)} min`;
  return minutes < 100 ? `${Math.ceil(minutes / 5) * 5} min` : `${(minutes / 60).toFixed(1)} h`;
}

type DatasetTally = { readonly planned: PlannedDataset; remaining: number; judged: number; isBuilt: boolean };

/** Building and preparing a dataset takes about as long as judging so many configurations on it. */
const BUILD = 60;
/** So that a line of all parts has 80 columns. */
const BAR_WIDTH = 12;
/** Verdicts come sixteen at a time: a rate of the first few says nothing about the rest. */
const LEAST_FOR_RATE = 32;
const SMOOTHING_MS = 2500;
