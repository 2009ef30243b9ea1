import type { ProbeFindings } from '#core/probe.ts';
import { html } from './html.ts';
import { countText, dollarsText, durationText, latencyText } from './number-text.ts';
import { nameText } from './outside-text.ts';
import { renderPage } from './page.ts';
import { probeSections } from './probe-sections.ts';
import { groupProbes } from './probe-view.ts';
import type { ServiceEstimate } from './report-input.ts';

/** What a probe found on one candidate of a task, as `rung probe --json` prints it. */
export interface ProbePageFindings extends ProbeFindings {
  readonly task: string;
  readonly rung: string;
  readonly candidate: string;
  readonly model: string | null;
  readonly latencyMs?: { readonly p50: ServiceEstimate; readonly p95: ServiceEstimate };
  readonly seed: number;
  readonly confidence: number;
  readonly spent: { readonly dollars: number; readonly calls: number; readonly cached: number; readonly seconds: number };
}

/**
 * What probes found as one HTML page that needs nothing but itself. Several findings stand side by side: of the same probe
 * as rungs of one section, of several probes as sections. Pure: the same findings give the same page.
 */
export function renderProbeReport(findings: readonly ProbePageFindings[]): string {
  const rungs = findings.map((each) => ({ rung: each.rung, chosen: false, findings: each, cases: each.cases }));
  const each = (read: (given: ProbePageFindings) => string | number) => [...new Set(findings.map(read))].join(', ');
  const confidence = each((given) => `${Number((given.confidence * 100).toFixed(2))} %`);
  const [task, names] = [each((given) => given.task), each((given) => given.probe)];
  return renderPage({
    title: `${task}: probe ${names}`,
    header: html`<header class="headline"><p class="eyebrow"><svg class="logo" viewBox="0 0 20 20" aria-hidden="true"><path d="M5 1v18M15 1v18M5 5h10M5 10h10M5 15h10"/></svg><span>Rung</span><span class="slash">/</span>${nameText(task)}</p><h1>Probe ${nameText(names)}</h1><dl class="pairs probed">${findings.map(
      probed,
    )}</dl></header>`,
    sections: probeSections(groupProbes(rungs, { confidence, bound: () => undefined })),
    footer: `Made by Rung. A probe is no verdict: it says how a rung behaves beyond its examples. Seed ${each((given) => given.seed)}; hover a number for its method.`,
  });
}

function probed({ probe, rung, candidate, model, latencyMs, spent }: ProbePageFindings) {
  const times =
    latencyMs === undefined
      ? ''
      : `; answers took p50 ${latencyText(latencyMs.p50.value)}, p95 ${latencyText(latencyMs.p95.value)}, n ${countText(latencyMs.p50.n)}`;
  return html`<div><dt>${nameText(probe)} on ${nameText(rung)}, ${model === null ? 'asks no model' : nameText(model)}, <code>${nameText(candidate)}</code></dt><dd>${countText(spent.calls)} calls, ${countText(spent.cached)} answers from the store, ${dollarsText(spent.dollars)}, ${durationText(spent.seconds)}${times}</dd></div>`;
}
