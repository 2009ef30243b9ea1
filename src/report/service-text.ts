import type { VerdictRung } from '#core/verdict.ts';
import { type HtmlValue, html } from './html.ts';
import { countText, dollarsText, latencyText } from './number-text.ts';
import type { ServiceEstimate } from './report-input.ts';
import type { ReportView } from './report-view.ts';

type Served = Pick<VerdictRung, 'rung' | 'costPer1k' | 'latencyMs' | 'tokens'>;

function endsText({ low, high }: ServiceEstimate, text: (value: number) => string): string {
  if (low === null && high === null) return 'not bounded: too few rows';
  if (low === null) return `at most ${text(high!)}`;
  if (low === high) return `each ${text(low)}`;
  return high === null ? `at least ${text(low)}` : `${text(low)}–${text(high)}`;
}

function rowsText(view: ReportView, { rung }: Served): HtmlValue {
  const counted = view.evidenceOf(rung)?.cost.reduce((n, cost) => n + (Number.isNaN(cost) ? 0 : 1), 0);
  const metrics = view.measured.find((each) => each.rung === rung)?.metrics ?? {};
  const n = counted ?? Object.values(metrics)[0]?.n;
  return n === undefined ? null : html`<span class="n">n ${countText(n)}</span>`;
}

/** Mean tokens in and out of one request; nothing where they are not known. */
export function tokensText({ tokens }: Served): HtmlValue {
  if (tokens === undefined) return null;
  return html`<span class="interval" title="means per request">${countText(tokens.input)} / ${tokens.output.toFixed(1)} tokens</span>`;
}

/** Cost of a thousand requests with its interval and n. */
export function costText(view: ReportView, served: Served): HtmlValue {
  if (served.costPer1k === undefined) return html`<span class="none">no price</span>`;
  const interval = view.input.services?.[served.rung]?.costPer1k;
  return html`<span class="value" title="${interval?.method ?? 'mean of the rows, from measured tokens and prices'}">${dollarsText(served.costPer1k)}</span> <span class="interval">${interval && `${endsText(interval, dollarsText)} `}${rowsText(view, served)}</span>`;
}

/** Median and 95th percentile of the latency; the interval is the latter's. */
export function latencyCell(view: ReportView, served: Served, none: HtmlValue): HtmlValue {
  if (served.latencyMs === undefined) return none;
  const p95 = view.input.services?.[served.rung]?.latencyP95Ms;
  return html`<span class="value" title="${p95?.method ?? 'percentiles of the rows'}">${latencyText(served.latencyMs.p50)} / ${latencyText(served.latencyMs.p95)}</span> <span class="interval">${p95 && `p95 ${endsText(p95, latencyText)} `}${rowsText(view, served)}</span>`;
}
