import { inputError, type Place } from '#core/errors.ts';
import type { Persona } from '#core/task-brief.ts';
import { contentWords, endsWith, hasPhrase, lastSentence, plainText, sentencesOf, startsWith, wordsOf } from './phrases.ts';

/** What a rule looks at. */
interface PersonaRequest {
  readonly answer: string;
  /** The last user message. */
  readonly user: string;
  readonly tags: readonly string[];
}

/** What a rule asks of an answer, so that two rules can be held against each other. */
export type RuleDemand =
  | { readonly kind: 'phrases'; readonly where: PhrasePlace; readonly every: boolean; readonly phrases: readonly string[] }
  | { readonly kind: 'none'; readonly phrases: readonly string[] }
  | { readonly kind: 'count'; readonly unit: 'word' | 'sentence'; readonly least: number; readonly most: number }
  | { readonly kind: 'absent'; readonly thing: string; readonly found: RegExp }
  | { readonly kind: 'item' };

type PhrasePlace = 'opening' | 'ending' | 'first sentence' | 'last sentence' | 'opening of the last sentence' | 'anywhere';

/** The user's words that a rule waits for (`when`) or stands back from (`unless`). */
export interface RuleCondition {
  readonly when: boolean;
  readonly phrases: readonly string[];
}

/** One line of `rules:` in `persona.yaml`, ready to check. */
export interface PersonaRule {
  readonly text: string;
  readonly demand: RuleDemand;
  /** Absent where the rule always applies. */
  readonly condition?: RuleCondition;
  applies(request: PersonaRequest): boolean;
  kept(request: PersonaRequest): boolean;
}

type Check = (request: PersonaRequest) => boolean;

/** One form of rule: how it is written, and what it checks. The whole grammar is the list of these. */
interface RuleForm {
  readonly written: string;
  readonly pattern: RegExp;
  /** Undefined where the parts of the rule are empty. */
  read(match: RegExpExecArray): { readonly check: Check; readonly demand: RuleDemand } | undefined;
}

const list = String.raw`:\s*(.+)`;

function phraseForm(
  words: string,
  demand: { readonly where: PhrasePlace; readonly every?: boolean } | 'none',
  check: (request: PersonaRequest, phrases: readonly string[]) => boolean,
): RuleForm {
  return {
    written: `${words}: A | B`,
    pattern: new RegExp(`^${words}${list}$`, 'i'),
    read: (match) => {
      const phrases = phrasesOf(match[1]!);
      if (phrases.length === 0) return undefined;
      return {
        check: (request) => check(request, phrases),
        demand: demand === 'none' ? { kind: 'none', phrases } : { kind: 'phrases', every: false, ...demand, phrases },
      };
    },
  };
}

function absenceForm(thing: string, found: RegExp): RuleForm {
  return {
    written: `no ${thing}`,
    pattern: new RegExp(`^no ${thing}$`, 'i'),
    read: () => ({ check: (request) => !found.test(request.answer), demand: { kind: 'absent', thing, found } }),
  };
}

