import type { ProbeFindings } from '#core/probe.ts';
import { estimateText, intervalBar, methodsText } from './estimate-text.ts';
import { html, type SafeHtml } from './html.ts';
import { slopeOf } from './measure-text.ts';
import { nameText } from './outside-text.ts';
import type { ProbedRung, ProbeView } from './probe-view.ts';
import { measureWords } from './probe-words.ts';
import { scrolling } from './section.ts';

export const notMeasured = html`<span class="none">not measured</span>`;

/** A rung as the head of a row or column, the chosen one marked. */
export function rungHead({ rung, chosen }: Pick<ProbedRung, 'rung' | 'chosen'>): SafeHtml {
  return html`${chosen && html`<span class="chosen"><span aria-hidden="true">●</span> chosen</span>`}${nameText(rung)}`;
}

function betterText(better: ProbeFindings['better'][string] | undefined): string {
  return better === undefined ? '' : `, ${better} is better`;
}

/** Every measure of a probe on every rung, with interval and n. */
export function measuresTable(probe: ProbeView): SafeHtml | null {
  if (probe.measures.length === 0) return null;
  const heads = probe.measures.map((measure) => {
    const better = probe.rungs.map(({ findings }) => findings.better[measure]).find((each) => each !== undefined);
    return html`<th scope="col">${measureWords(measure)} <span class="n">${measure}${betterText(better)}</span></th>`;
  });
  const rows = probe.rungs.map((probed) => {
    const cells = probe.measures.map((measure) => {
      const estimate = probed.findings.metrics[measure];
      if (estimate === undefined) return html`<td>${notMeasured}</td>`;
      const share = slopeOf(measure, probe.measures) === undefined && probed.findings.units?.[measure] === undefined;
      return html`<td>${estimateText(estimate, probe.text(measure))}${share && intervalBar(estimate, [0, 1])}</td>`;
    });
    return html`<tr><th scope="row">${rungHead(probed)}</th>${cells}</tr>`;
  });
  return scrolling(
    'Measures of the probe',
    html`<table class="measures"><thead><tr><th scope="col">rung</th>${heads}</tr></thead><tbody>${rows}</tbody></table>`,
  );
}

/** How the numbers of a probe came about: methods, and what its slopes are. */
export function probeNotes(probe: ProbeView): SafeHtml {
  const pairs = probe.rungs.flatMap(({ findings }) => [
    ...Object.entries(findings.metrics).map(([measure, { method }]) => [measureWords(measure), method] as const),
    ...findings.series.map(({ measure, method }) => [measureWords(measure), method] as const),
    ...findings.families.map(({ passed }) => ['families', passed.method] as const),
  ]);
  const slopes = probe.measures.some((measure) => slopeOf(measure, probe.measures) !== undefined);
  const options = new Set(probe.rungs.map(({ findings }) => optionsText(findings.options)).filter(Boolean));
  return html`Intervals at ${probe.confidence} confidence. ${methodsText(pairs)}.${slopes && ' A slope is the change each time that the turn, or the length, grows 2.7-fold.'}${
    options.size > 0 && html` Options: ${nameText([...options].join(' · '), 300)}.`
  }`;
}

function optionsText(options: ProbeFindings['options']): string {
  return Object.entries(options)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}
