import { estimateText, intervalBar } from './estimate-text.ts';
import { html, type SafeHtml } from './html.ts';
import { nameText } from './outside-text.ts';
import { notMeasured, rungHead } from './probe-figures.ts';
import type { ProbeView } from './probe-view.ts';
import type { ProbeWords } from './probe-words.ts';
import { scrolling } from './section.ts';

/** Families against rungs with a bar in every cell: for few families, where differences matter more than the pattern. */
export function familyBars(probe: ProbeView, words: NonNullable<ProbeWords['families']>): SafeHtml | null {
  const families = [...new Set(probe.rungs.flatMap(({ findings }) => findings.families.map(({ family }) => family)))];
  if (families.length === 0) return null;
  const text = probe.text('');
  const rows = families.map((family) => {
    const cells = probe.rungs.map(({ findings }) => {
      const passed = findings.families.find((each) => each.family === family)?.passed;
      return html`<td>${passed === undefined ? notMeasured : html`${estimateText(passed, text)}${intervalBar(passed, [0, 1])}`}</td>`;
    });
    return html`<tr><th scope="row">${nameText(family)}</th>${cells}</tr>`;
  });
  const heads = probe.rungs.map((probed) => html`<th scope="col">${rungHead(probed)}</th>`);
  return scrolling(
    words.title,
    html`<table class="measures"><caption>By ${words.title}: ${words.passed}. Bars from 0 to 100 %.</caption><thead><tr><th scope="col">${words.title}</th>${heads}</tr></thead><tbody>${rows}</tbody></table>`,
  );
}
