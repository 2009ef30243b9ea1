import type { Estimate } from '#core/estimate.ts';
import type { VerdictRung } from '#core/verdict.ts';
import { dollarsText, latencyText } from './number-text.ts';
import type { ServiceEstimate } from './report-input.ts';
import type { ReportView } from './report-view.ts';

interface Ends {
  readonly low: number;
  readonly high: number;
}

export interface Point {
  readonly rung: VerdictRung;
  readonly quality: Estimate;
  readonly x: number;
  readonly xInterval?: Ends | undefined;
  readonly chosen: boolean;
  /** No other rung is at least as good for at most as much. */
  readonly onFrontier: boolean;
}

/** What quality is drawn against: cost, or where prices are not known, latency. */
export interface Axis {
  readonly title: string;
  readonly short: string;
  text(value: number): string;
  value(rung: VerdictRung): number | undefined;
  interval(view: ReportView, rung: VerdictRung): Ends | undefined;
  readonly goal: string;
}

const axes: readonly Axis[] = [
  {
    title: 'Cost × quality',
    short: 'cost per 1,000 requests',
    text: dollarsText,
    value: (rung) => rung.costPer1k,
    interval: (view, rung) => ends(view.input.services?.[rung.rung]?.costPer1k),
    goal: 'costPer1k',
  },
  {
    title: 'Latency × quality',
    short: 'latency p95',
    text: latencyText,
    value: (rung) => rung.latencyMs?.p95,
    interval: (view, rung) => ends(view.input.services?.[rung.rung]?.latencyP95Ms),
    goal: 'latencyP95Ms',
  },
];

/** Both ends, where both are known: half an interval cannot be drawn. */
function ends(estimate: ServiceEstimate | undefined): Ends | undefined {
  const { low = null, high = null } = estimate ?? {};
  return low === null || high === null ? undefined : { low, high };
}

/** The first axis that at least two rungs (or the only one) have a number on. */
export function chooseAxis(view: ReportView): Axis | undefined {
  const needed = Math.min(2, view.measured.length);
  return axes.find((axis) => needed > 0 && view.measured.filter((rung) => axis.value(rung) !== undefined).length >= needed);
}

/** The rungs that can be drawn, cheapest first, with the frontier of what no other rung beats. */
export function pointsOf(view: ReportView, axis: Axis): Point[] {
  const sign = view.higherIsBetter ? 1 : -1;
  const drawn = view.measured.flatMap((rung) => {
    const x = axis.value(rung);
    const quality = view.primary === undefined ? undefined : rung.metrics[view.primary];
    return x === undefined || quality === undefined
      ? []
      : [{ rung, quality, x, xInterval: axis.interval(view, rung), chosen: view.isChosen(rung) }];
  });
  const beats = (a: (typeof drawn)[number], b: (typeof drawn)[number]) =>
    a.x <= b.x && sign * a.quality.value >= sign * b.quality.value && (a.x < b.x || sign * a.quality.value > sign * b.quality.value);
  return drawn
    .map((point) => ({ ...point, onFrontier: !drawn.some((other) => beats(other, point)) }))
    .sort((a, b) => a.x - b.x || sign * (a.quality.value - b.quality.value));
}
