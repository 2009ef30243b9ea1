import { agreementSection } from './agreement.ts';
import { alternativesSection, assumptionsSection, rulesSection } from './alternatives.ts';
import { breakEvenTable } from './break-even.ts';
import { comparisonSection } from './comparison.ts';
import { criteriaSections } from './criteria.ts';
import { disagreementsSection } from './disagreements.ts';
import { guardsSection } from './guards.ts';
import { headline } from './headline.ts';
import { labelsSection } from './labels.ts';
import { ladderTable } from './ladder-table.ts';
import { learningCurveSection } from './learning-curve.ts';
import { floorSection, undecidedSection } from './open-questions.ts';
import { renderPage } from './page.ts';
import { plateauSection } from './plateau.ts';
import { probeSections } from './probe-sections.ts';
import { reportProbes } from './probe-view.ts';
import { promptSearchSection } from './prompt-search.ts';
import { promptsSection } from './prompts.ts';
import { reasoningSection } from './reasoning.ts';
import { repeatsSection } from './repeats.ts';
import type { ReportInput } from './report-input.ts';
import { viewReport } from './report-view.ts';
import { routingSection } from './routing.ts';
import { scatterSection } from './scatter.ts';
import { stepFaultsSection } from './step-faults.ts';
import { trainingSection } from './training-curve.ts';
import { triggersSection } from './triggers.ts';

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
    guardsSection(view),
    ...probeSections(reportProbes(view)),
    comparisonSection(view),
    routingSection(view),
    learningCurveSection(view),
    labelsSection(view),
    disagreementsSection(view),
    stepFaultsSection(view),
    repeatsSection(view),
    agreementSection(view),
    promptSearchSection(view),
    trainingSection(view),
    promptsSection(view),
    rulesSection(view),
    assumptionsSection(view),
    reasoningSection(view),
    ...criteriaSections(view),
  ].filter((section) => section !== null);
  return renderPage({
    title: `${input.verdict.task}: ${input.verdict.sentence}`,
    header: headline(view),
    sections,
    footer: `Made by Rung ${input.verdict.versions.rung}. Its figures are in the verdict document; hover a number for its method.`,
  });
}
