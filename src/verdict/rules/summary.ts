import type { Situation } from '#core/situation.ts';
import { rulesOfThumb } from './index.ts';
import type { Lean, RuleAnswer, RuleOfThumb } from './rule-of-thumb.ts';
import { listed } from './rule-words.ts';

interface Spoken {
  readonly rule: RuleOfThumb;
  readonly said: RuleAnswer;
}

/** The rules that can say something of these answers, and what they say. */
export function spokenOf(situation: Situation): Spoken[] {
  return rulesOfThumb.flatMap((rule) => {
    const said = rule.answer(situation);
    return said === undefined ? [] : [{ rule, said }];
  });
}

/** What the rules say together, in one sentence: the side that more of them take, and that nothing was measured. */
export function sentenceOf(spoken: readonly Spoken[]): string {
  const next = 'nothing has been measured, so run rung climb before deciding';
  if (spoken.length === 0) return `No rule of thumb can say anything: too little is answered; ${next}.`;
  const leaning = (lean: Lean | undefined) => spoken.filter(({ said }) => said.leans === lean);
  const [prompting, tuning, neither] = [leaning('prompting'), leaning('tuning'), leaning(undefined)];
  const sides = [
    { rules: tuning, words: 'to tuning' },
    { rules: prompting, words: 'to prompting' },
    { rules: neither, words: 'to neither' },
  ]
    .filter(({ rules }) => rules.length > 0)
    .sort((a, b) => b.rules.length - a.rules.length)
    .map(({ rules, words }, index) => {
      const share = index === 0 ? `${rules.length} of ${spoken.length} ${rules.length === 1 ? 'leans' : 'lean'}` : String(rules.length);
      return `${share} ${words} (${rules.map(({ rule }) => rule.title).join(', ')})`;
    });
  return `By rules of thumb alone, ${advice(prompting, tuning)}${retrieval(spoken)}: ${listed(sides)}; ${next}.`;
}

function advice(prompting: readonly Spoken[], tuning: readonly Spoken[]): string {
  if (prompting.length > tuning.length) return 'prompt';
  if (tuning.length > prompting.length) {
    const mixed = tuning.filter(({ said }) => said.answer === 'hybrid').length;
    return mixed * 2 > tuning.length ? 'mix prompting and tuning' : 'tune';
  }
  return tuning.length === 0 ? 'neither side is favoured' : 'prompting and tuning are tied';
}

function retrieval(spoken: readonly Spoken[]): string {
  return spoken.some(({ said }) => said.answer.startsWith('retrieval')) ? ', with retrieval for the facts' : '';
}
