import { alternativesSection, assumptionsSection, rulesSection } from './alternatives.ts';
import { breakEvenTable } from './break-even.ts';
import { criteriaSections } from './criteria.ts';
import { disagreementsSection } from './disagreements.ts';
import { headline } from './headline.ts';
import { html, SafeHtml } from './html.ts';
import { labelsSection } from './labels.ts';
import { ladderTable } from './ladder-table.ts';
import { learningCurveSection } from './learning-curve.ts';
import { floorSection, undecidedSection } from './open-questions.ts';
import { plateauSection } from './plateau.ts';
import { promptsSection } from './prompts.ts';
import { reasoningSection } from './reasoning.ts';
import { repeatsSection } from './repeats.ts';
import type { ReportInput } from './report-input.ts';
import { viewReport } from './report-view.ts';
import { scatterSection } from './scatter.ts';
import { renderSection } from './section.ts';
import { style } from './style.ts';
import { trainingSection } from './training-curve.ts';
import { triggersSection } from './triggers.ts';

const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/**
 * A verdict as one HTML page that needs nothing but itself: no network, no script, no fonts. Pure: the same input gives
 * the same page. Whatever came from outside is escaped, and nothing in it can hide.
 */
export function renderReport(input: ReportInput): string {
  const view = viewReport(input);
  const sections = [
    ladderTable(view),
    undecidedSection(view),
    floorSection(view),
    scatterSection(view),
    breakEvenTable(view),
    alternativesSection(view),
    triggersSection(view),
    plateauSection(view),
    learningCurveSection(view),
    labelsSection(view),
    disagreementsSection(view),
    repeatsSection(view),
    trainingSection(view),
    promptsSection(view),
    rulesSection(view),
    assumptionsSection(view),
    reasoningSection(view),
    ...criteriaSections(view),
  ].filter((section) => section !== null);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="${new SafeHtml(policy)}"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="color-scheme" content="light dark"/>
<meta name="referrer" content="no-referrer"/>
<title>${input.verdict.task}: ${input.verdict.sentence}</title>
<style>${new SafeHtml(style)}</style>
</head>
<body>
<a class="skip" href="#ladder">To the ladder</a>
<main>
${headline(view)}
<nav aria-label="Sections"><ul>${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
${sections.map(renderSection)}
</main>
<footer>Made by Rung ${input.verdict.versions.rung}. Everything on this page is in the verdict document; hover a number for its method.</footer>
</body>
</html>
`;
  return page.toString();
}
