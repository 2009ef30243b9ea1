import type { Estimate } from '#core/estimate.ts';
import { html, type SafeHtml } from './html.ts';
import { countText, type ValueText } from './number-text.ts';

/** A number with its interval and n; the method on hover, and in the notes below each table. */
export function estimateText(estimate: Estimate, text: ValueText): SafeHtml {
  return html`<span class="value" title="${`${estimate.method}, n = ${countText(estimate.n)}`}">${text.value(estimate.value)}</span> <span class="interval">${text.interval(estimate)} <span class="n">n ${countText(estimate.n)}</span></span>`;
}

/** A track with the interval as a band, the number as a dot, and the goal as a line. */
export function intervalBar(estimate: Estimate, domain: readonly [number, number], goal?: number): SafeHtml {
  const span = domain[1] - domain[0] || 1;
  const place = (value: number) => Math.min(100, Math.max(0, ((value - domain[0]) / span) * 100)).toFixed(2);
  const width = Math.max(0, Number(place(estimate.high)) - Number(place(estimate.low))).toFixed(2);
  return html`<span class="bar" aria-hidden="true"><span class="band" style="left:${place(estimate.low)}%;width:${width}%"></span>${
    goal === undefined ? null : html`<span class="goal-line" style="left:${place(goal)}%"></span>`
  }<span class="dot" style="left:${place(estimate.value)}%"></span></span>`;
}

/** "accuracy: wilson; format: wilson", each method once. */
export function methodsText(pairs: readonly (readonly [string, string])[]): string {
  const methods = new Map<string, Set<string>>();
  for (const [what, method] of pairs) methods.set(method, (methods.get(method) ?? new Set()).add(what));
  return [...methods].map(([method, what]) => `${[...what].join(', ')}: ${method}`).join('; ');
}
