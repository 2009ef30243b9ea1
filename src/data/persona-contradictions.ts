import { basename } from 'node:path';
import { inputError, type Place } from '#core/errors.ts';
import type { Persona } from '#core/task-brief.ts';
import { quoted } from './nearest.ts';
import { appliesWherever, conflictOf, forbiddenIn, meeting } from './persona-conflicts.ts';
import { keptRules, type PersonaRule, parseRule } from './persona-rules.ts';
import { hasPhrase } from './phrases.ts';
import type { SourceDocument } from './source-document.ts';

/** Two things in a persona that do not go together. An error is what no answer can keep; a warning what some cannot. */
export interface PersonaFinding {
  readonly severity: 'error' | 'warning';
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly place: Place;
  /** The other of the two places. */
  readonly other: Place;
}

interface PlacedRule {
  readonly rule: PersonaRule;
  readonly name: string;
  readonly place: Place;
}

/**
 * Throws a usage error with file and line for the first rule of a persona that cannot be checked and for the first
 * contradiction that no answer can keep; gives the rest as warnings. `source` is the document that says the persona.
 */
export function checkPersona(persona: Persona, source: SourceDocument): readonly string[] {
  const findings = personaFindings(persona, source);
  const errors = findings.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (first !== undefined) {
    const { code, message, hint, place } = first;
    throw inputError({ code, message, hint: errors.length === 1 ? hint : `${hint} rung persona check lists all ${errors.length}.`, place });
  }
  return findings.map(({ message, place }) => `${spot(place)}: ${message}`);
}

/** Everything in a persona that contradicts something else in it. Throws a usage error for a rule that cannot be read. */
export function personaFindings(persona: Persona, source: SourceDocument): readonly PersonaFinding[] {
  const rules = placedRules(persona, source);
  return [
    ...usedAndAvoided(persona, source),
    ...rules.flatMap((placed) => unsayable(placed, rules)),
    ...rules.flatMap((placed, at) => rules.slice(at + 1).flatMap((other) => apart(placed, other))),
    ...askingPattern(persona, rules, source),
    ...brokenBy(persona, rules, source),
  ];
}

/** The rules that answers are held to, each with the line that says it. */
function placedRules({ rules, vocabulary }: Persona, source: SourceDocument): readonly PlacedRule[] {
  const written = rules.map((text, index) => {
    const place = source.placeOf(['rules', index]);
    return { rule: parseRule(text, place), name: `the rule ${quoted(text)}`, place };
  });
  const lists = (['use', 'avoid'] as const).flatMap((list) => {
    if (vocabulary[list].length === 0) return [];
    const place = source.placeOf(['vocabulary', list]);
    const form = list === 'use' ? 'use one of' : 'use none of';
    return [{ rule: parseRule(`${form}: ${vocabulary[list].join(' | ')}`, place), name: `vocabulary.${list}`, place }];
  });
  return [...written, ...lists];
}

function usedAndAvoided({ vocabulary: { use, avoid } }: Persona, source: SourceDocument): readonly PersonaFinding[] {
  return use.flatMap((word, index) => {
    const at = avoid.findIndex((forbidden) => hasPhrase(word, forbidden));
    if (at === -1) return [];
    const other = source.placeOf(['vocabulary', 'avoid', at]);
    return [
      {
        severity: 'error' as const,
        code: 'persona-contradicts-itself',
        message: `vocabulary.use says ${quoted(word)}, and vocabulary.avoid forbids ${quoted(avoid[at])} (${spot(other)}).`,
        hint: 'Take it out of one of the two lists.',
        place: source.placeOf(['vocabulary', 'use', index]),
        other,
      },
    ];
  });
}