const forms: readonly RuleForm[] = [
  phraseForm('open with one of', { where: 'opening' }, ({ answer }, phrases) => phrases.some((phrase) => startsWith(answer, phrase))),
  phraseForm('end with one of', { where: 'ending' }, ({ answer }, phrases) => phrases.some((phrase) => endsWith(answer, phrase))),
  phraseForm('first sentence uses one of', { where: 'first sentence' }, ({ answer }, phrases) =>
    phrases.some((phrase) => hasPhrase(sentencesOf(answer)[0] ?? '', phrase)),
  ),
  phraseForm('last sentence uses one of', { where: 'last sentence' }, ({ answer }, phrases) =>
    phrases.some((phrase) => hasPhrase(lastSentence(answer), phrase)),
  ),
  phraseForm('last sentence starts with one of', { where: 'opening of the last sentence' }, ({ answer }, phrases) =>
    phrases.some((phrase) => startsWith(lastSentence(answer), phrase)),
  ),
  phraseForm('use one of', { where: 'anywhere' }, ({ answer }, phrases) => phrases.some((phrase) => hasPhrase(answer, phrase))),
  phraseForm('use all of', { where: 'anywhere', every: true }, ({ answer }, phrases) =>
    phrases.every((phrase) => hasPhrase(answer, phrase)),
  ),
  phraseForm('use none of', 'none', ({ answer }, phrases) => !phrases.some((phrase) => hasPhrase(answer, phrase))),
  {
    written: 'at most N words (or: at least, exactly; sentences)',
    pattern: /^(at most|at least|exactly) (\d+) (word|sentence)s?$/i,
    read: (match) => {
      const bound = Number(match[2]);
      const comparison = match[1]!.toLowerCase();
      const unit = match[3]!.toLowerCase() === 'word' ? 'word' : 'sentence';
      const least = comparison === 'at most' ? 0 : bound;
      const most = comparison === 'at least' ? Number.POSITIVE_INFINITY : bound;
      const count = unit === 'word' ? wordsOf : sentencesOf;
      const check: Check = ({ answer }) => {
        const counted = count(answer).length;
        return counted >= least && counted <= most;
      };
      return { check, demand: { kind: 'count', unit, least, most } };
    },
  },
  {
    written: "mention the user's item",
    pattern: /^mention the user's item$/i,
    read: () => ({ check: mentionsItem, demand: { kind: 'item' } }),
  },
  absenceForm('questions', /\?/),
  absenceForm('exclamation marks', /!/),
  absenceForm('emoji', /\p{Extended_Pictographic}/u),
  absenceForm('lists', /^\s*(?:[-*•]|\d+[.)])\s/m),
];

const condition = /^(when|unless) the user says one of:\s*(.+?)\s*=>\s*(.+)$/i;

/** Reads one rule of the grammar; throws a usage error that lists the grammar where it fits none. */
export function parseRule(text: string, place?: Place): PersonaRule {
  const written = plainText(text);
  const conditional = condition.exec(written);
  const read = readBody(conditional === null ? written : conditional[3]!);
  if (read === undefined) throw unknownRule(text, place);
  const { check: kept, demand } = read;
  if (conditional === null) return { text, demand, applies: () => true, kept };
  const phrases = phrasesOf(conditional[2]!);
  const when = conditional[1]!.toLowerCase() === 'when';
  return {
    text,
    demand,
    condition: { when, phrases },
    applies: ({ user }) => phrases.some((phrase) => hasPhrase(user, phrase)) === when,
    kept,
  };
}

/** All that is checkable of a persona: its rules, and its preferred and forbidden wording. */
export function personaRules(persona: Persona): PersonaRule[] {
  const { use, avoid } = persona.vocabulary;
  const rules = persona.rules.map((rule) => parseRule(rule));
  if (use.length > 0) rules.push(parseRule(`use one of: ${use.join(' | ')}`));
  if (avoid.length > 0) rules.push(parseRule(`use none of: ${avoid.join(' | ')}`));
  return rules;
}

/** How far an answer keeps a persona's rules: those that apply to the request, and those of them that it breaks. */
export function keptRules(rules: readonly PersonaRule[], request: PersonaRequest): { applying: number; broken: readonly string[] } {
  const applying = rules.filter((rule) => rule.applies(request));
  return { applying: applying.length, broken: applying.filter((rule) => !rule.kept(request)).map((rule) => rule.text) };
}

function readBody(body: string): ReturnType<RuleForm['read']> {
  for (const form of forms) {
    const match = form.pattern.exec(body);
    if (match !== null) return form.read(match);
  }
  return undefined;
}

function phrasesOf(text: string): string[] {
  return text
    .split('|')
    .map((phrase) => phrase.trim())
    .filter((phrase) => phrase !== '');
}

function mentionsItem({ answer, user, tags }: PersonaRequest): boolean {
  const items = tags.filter((tag) => tag.startsWith('item:')).map((tag) => tag.slice('item:'.length));
  if (items.length > 0) return items.every((item) => hasPhrase(answer, item));
  return contentWords(user).some((word) => hasPhrase(answer, word));
}

function unknownRule(text: string, place: Place | undefined) {
  return inputError({
    code: 'persona-rule-unknown',
    message: `The persona's rule ${JSON.stringify(text)} cannot be checked.`,
    hint: `Write it as one of: ${forms.map((form) => `"${form.written}"`).join(', ')}; before it may stand "when the user says one of: A | B =>" or "unless …". Prose for the prompt belongs in responsePattern.`,
    place,
  });
}
