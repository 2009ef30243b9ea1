import { attackMatrix } from './attack-matrix.ts';
import { familyBars } from './family-bars.ts';
import { html } from './html.ts';
import { nameText } from './outside-text.ts';
import { probeCases } from './probe-cases.ts';
import { measuresTable, probeNotes } from './probe-figures.ts';
import type { ProbeView } from './probe-view.ts';
import { probeWords } from './probe-words.ts';
import type { Section } from './section.ts';
import { seriesCurves } from './series-curves.ts';

/** A section for every probe that was run: curves, measures, families, and the cases that did not pass. */
export function probeSections(probes: readonly ProbeView[]): Section[] {
  return probes.map((probe) => {
    const { title, lead, families } = probeWords(probe.probe);
    const matrix = families?.heat ? attackMatrix(probe, families) : null;
    const parts = [
      ...seriesCurves(probe),
      matrix ?? measuresTable(probe),
      matrix === null && families && familyBars(probe, families),
      ...probeCases(probe),
    ];
    const unprobed = probe.unprobed.map(({ rung, why }) => html`${nameText(rung, 60)}: ${why}. `);
    return {
      id: `probe-${probe.probe.replace(/[^a-zA-Z0-9-]/g, '-')}`,
      title,
      lead,
      body: html`<div class="stack">${parts}</div>`,
      notes: html`${probeNotes(probe)}${unprobed.length > 0 && html` Not probed: ${unprobed}`}`,
    };
  });
}
