import type { Situation } from '#core/situation.ts';
import type { RuleOfThumb } from './rule-of-thumb.ts';
import { countedText, figureText } from './rule-words.ts';
import { countVotes, type Vote } from './votes.ts';

const lowVolume = 10_000;
const highVolume = 100_000;
/** "Weekly", as changes a month. */
const weekly = 4;
/** "Monthly", as changes a month. */
const monthly = 1;

/** A guide for personas: volume, rate of change, exposure, consistency, number of personas, expertise, stage. */
export const personaGuide: RuleOfThumb = {
  id: 'persona-guide',
  title: 'Persona guide',
  source: 'a guide to prompting or tuning a persona',
  asks: ['requestsPerMonth', 'requirementChangesPerMonth', 'publicFacing', 'consistency', 'personas', 'expertise', 'prototype'],
  borders: [
    { figure: 'requestsPerMonth', operator: '>=', bound: lowVolume },
    { figure: 'requestsPerMonth', operator: '>', bound: highVolume },
    { figure: 'requirementChangesPerMonth', operator: '>', bound: monthly },
    { figure: 'requirementChangesPerMonth', operator: '>=', bound: weekly },
    { figure: 'personas', operator: '>', bound: 1 },
  ],
  answer: (situation) => countVotes(votesOf(situation)),
};

function votesOf(situation: Situation): Vote[] {
  const { requestsPerMonth, requirementChangesPerMonth, publicFacing, consistency, personas, expertise, prototype } = situation;
  return [
    ...(requestsPerMonth === undefined ? [] : [volumeVote(requestsPerMonth)]),
    ...(requirementChangesPerMonth === undefined ? [] : [changeVote(requirementChangesPerMonth)]),
    ...(publicFacing === true ? [{ side: 'fine-tune', because: 'publicFacing', text: 'it faces the public' } as const] : []),
    ...(consistency === 'critical' ? [{ side: 'fine-tune', because: 'consistency', text: 'consistency is critical' } as const] : []),
    ...(personas !== undefined && personas > 1
      ? [{ side: 'hybrid', because: 'personas', text: `there are ${figureText(personas)} personas` } as const]
      : []),
    ...(expertise === 'prompting'
      ? [{ side: 'prompt', because: 'expertise', text: 'the team knows prompting, not training' } as const]
      : []),
    ...(prototype === true ? [{ side: 'prompt', because: 'prototype', text: 'it is a prototype' } as const] : []),
  ];
}

function volumeVote(volume: number): Vote {
  const text = countedText(volume, 'request a month is', 'requests a month are');
  const because = 'requestsPerMonth';
  if (volume < lowVolume) return { side: 'prompt', because, text: `${text} under ${figureText(lowVolume)}` };
  if (volume > highVolume) return { side: 'fine-tune', because, text: `${text} over ${figureText(highVolume)}` };
  return { side: 'either', because, text: `${text} from ${figureText(lowVolume)} to ${figureText(highVolume)}` };
}

function changeVote(changes: number): Vote {
  const text = countedText(changes, 'change of requirements a month is', 'changes of requirements a month are');
  const because = 'requirementChangesPerMonth';
  if (changes >= weekly) return { side: 'prompt', because, text: `${text} weekly or more often` };
  if (changes <= monthly) return { side: 'fine-tune', because, text: `${text} monthly or rarer` };
  return { side: 'either', because, text: `${text} between weekly and monthly` };
}