/** A rule whose phrases all hold something that other rules forbid; a warning for each phrase where some are left. */
function unsayable(placed: PlacedRule, rules: readonly PlacedRule[]): readonly PersonaFinding[] {
  const { demand, condition } = placed.rule;
  if (demand.kind !== 'phrases') return [];
  const forbidding = rules.filter(({ rule }) => rule.demand.kind === 'none' || rule.demand.kind === 'absent');
  const meets = forbidding.filter(({ rule }) => meeting(condition, rule.condition) !== 'never');
  const certain = meets.filter(({ rule }) => appliesWherever(placed.rule, rule));
  // rules for different messages forbid together only what each of them forbids with those that always hold
  for (const set of [certain, ...meets.filter((rule) => !certain.includes(rule)).map((rule) => [...certain, rule])]) {
    const blocked = demand.phrases.map((phrase) => set.find(({ rule }) => forbiddenIn(phrase, rule.demand) !== undefined));
    const first = blocked.find((rule) => rule !== undefined);
    if (first === undefined || !(demand.every ? true : blocked.every((rule) => rule !== undefined))) continue;
    const sure = set.every(({ rule }) => meeting(condition, rule.condition) === 'always');
    return [contradiction(placed, first, 'nothing that it asks for may be said', sure)];
  }
  // of both lists of the vocabulary `usedAndAvoided` tells
  return placed.name === 'vocabulary.use' ? [] : demand.phrases.flatMap((phrase) => sometimesUnsayable(phrase, placed, certain));
}

function sometimesUnsayable(phrase: string, placed: PlacedRule, forbidding: readonly PlacedRule[]): readonly PersonaFinding[] {
  const by = forbidding.find(({ rule }) => forbiddenIn(phrase, rule.demand) !== undefined);
  return by === undefined ? [] : [contradiction(placed, by, `${quoted(phrase)} may never be said`, false)];
}

function apart(one: PlacedRule, other: PlacedRule): readonly PersonaFinding[] {
  const met = meeting(one.rule.condition, other.rule.condition);
  const why = met === 'never' ? undefined : conflictOf(one.rule.demand, other.rule.demand);
  if (why === undefined) return [];
  return [contradiction(one, other, met === 'always' ? why : `for a message that says the words of both, ${why}`, met === 'always')];
}

const asksForQuestion = /\b(?:end|ends|close|closes|finish|finishes|ask|asks)\b[^.;]*\bquestion\b|\?\s*$/i;
const deniesQuestion = /\b(?:no|not|never|without|avoid|instead of)\b/i;

/** A line of the response pattern that asks for a question, where a rule allows none. */
function askingPattern({ responsePattern }: Persona, rules: readonly PlacedRule[], source: SourceDocument): readonly PersonaFinding[] {
  const silent = rules.find(({ rule }) => rule.condition === undefined && rule.demand.kind === 'absent' && rule.demand.found.test('?'));
  if (silent === undefined) return [];
  return responsePattern.flatMap((line, index) => {
    if (!asksForQuestion.test(line) || deniesQuestion.test(line)) return [];
    const name = `the response pattern ${quoted(line)}`;
    return [contradiction({ name, place: source.placeOf(['responsePattern', index]) }, silent, 'it asks for a question', true)];
  });
}

/** Examples and boundary answers that break a rule which applies to them. */
function brokenBy(persona: Persona, rules: readonly PlacedRule[], source: SourceDocument): readonly PersonaFinding[] {
  const spoken = [
    ...persona.examples.map(({ user, assistant }, index) => ({
      name: `the answer of example ${index + 1}`,
      ...{ user, answer: assistant, path: ['examples', index, 'assistant'] },
    })),
    ...(persona.boundaries ?? []).flatMap(({ topic, answer }, index) =>
      answer === undefined ? [] : [{ name: `the answer to ${quoted(topic)}`, user: topic, answer, path: ['boundaries', index, 'answer'] }],
    ),
  ];
  return spoken.flatMap(({ name, user, answer, path }) =>
    rules
      .filter(({ rule }) => keptRules([rule], { user, answer, tags: [] }).broken.length > 0)
      .map((rule) => contradiction({ name, place: source.placeOf(path) }, rule, 'it breaks the rule', false)),
  );
}

function contradiction(one: Pick<PlacedRule, 'name' | 'place'>, other: PlacedRule, why: string, sure: boolean): PersonaFinding {
  return {
    severity: sure ? 'error' : 'warning',
    code: 'persona-contradicts-itself',
    message: `${capital(one.name)} does not go with ${other.name} (${spot(other.place)}): ${why}.`,
    hint: sure ? 'No answer can keep both: change one of them.' : 'Change one of them.',
    place: one.place,
    other: other.place,
  };
}

function capital(text: string): string {
  return text.startsWith('vocabulary.') ? text : text.charAt(0).toUpperCase() + text.slice(1);
}

function spot({ file, line }: Place): string {
  return line === undefined ? basename(file) : `${basename(file)}:${line}`;
}
