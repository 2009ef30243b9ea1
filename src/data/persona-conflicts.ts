import type { PersonaRule, RuleCondition, RuleDemand } from './persona-rules.ts';
import { endsWith, hasPhrase, startsWith, wordsOf } from './phrases.ts';

/**
 * Whether two rules apply to the same message: to some that need not be looked for (`always`), only to one that says words of
 * both (`both`), or to none (`never`).
 */
export function meeting(one: RuleCondition | undefined, other: RuleCondition | undefined): 'always' | 'both' | 'never' {
  if (one === undefined || other === undefined || (!one.when && !other.when)) return 'always';
  if (one.when && other.when) return shareMessages(one, other) ? 'always' : 'both';
  const [when, unless] = one.when ? [one, other] : [other, one];
  return covers(unless, when) ? 'never' : 'always';
}

/** True where a phrase of one says a phrase of the other too. */
function shareMessages(one: RuleCondition, other: RuleCondition): boolean {
  return one.phrases.some((first) => other.phrases.some((second) => hasPhrase(first, second) || hasPhrase(second, first)));
}

/** True where whatever says one of the second's phrases says one of the first's too. */
function covers(wide: RuleCondition, narrow: RuleCondition): boolean {
  return narrow.phrases.every((phrase) => wide.phrases.some((part) => hasPhrase(phrase, part)));
}

/** Why no answer keeps both; undefined where one can, as far as the two alone tell. */
export function conflictOf(one: RuleDemand, other: RuleDemand): string | undefined {
  return countsApart(one, other) ?? wordsOverLimit(one, other) ?? wordsOverLimit(other, one) ?? placesApart(one, other);
}

function countsApart(one: RuleDemand, other: RuleDemand): string | undefined {
  if (one.kind !== 'count' || other.kind !== 'count') return undefined;
  const [low, high] = one.least > other.most ? [one, other] : [other, one];
  // a sentence has at least one word, so too few words are too few sentences as well
  const comparable = low.unit === high.unit || (low.unit === 'sentence' && high.unit === 'word');
  if (!comparable || low.least <= high.most) return undefined;
  return `at least ${low.least} ${low.unit}s do not fit into at most ${high.most} ${high.unit}${high.most === 1 ? '' : 's'}`;
}

function wordsOverLimit(demand: RuleDemand, limit: RuleDemand): string | undefined {
  if (demand.kind !== 'phrases' || limit.kind !== 'count' || limit.unit !== 'word') return undefined;
  const lengths = demand.phrases.map((phrase) => wordsOf(phrase).length);
  const needed = demand.every ? Math.max(...lengths) : Math.min(...lengths);
  return needed > limit.most ? `what it asks for has ${needed} words, and at most ${limit.most} are allowed` : undefined;
}

// where an answer begins or ends only one thing can stand: the phrases must begin, or end, alike
function placesApart(one: RuleDemand, other: RuleDemand): string | undefined {
  if (one.kind !== 'phrases' || other.kind !== 'phrases' || one.where !== other.where) return undefined;
  const alike = one.where === 'ending' ? endsWith : one.where.startsWith('opening') ? startsWith : undefined;
  if (alike === undefined) return undefined;
  const fit = one.phrases.some((first) => other.phrases.some((second) => alike(first, second) || alike(second, first)));
  return fit ? undefined : `the ${one.where} cannot be both`;
}

/** What makes a phrase unsayable under a demand: a forbidden phrase in it, or a forbidden sign; undefined where nothing does. */
export function forbiddenIn(phrase: string, demand: RuleDemand): string | undefined {
  if (demand.kind === 'none') return demand.phrases.find((forbidden) => hasPhrase(phrase, forbidden));
  return demand.kind === 'absent' && demand.found.test(phrase) ? demand.thing : undefined;
}

/** True where two rules apply to exactly the same messages, or the second to all. */
export function appliesWherever(rule: PersonaRule, other: PersonaRule): boolean {
  if (other.condition === undefined) return true;
  if (rule.condition === undefined || rule.condition.when !== other.condition.when) return false;
  return rule.condition.when ? covers(other.condition, rule.condition) : covers(rule.condition, other.condition);
}
