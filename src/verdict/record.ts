import type { Task } from '#core/task.ts';
import type { Verdict } from '#core/verdict.ts';
import type { DetailedVerdict } from './decide.ts';
import { markdownText } from './figures.ts';
import { costsSection } from './record-costs.ts';
import { guardsSection } from './record-guards.ts';
import { goalsSection, ladderSection } from './record-ladder.ts';
import { comparisonSection, probesSection } from './record-probes.ts';
import { routingSection } from './record-routing.ts';
import {
  alternativesSection,
  assumptionsSection,
  criteriaSection,
  curveSection,
  floorSection,
  plateauSection,
  priorSection,
  reasoningSection,
  triggersSection,
  undecidedSection,
} from './record-sections.ts';
import { list, section } from './record-table.ts';

const verdictWords: Readonly<Record<Verdict['status'], string>> = {
  met: 'a rung was chosen',
  'not-met': 'no rung meets the goals',
  undecided: 'the evidence does not decide',
  prior: 'rules of thumb only, nothing was measured',
};

/** `decision.md`: the verdict written down for people, as Markdown that reads well in a pull request. */
export function decisionMarkdown(verdict: DetailedVerdict, task: Task): string {
  const sections = [
    `# Decision: ${markdownText(verdict.task)}`,
    `**${markdownText(verdict.sentence)}**`,
    `Status: ${verdictWords[verdict.status]}.`,
    undecidedSection(verdict),
    floorSection(verdict),
    ladderSection(verdict),
    goalsSection(verdict, task),
    guardsSection(verdict),
    probesSection(verdict),
    comparisonSection(verdict),
    routingSection(verdict),
    costsSection(verdict, task),
    plateauSection(verdict),
    curveSection(verdict),
    alternativesSection(verdict),
    priorSection(verdict),
    triggersSection(verdict),
    assumptionsSection(verdict),
    section('Notes', list(verdict.warnings.map(markdownText))),
    criteriaSection(verdict),
    reasoningSection(verdict),
  ];
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`;
}
