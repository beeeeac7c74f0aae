import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { GateMatrixFacts } from '../../page-data/report.ts';
import { percent, signed, whole } from '../parts/number-text.ts';
import { configurationHash } from '../parts/route.ts';
import { type Colours, coloursNow, useTheme } from '../parts/theme.ts';
import { useElementWidth } from '../parts/use-element-width.ts';
import type { Rows } from '../rows/rows.ts';
import { sharpContext } from './canvas.ts';
import { barCount, rankedCount, rowsOfBar, type Strip, stripOfBins, stripOfRows } from './gate-strips.ts';

/** Of a gate's strip and of the verdicts' one below, in CSS pixels; the style sheet has the same for the labels. */
const STRIP = 34;
const GAP = 8;
const VERDICTS = 22;
/** The strong end of a bar, which also is what is seen of a margin near 0. */
const CAP = 2;

type GateMatrixProps = {
  readonly facts: GateMatrixFacts;
  readonly rows: Rows;
  readonly selected: Uint8Array;
  /** Not judged yet: hatched behind those that are. */
  readonly pending: number;
  /** Of a row, to say which one is under the pointer. */
  readonly nameOf: (row: number) => string;
};

/** A bar a configuration in ranking order, a strip a gate: up it clears the gate, down it misses it. */
export function GateMatrix({ facts, rows, selected, pending, nameOf }: GateMatrixProps) {
  const { ref, width } = useElementWidth<HTMLDivElement>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useTheme();
  const [pointed, setPointed] = useState<number | null>(null);
  const { gates, bins } = facts;
  const ranked = useMemo(() => rankedCount(rows), [rows]);
  const judged = bins?.to.at(-1) ?? ranked;
  // Of the width: what is judged.
  const share = judged + pending === 0 ? 1 : judged / (judged + pending);
  const filled = width * share;
  const bars = bins === null ? barCount(ranked, filled) : bins.from.length;
  const height = gates.length * (STRIP + GAP) + VERDICTS;

  useLayoutEffect(() => {
    if (canvas.current === null || width === 0) return;
    const context = sharpContext(canvas.current, width, height);
    if (context === null) return;
    const colours = coloursNow();
    gates.forEach((_, gate) => {
      const strip =
        bins === null ? stripOfRows(rows.numbers(`margin_${gate}`), ranked, bars, selected) : stripOfBins(bins, gate);
      drawStrip(context, strip, gate * (STRIP + GAP), filled, colours);
    });
    const isPass = (bar: number): boolean => {
      if (bins !== null) return bins.passes[bar]! > 0;
      const [from, to] = rowsOfBar(bar, bars, ranked);
      for (let row = from; row < to; row += 1) if (rows.passed(row) && selected[row] === 1) return true;
      return false;
    };
    drawVerdicts(context, bars, isPass, gates.length * (STRIP + GAP), filled, colours);
    if (filled < width) hatch(context, filled, width, height, colours);
  }, [gates, bins, rows, ranked, bars, selected, width, filled, height, theme]);

  const rowAt = (event: MouseEvent): number | null => {
    const box = canvas.current?.getBoundingClientRect();
    if (box === undefined || bins !== null || ranked === 0) return null;
    const bar = Math.floor(((event.clientX - box.left) / (box.width * share)) * bars);
    return bar < 0 || bar >= bars ? null : rowsOfBar(bar, bars, ranked)[0];
  };
  return (
    <div class="gate-matrix">
      <div class="gate-ends">
        <span>best by tune</span>
        <span>
          worst by tune ({whole(judged)}){pending > 0 && `, ${whole(pending)} not judged yet`}
        </span>
      </div>
      <ul class="gate-labels">
        {gates.map(({ name, label }) => (
          <li key={name}>{label}</li>
        ))}
        <li class="verdict-label">verdict</li>
      </ul>
      <div ref={ref} class="gate-canvas">
        {/* The pointer's own way to what the table twin and the list below give the keyboard. */}
        <canvas
          ref={canvas}
          style={{ width: `${width}px`, height: `${height}px` }}
          onPointerMove={(event) => setPointed(rowAt(event))}
          onPointerLeave={() => setPointed(null)}
          onClick={(event) => {
            const row = rowAt(event);
            if (row !== null) location.hash = configurationHash(rows.ids[row]!);
          }}
        />
        {pointed !== null && (
          <div
            class="gate-pointer"
            style={{ left: `${((pointed + 0.5) / ranked) * share * 100}%`, height: `${height}px` }}
          />
        )}
      </div>
      <ul class="gate-counts">
        {gates.map(({ name, passed, of }) => (
          // Of gates that nobody has looked at it is not known how many pass.
          <li key={name} class={passed === 0 && of > 0 ? 'none' : undefined}>
            {of === 0 ? '–' : whole(passed)} <span>{percent(of === 0 ? null : passed / of)}</span>
          </li>
        ))}
        <li class="verdict-label">{gates.every(({ of }) => of === 0) ? '–' : whole(passCount(facts, rows, ranked))}</li>
      </ul>
      <p class="pointed" aria-hidden="true">
        {pointed === null ? 'point at a column to read it, click to open it' : nameOf(pointed)}
      </p>
    </div>
  );
}

