import type { Situation } from '#core/situation.ts';
import type { RuleAnswer, RuleOfThumb } from './rule-of-thumb.ts';
import { countedText, figureText } from './rule-words.ts';

interface Purpose {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

const styleOrFormat: Purpose = { name: 'style or format', from: 50, to: 100 };
const moderateTask: Purpose = { name: 'a moderate task', from: 200, to: 500 };
const domain: Purpose = { name: 'a domain', from: 1000, to: 5000 };
const behaviourChange: Purpose = { name: 'a large change of behaviour', from: 5000, to: 10_000 };
const purposes = [styleOrFormat, moderateTask, domain, behaviourChange] as const;

/** How many examples each kind of tuning takes. Says what the labels are enough for, not whether tuning is needed. */
export const dataNeeded: RuleOfThumb = {
  id: 'data-needed',
  title: 'Data needed',
  source: 'a table of how many examples tuning takes',
  asks: ['labelledExamples', 'domainTerminology', 'strictFormat'],
  borders: purposes.map(({ from }) => ({ figure: 'labelledExamples', operator: '>=', bound: from })),
  answer: answerOf,
};

function answerOf(situation: Situation): RuleAnswer | undefined {
  const { labelledExamples } = situation;
  if (labelledExamples === undefined) return undefined;
  const enough = purposes.findLast(({ from }) => labelledExamples >= from);
  const { purpose: wanted, because } = wantedPurpose(situation);
  const have = countedText(labelledExamples, 'labelled example', 'labelled examples');
  const asked = wanted === undefined ? '' : ` What is asked for, ${wanted.name}, takes ${rangeOf(wanted)}.`;
  const reasons = ['labelledExamples', ...because] as const;
  if (enough === undefined) {
    const why = `${have}: even ${styleOrFormat.name} takes ${rangeOf(styleOrFormat)}.${wanted === styleOrFormat ? '' : asked}`;
    return { answer: 'not enough to tune', leans: 'prompting', why, because: reasons };
  }
  const why = `${have}: ${enough.name} takes ${rangeOf(enough)}${beyond(enough)}.${wanted === enough ? '' : asked}`;
  if (wanted !== undefined && labelledExamples < wanted.from) {
    return { answer: `enough for ${enough.name}, not for ${wanted.name}`, leans: 'prompting', why, because: reasons };
  }
  return { answer: `enough for ${enough.name}`, why, because: reasons };
}

/** What the answers say is to be learnt; undefined where they do not say. */
function wantedPurpose({ domainTerminology, strictFormat }: Situation): {
  purpose: Purpose | undefined;
  because: readonly (keyof Situation)[];
} {
  if (domainTerminology === true) return { purpose: domain, because: ['domainTerminology'] };
  if (strictFormat === true) return { purpose: styleOrFormat, because: ['strictFormat'] };
  return { purpose: undefined, because: [] };
}

function beyond(purpose: Purpose): string {
  const next = purposes[purposes.indexOf(purpose) + 1];
  return next === undefined ? '' : `, ${next.name} ${rangeOf(next)}`;
}

function rangeOf({ from, to }: Purpose): string {
  return `${figureText(from)} to ${figureText(to)}`;
}
