import type { Situation } from '#core/situation.ts';
import { advise, type RuleAnswer, type RuleOfThumb } from './rule-of-thumb.ts';
import { capital, listed } from './rule-words.ts';

/** Up to this many changes a month, behaviour counts as stable. The rule gives no figure: the persona guide's "monthly or rarer". */
const stable = 1;

/** Facts are looked up, behaviour is learnt. */
export const factsOrBehaviour: RuleOfThumb = {
  id: 'facts-or-behaviour',
  title: 'Facts or behaviour',
  source: 'the rule that facts are retrieved and stable behaviour is tuned',
  asks: ['knowledge', 'requirementChangesPerMonth', 'strictFormat', 'domainTerminology', 'consistency', 'personas'],
  borders: [
    { figure: 'requirementChangesPerMonth', operator: '>', bound: stable },
    { figure: 'personas', operator: '>=', bound: 1 },
  ],
  answer: answerOf,
};

function answerOf(situation: Situation): RuleAnswer | undefined {
  const { knowledge, requirementChangesPerMonth: changes } = situation;
  const facts = factsText(knowledge);
  const behaviour = behaviourOf(situation);
  const wanted = listed(behaviour.map(({ text }) => text));
  const isStable = behaviour.length > 0 && changes !== undefined && changes <= stable;
  const behaviourBecause = behaviour.map(({ because }) => because);
  if (isStable) {
    const settled = `the behaviour asked for (${wanted}) is stable`;
    const because = [...behaviourBecause, 'requirementChangesPerMonth'] as const;
    return facts === undefined
      ? advise('fine-tune', `${capital(settled)}, which is learnt${knowledge === 'none' ? ', and no facts are missing' : ''}.`, because)
      : advise('retrieval and fine-tune', `${capital(facts)}, which are looked up, and ${settled}, which is learnt.`, [
          'knowledge',
          ...because,
        ]);
  }
  if (facts !== undefined) {
    const open =
      behaviour.length === 0
        ? ''
        : changes === undefined
          ? ` Whether the behaviour asked for (${wanted}) is stable was not said.`
          : ` The behaviour asked for (${wanted}) changes more than once a month, so it is no case for tuning yet.`;
    return advise('retrieval', `${capital(facts)}, which are looked up, not tuned in.${open}`, [
      'knowledge',
      ...(open === '' ? [] : behaviourBecause),
    ]);
  }
  return undefined;
}

function factsText(knowledge: Situation['knowledge']): string | undefined {
  if (knowledge === 'changing') return 'answers need facts that change';
  return knowledge === 'static' ? 'answers need facts that the model lacks' : undefined;
}

function behaviourOf({ strictFormat, domainTerminology, consistency, personas }: Situation): {
  because: keyof Situation;
  text: string;
}[] {
  return [
    ...(strictFormat === true ? [{ because: 'strictFormat', text: 'a strict format' } as const] : []),
    ...(domainTerminology === true ? [{ because: 'domainTerminology', text: "the domain's conventions" } as const] : []),
    ...(consistency === 'critical' ? [{ because: 'consistency', text: 'critical consistency' } as const] : []),
    ...(personas !== undefined && personas >= 1 ? [{ because: 'personas', text: personas === 1 ? 'a persona' : 'personas' } as const] : []),
  ];
}