function passCount({ bins }: GateMatrixFacts, rows: Rows, ranked: number): number {
  if (bins !== null) return bins.passes.reduce((sum, count) => sum + count, 0);
  let count = 0;
  for (let row = 0; row < ranked; row += 1) if (rows.passed(row)) count += 1;
  return count;
}

function drawStrip(
  context: CanvasRenderingContext2D,
  { worst, isLit, above, below }: Strip,
  top: number,
  width: number,
  colours: Colours,
): void {
  const bars = worst.length;
  const pitch = width / bars;
  const gap = pitch >= 3 ? 1 : 0;
  // Both directions have the same scale; each has room for its mark to be seen.
  const reach = above + below || 1;
  const zero = top + Math.min(STRIP - 5, Math.max(5, (STRIP * above) / reach));
  const perMargin = Math.min(
    above === 0 ? Infinity : (zero - top) / above,
    below === 0 ? Infinity : (top + STRIP - zero) / below,
  );
  for (let bar = 0; bar < bars; bar += 1) {
    const margin = worst[bar]!;
    if (Number.isNaN(margin)) continue;
    const length = Math.max(CAP, Math.abs(margin) * perMargin);
    const [x, across, light] = [bar * pitch, Math.max(0.5, pitch - gap), isLit[bar] === 1 ? 1 : 0.25];
    context.fillStyle = margin >= 0 ? colours.good : colours.doubt;
    // A pale body under a strong end: where the end stands is what there is to read.
    context.globalAlpha = 0.42 * light;
    context.fillRect(x, margin >= 0 ? zero - length : zero, across, length);
    context.globalAlpha = light;
    context.fillRect(x, margin >= 0 ? zero - length : zero + length - CAP, across, CAP);
  }
  context.globalAlpha = 1;
  context.fillStyle = colours.soft;
  context.fillRect(0, zero - 0.25, width, 0.5);
}

/** What is not known has no colour. */
function hatch(context: CanvasRenderingContext2D, from: number, to: number, height: number, colours: Colours): void {
  context.save();
  context.beginPath();
  context.rect(from, 0, to - from, height);
  context.clip();
  context.strokeStyle = colours.line;
  context.lineWidth = 1.5;
  context.beginPath();
  for (let x = from - height; x < to; x += 8) {
    context.moveTo(x, height);
    context.lineTo(x + height, 0);
  }
  context.stroke();
  context.restore();
}

function drawVerdicts(
  context: CanvasRenderingContext2D,
  bars: number,
  isPass: (bar: number) => boolean,
  top: number,
  width: number,
  colours: Colours,
): void {
  const pitch = width / bars;
  context.fillStyle = colours.line;
  context.fillRect(0, top + VERDICTS / 2 - 0.5, width, 1);
  context.fillStyle = colours.good;
  for (let bar = 0; bar < bars; bar += 1) {
    if (isPass(bar)) context.fillRect(bar * pitch, top, Math.max(1, pitch - (pitch >= 3 ? 1 : 0)), VERDICTS);
  }
}

/** Of the gates, for their table twin: how many meet each and the row nearest to its limit would say nothing more. */
export function gateTwin({ gates }: GateMatrixFacts) {
  return {
    head: ['gate', 'limit', 'meet it', 'of', 'share', 'largest distance'],
    rows: gates.map(({ label, metric, limit, passed, of, largest }) => [
      label,
      `${metric === 'continue_auc' ? '≥' : '≤'} ${limit}`,
      whole(passed),
      whole(of),
      percent(of === 0 ? null : passed / of),
      signed(largest).replace(/^[+]/, '±'),
    ]),
  };
}
