import { inputError } from '#core/errors.ts';
import type { Persona } from '#core/task-brief.ts';
import { contentWords, endsWith, hasPhrase, lastSentence, plainText, sentencesOf, startsWith, wordsOf } from './phrases.ts';

/** What a rule looks at. */
interface PersonaRequest {
  readonly answer: string;
  /** The last user message. */
  readonly user: string;
  readonly tags: readonly string[];
}

/** One line of `rules:` in `persona.yaml`, ready to check. */
export interface PersonaRule {
  readonly text: string;
  applies(request: PersonaRequest): boolean;
  kept(request: PersonaRequest): boolean;
}

type Check = (request: PersonaRequest) => boolean;

/** One form of rule: how it is written, and what it checks. The whole grammar is the list of these. */
interface RuleForm {
  readonly written: string;
  readonly pattern: RegExp;
  /** Undefined where the parts of the rule are empty. */
  check(match: RegExpExecArray): Check | undefined;
}

const list = String.raw`:\s*(.+)`;

function phraseForm(words: string, check: (request: PersonaRequest, phrases: readonly string[]) => boolean): RuleForm {
  return {
    written: `${words}: A | B`,
    pattern: new RegExp(`^${words}${list}$`, 'i'),
    check: (match) => {
      const phrases = phrasesOf(match[1]!);
      if (phrases.length === 0) return undefined;
      return (request) => check(request, phrases);
    },
  };
}

function absenceForm(thing: string, found: RegExp): RuleForm {
  return { written: `no ${thing}`, pattern: new RegExp(`^no ${thing}$`, 'i'), check: () => (request) => !found.test(request.answer) };
}

const forms: readonly RuleForm[] = [
  phraseForm('open with one of', ({ answer }, phrases) => phrases.some((phrase) => startsWith(answer, phrase))),
  phraseForm('end with one of', ({ answer }, phrases) => phrases.some((phrase) => endsWith(answer, phrase))),
  phraseForm('first sentence uses one of', ({ answer }, phrases) =>
    phrases.some((phrase) => hasPhrase(sentencesOf(answer)[0] ?? '', phrase)),
  ),
  phraseForm('last sentence uses one of', ({ answer }, phrases) => phrases.some((phrase) => hasPhrase(lastSentence(answer), phrase))),
  phraseForm('last sentence starts with one of', ({ answer }, phrases) =>
    phrases.some((phrase) => startsWith(lastSentence(answer), phrase)),
  ),
  phraseForm('use one of', ({ answer }, phrases) => phrases.some((phrase) => hasPhrase(answer, phrase))),
  phraseForm('use all of', ({ answer }, phrases) => phrases.every((phrase) => hasPhrase(answer, phrase))),
  phraseForm('use none of', ({ answer }, phrases) => !phrases.some((phrase) => hasPhrase(answer, phrase))),
  {
    written: 'at most N words (or: at least, exactly; sentences)',
    pattern: /^(at most|at least|exactly) (\d+) (word|sentence)s?$/i,
    check: (match) => {
      const [bound, unit] = [Number(match[2]), match[3]!.toLowerCase()];
      const fits = countFits(match[1]!.toLowerCase(), bound);
      return ({ answer }) => fits(unit === 'word' ? wordsOf(answer).length : sentencesOf(answer).length);
    },
  },
  { written: "mention the user's item", pattern: /^mention the user's item$/i, check: () => mentionsItem },
  absenceForm('questions', /\?/),
  absenceForm('exclamation marks', /!/),
  absenceForm('emoji', /\p{Extended_Pictographic}/u),
  absenceForm('lists', /^\s*(?:[-*•]|\d+[.)])\s/m),
];

const condition = /^(when|unless) the user says one of:\s*(.+?)\s*=>\s*(.+)$/i;

/** Reads one rule of the grammar; throws a usage error that lists the grammar where it fits none. */
export function parseRule(text: string, file?: string): PersonaRule {
  const written = plainText(text);
  const conditional = condition.exec(written);
  const body = conditional === null ? written : conditional[3]!;
  const kept = checkOf(body);
  if (kept === undefined) throw unknownRule(text, file);
  if (conditional === null) return { text, applies: () => true, kept };
  const phrases = phrasesOf(conditional[2]!);
  const wanted = conditional[1]!.toLowerCase() === 'when';
  return { text, applies: ({ user }) => phrases.some((phrase) => hasPhrase(user, phrase)) === wanted, kept };
}

/** All that is checkable of a persona: its rules, and its preferred and forbidden wording. */
export function personaRules(persona: Persona, file?: string): PersonaRule[] {
  const { use, avoid } = persona.vocabulary;
  const rules = persona.rules.map((rule) => parseRule(rule, file));
  if (use.length > 0) rules.push(parseRule(`use one of: ${use.join(' | ')}`, file));
  if (avoid.length > 0) rules.push(parseRule(`use none of: ${avoid.join(' | ')}`, file));
  return rules;
}

/** Throws a usage error for the first rule of a persona that cannot be checked. */
export function checkPersona(persona: Persona, file?: string): void {
  personaRules(persona, file);
}

function checkOf(body: string): Check | undefined {
  for (const form of forms) {
    const match = form.pattern.exec(body);
    if (match !== null) return form.check(match);
  }
  return undefined;
}

function phrasesOf(text: string): string[] {
  return text
    .split('|')
    .map((phrase) => phrase.trim())
    .filter((phrase) => phrase !== '');
}

function countFits(comparison: string, bound: number): (count: number) => boolean {
  if (comparison === 'at most') return (count) => count <= bound;
  if (comparison === 'at least') return (count) => count >= bound;
  return (count) => count === bound;
}

function mentionsItem({ answer, user, tags }: PersonaRequest): boolean {
  const items = tags.filter((tag) => tag.startsWith('item:')).map((tag) => tag.slice('item:'.length));
  if (items.length > 0) return items.every((item) => hasPhrase(answer, item));
  return contentWords(user).some((word) => hasPhrase(answer, word));
}

function unknownRule(text: string, file: string | undefined) {
  return inputError({
    code: 'persona-rule-unknown',
    message: `The persona's rule ${JSON.stringify(text)} cannot be checked.`,
    hint: `Write it as one of: ${forms.map((form) => `"${form.written}"`).join(', ')}; before it may stand "when the user says one of: A | B =>" or "unless …". Prose for the prompt belongs in responsePattern.`,
    place: file === undefined ? undefined : { file },
  });
}
