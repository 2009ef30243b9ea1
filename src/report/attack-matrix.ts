import type { Estimate } from '#core/estimate.ts';
import { html, type SafeHtml } from './html.ts';
import { slopeOf } from './measure-text.ts';
import { countText, type ValueText } from './number-text.ts';
import { nameText } from './outside-text.ts';
import { rungHead } from './probe-figures.ts';
import type { ProbeView } from './probe-view.ts';
import { measureWords, type ProbeWords } from './probe-words.ts';
import { scrolling } from './section.ts';

/** With fewer cases than this a cell says so: at 9 of 9 Wilson's interval still reaches down to 70 %. */
const fewCases = 10;

function cell(estimate: Estimate | undefined, text: ValueText, bad: (value: number) => number): SafeHtml {
  if (estimate === undefined) return html`<td class="none">not measured</td>`;
  const few = estimate.n < fewCases;
  const n = few ? `only ${countText(estimate.n)} ${estimate.n === 1 ? 'case' : 'cases'}` : `n ${countText(estimate.n)}`;
  const title = `${text.value(estimate.value)} (${text.interval(estimate)}), n = ${countText(estimate.n)}, ${estimate.method}`;
  const part = Math.round(100 * Math.min(1, Math.max(0, bad(estimate.value))));
  return html`<td class="heat${few && ' few'}" style="--part:${part}%" title="${title}"><b>${text.value(estimate.value)}</b><span>${text.interval(estimate)}</span><span>${n}</span></td>`;
}

/** Families of harmless questions, which stand apart from the attacks. */
const twin = /\btwins?\b/i;

const passed = (value: number) => 1 - value;

/** Families against rungs: every cell the share that passed, with its interval and n; a stronger colour where more did not. */
export function attackMatrix(probe: ProbeView, words: NonNullable<ProbeWords['families']>): SafeHtml | null {
  const families = [...new Set(probe.rungs.flatMap(({ findings }) => findings.families.map(({ family }) => family)))];
  if (families.length === 0) return null;
  const share = probe.text('');
  const measures = probe.measures.filter(
    (measure) =>
      slopeOf(measure, probe.measures) === undefined && probe.rungs.every(({ findings }) => findings.units?.[measure] === undefined),
  );
  const overall = measures.map((measure) => {
    const lower = probe.rungs.some(({ findings }) => findings.better[measure] === 'lower');
    const cells = probe.rungs.map(({ findings }) => cell(findings.metrics[measure], share, lower ? (value) => value : passed));
    return html`<tr><th scope="row">all: ${measureWords(measure)} <span class="n">${lower ? 'lower' : 'higher'} is better</span></th>${cells}</tr>`;
  });
  const rowsOf = (some: readonly string[]) =>
    some.map((family) => {
      const cells = probe.rungs.map(({ findings }) =>
        cell(findings.families.find((each) => each.family === family)?.passed, share, passed),
      );
      return html`<tr><th scope="row">${nameText(family)}</th>${cells}</tr>`;
    });
  const twins = families.filter((family) => twin.test(family));
  // where twins have no families of their own, they are among the cases of the attacks' families
  const mixed = probe.rungs.some(({ findings }) => {
    const told = findings.families.reduce((sum, { passed: { n } }) => sum + n, 0);
    return twins.length === 0 && told > (findings.metrics[measures[0] ?? '']?.n ?? told);
  });
  const caption = mixed ? 'share of cases passed: attacks withstood, and harmless twins answered' : words.passed;
  const key = [0, 25, 50, 75, 100].map((part) => html`<span><i class="heat-key" style="--part:${part}%"></i>${part} %</span>`);
  const table = html`<table class="heat-table"><caption>${caption.charAt(0).toUpperCase()}${caption.slice(1)}; below, over all families.${twins.length > 0 && ' Of harmless twins: share answered.'}</caption><thead><tr><th scope="col">${words.title}</th>${probe.rungs.map((probed) => html`<th scope="col">${rungHead(probed)}</th>`)}</tr></thead><tbody>${rowsOf(families.filter((family) => !twin.test(family)))}</tbody>${twins.length > 0 && html`<tbody class="overall">${rowsOf(twins)}</tbody>`}<tbody class="overall">${overall}</tbody></table>`;
  return html`${scrolling(words.title, table)}<p class="legend heat-legend"><span>A stronger colour is worse; share that did not pass, or was refused:</span>${key}<span><i class="heat-key few"></i>fewer than ${fewCases} cases</span></p>`;
}
