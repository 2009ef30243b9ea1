import type { VerdictStatus } from '#core/verdict.ts';
import { chanceText } from '#verdict/reasoning-words.ts';
import { html, type SafeHtml } from './html.ts';
import { nextSteps } from './next-steps.ts';
import { countText, dollarsText, latencyText, unbrokenText } from './number-text.ts';
import { nameText } from './outside-text.ts';
import type { ReportView } from './report-view.ts';

const badges: Readonly<Record<VerdictStatus, { readonly mark: string; readonly word: string }>> = {
  met: { mark: '✓', word: 'Goals met' },
  'not-met': { mark: '✗', word: 'Goals not met' },
  undecided: { mark: '?', word: 'Not decided' },
  prior: { mark: '~', word: 'Rule of thumb' },
};

function fact(name: string, value: SafeHtml | string, note: SafeHtml | string): SafeHtml {
  return html`<div class="fact"><dt>${name}</dt><dd><strong>${value}</strong><span>${note}</span></dd></div>`;
}

function facts(view: ReportView): SafeHtml | null {
  const rung = view.measured.find(view.isChosen);
  if (rung === undefined) return null;
  const estimate = view.primary === undefined ? undefined : rung.metrics[view.primary];
  const months = view.input.task.traffic.horizonMonths;
  const requests = view.input.task.traffic.requestsPerMonth;
  const n = countText(estimate?.n ?? 0);
  const cheapest = view.verdict.chosen?.cheapest;
  return html`<dl class="facts">
${fact('Chosen rung', nameText(rung.rung), rung.model === null ? 'asks no model' : nameText(rung.model))}
${estimate && fact(view.primary!, view.text(view.primary!).value(estimate.value), `${view.text(view.primary!).interval(estimate)}, n ${countText(estimate.n)}`)}
${rung.costPer1k !== undefined && fact('Cost per 1,000', dollarsText(rung.costPer1k), `mean of ${n} rows`)}
${rung.latencyMs && fact('Latency p95', latencyText(rung.latencyMs.p95), `p50 ${latencyText(rung.latencyMs.p50)}, ${n} rows`)}
${rung.horizonCost !== undefined && fact(`Cost over ${months} months`, dollarsText(rung.horizonCost), `at ${countText(requests)} requests a month`)}
${cheapest && fact('Chance it is the cheapest', chanceText(cheapest.chance), `n ${countText(cheapest.n)}, ${cheapest.method}`)}
</dl>`;
}

/** The verdict in a sentence, its status, the chosen rung's numbers, and what to do next. */
export function headline(view: ReportView): SafeHtml {
  const { verdict } = view;
  const badge = badges[verdict.status];
  const next = view.input.next ?? nextSteps(verdict);
  return html`<header class="headline">
<p class="eyebrow"><svg class="logo" viewBox="0 0 20 20" aria-hidden="true"><path d="M5 1v18M15 1v18M5 5h10M5 10h10M5 15h10"/></svg><span>Rung</span><span class="slash">/</span>${nameText(verdict.task)}${view.input.at && html`<span class="slash">/</span><time>${view.input.at}</time>`}</p>
<p class="badge ${verdict.status}"><span aria-hidden="true">${badge.mark}</span> ${badge.word}</p>${verdict.criteria.changed && html` <p class="badge undecided"><span aria-hidden="true">!</span> <a href="#criteria">Criteria changed after the first answer</a></p>`}
<h1>${unbrokenText(verdict.sentence)}</h1>
${facts(view)}
${
  next.length > 0 &&
  html`<div class="next"><h2>What to do next</h2><ul>${next.map((step) => html`<li>${step.text}${step.command && html` <code>${step.command}</code>`}</li>`)}</ul></div>`
}
</header>`;
}
