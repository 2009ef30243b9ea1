import type { Situation } from '#core/situation.ts';
import type { RuleOfThumb } from './rule-of-thumb.ts';
import { countedText, figureText } from './rule-words.ts';
import { countVotes, type Vote } from './votes.ts';

const fewExamples = 100;
const manyExamples = 500;
const lowVolume = 100_000;
const highVolume = 500_000;
/** Above this many changes a month, requirements count as changing. The checklist gives no figure: this one is ours. */
const settled = 1;

/** A practitioner's list of when to stay with a prompt, when to consider tuning, and when to do both. */
export const practitionersChecklist: RuleOfThumb = {
  id: 'practitioners-checklist',
  title: "Practitioner's checklist",
  source: "a practitioner's checklist for prompting, tuning or both",
  asks: [
    'prototype',
    'requirementChangesPerMonth',
    'labelledExamples',
    'personas',
    'frontierModel',
    'requestsPerMonth',
    'promptingPlateaued',
    'strictFormat',
    'domainTerminology',
    'latencyCritical',
    'knowledge',
  ],
  borders: [
    { figure: 'labelledExamples', operator: '>=', bound: fewExamples },
    { figure: 'labelledExamples', operator: '>=', bound: manyExamples },
    { figure: 'requestsPerMonth', operator: '>=', bound: lowVolume },
    { figure: 'requestsPerMonth', operator: '>', bound: highVolume },
    { figure: 'requirementChangesPerMonth', operator: '>', bound: settled },
    { figure: 'personas', operator: '>', bound: 1 },
  ],
  answer: (situation) => countVotes(votesOf(situation)),
};

function votesOf(situation: Situation): Vote[] {
  const { labelledExamples, requestsPerMonth, requirementChangesPerMonth, personas, strictFormat, knowledge } = situation;
  const changing = requirementChangesPerMonth !== undefined && requirementChangesPerMonth > settled;
  const said = (holds: boolean | undefined, side: Vote['side'], because: keyof Situation, text: string): Vote[] =>
    holds === true ? [{ side, because, text }] : [];
  return [
    ...said(situation.prototype, 'prompt', 'prototype', 'it is early'),
    ...said(changing, 'prompt', 'requirementChangesPerMonth', 'requirements change more than once a month'),
    ...(labelledExamples === undefined ? [] : [examplesVote(labelledExamples)]),
    ...said(personas !== undefined && personas > 1, 'prompt', 'personas', 'there are several contexts'),
    ...said(situation.frontierModel, 'prompt', 'frontierModel', 'a frontier model is at hand'),
    ...(requestsPerMonth === undefined ? [] : [volumeVote(requestsPerMonth)]),
    ...said(situation.promptingPlateaued, 'fine-tune', 'promptingPlateaued', 'prompting has plateaued'),
    ...said(strictFormat, 'fine-tune', 'strictFormat', 'the output format is strict'),
    ...said(situation.domainTerminology, 'fine-tune', 'domainTerminology', 'the domain has its own conventions'),
    ...said(situation.latencyCritical, 'fine-tune', 'latencyCritical', 'latency is critical'),
    ...said(strictFormat && knowledge === 'changing', 'hybrid', 'knowledge', 'the format is fixed while the content changes'),
  ];
}

function examplesVote(examples: number): Vote {
  const text = countedText(examples, 'labelled example is', 'labelled examples are');
  const because = 'labelledExamples';
  if (examples < fewExamples) return { side: 'prompt', because, text: `${text} under ${fewExamples}` };
  if (examples >= manyExamples) return { side: 'fine-tune', because, text: `${text} ${manyExamples} or more` };
  return { side: 'either', because, text: `${text} from ${fewExamples} to under ${manyExamples}` };
}

function volumeVote(volume: number): Vote {
  const text = countedText(volume, 'request a month is', 'requests a month are');
  const because = 'requestsPerMonth';
  if (volume < lowVolume) return { side: 'prompt', because, text: `${text} under ${figureText(lowVolume)}` };
  if (volume > highVolume) return { side: 'fine-tune', because, text: `${text} over ${figureText(highVolume)}` };
  return { side: 'either', because, text: `${text} from ${figureText(lowVolume)} to ${figureText(highVolume)}` };
}
