import { RungError } from '#core/errors.ts';
import type { Section } from '#core/prompt.ts';
import { type PersonaRule, parseRule, type RuleDemand } from './persona-rules.ts';
import { contentWords, sentencesOf } from './phrases.ts';

/** One thing that a prompt, a persona or an overlay says, and where. */
export interface Statement {
  readonly text: string;
  readonly file: string;
  /** The section it stands in, or the key, as `rules`. */
  readonly heading: string;
  /** As a rule of the persona grammar, where it is one. */
  readonly rule: PersonaRule | undefined;
  /** How long the answer is to be, where it says so. */
  readonly length: RuleDemand | undefined;
  /** The language or the form that it asks for. */
  readonly language: string | undefined;
  readonly form: string | undefined;
  /** True where it forbids. */
  readonly negative: boolean;
  /** True where it says "always". */
  readonly always: boolean;
  /** The words that carry its meaning, each once. */
  readonly words: ReadonlySet<string>;
}

/** Takes the text of sections apart into its sentences. */
export function statementsOf(sections: readonly Section[], file: string): readonly Statement[] {
  return sections.flatMap(({ heading, text }) =>
    text.split('\n').flatMap((line) => {
      const written = line.replace(/^\s*(?:[-*•]|\d+[.)])\s+/, '').trim();
      // a rule with a condition is one statement, whatever full stops its phrases have
      const rule = ruleOf(written);
      return rule === undefined ? sentencesOf(written).map((each) => statement(each, file, heading)) : [statement(written, file, heading)];
    }),
  );
}

/** A line that is a rule. */
export function statement(text: string, file: string, heading: string): Statement {
  const negation = /^(?:please )?(?:never|do not|don't|avoid|no|must not|under no circumstances)\b/i.test(text);
  const bare = text.replace(/^(?:please )?(?:always|never|do not|don't|avoid|must not)\b/i, '');
  return {
    text,
    file,
    heading,
    rule: ruleOf(text),
    length: lengthOf(text),
    language: languageOf(text),
    form: negation ? undefined : formOf(text),
    negative: negation,
    always: /^always\b/i.test(text),
    words: new Set(contentWords(bare)),
  };
}

function ruleOf(text: string): PersonaRule | undefined {
  try {
    return parseRule(text.replace(/\.$/, ''));
  } catch (error) {
    if (RungError.is(error)) return undefined;
    throw error;
  }
}

const numbers: ReadonlyMap<string, number> = new Map(
  ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'].map((word, index) => [word, index + 1]),
);

/** A length that a sentence asks for in words of its own: "keep it under 40 words", "in two sentences". */
function lengthOf(text: string): RuleDemand | undefined {
  const amount = `(\\d+|${[...numbers.keys()].join('|')})`;
  const match = new RegExp(
    `\\b(at most|no more than|up to|under|fewer than|less than|maximum of|at least|no fewer than|more than|over|exactly|in)\\s+${amount}\\s+(word|sentence)s?\\b`,
    'i',
  ).exec(text);
  if (match === null) return undefined;
  const [, bound = '', number = '', unit = ''] = match;
  const count = numbers.get(number.toLowerCase()) ?? Number(number);
  const atLeast = /^(at least|no fewer than|more than|over)$/i.test(bound);
  const exactly = /^(exactly|in)$/i.test(bound);
  return {
    kind: 'count',
    unit: unit.toLowerCase() === 'word' ? 'word' : 'sentence',
    least: atLeast || exactly ? count : 0,
    most: atLeast ? Number.POSITIVE_INFINITY : count,
  };
}

const languages =
  'English|German|French|Spanish|Italian|Portuguese|Dutch|Polish|Swedish|Danish|Norwegian|Finnish|Czech|Greek|Turkish|Russian|Ukrainian|Arabic|Hebrew|Hindi|Chinese|Japanese|Korean|Vietnamese|Thai|Indonesian';

function languageOf(text: string): string | undefined {
  return new RegExp(`\\b(?:in|into|use|speak)\\s+(${languages})\\b`, 'i').exec(text)?.[1]?.toLowerCase();
}

const forms: readonly (readonly [RegExp, string])[] = [
  [/\bJSON\b/i, 'JSON'],
  [/\bXML\b/i, 'XML'],
  [/\bYAML\b/i, 'YAML'],
  [/\bCSV\b/i, 'CSV'],
  [/\bHTML\b/i, 'HTML'],
  [/\bMarkdown\b/i, 'Markdown'],
  [/\bplain text\b/i, 'plain text'],
  [/\b(?:as|in) a table\b/i, 'a table'],
  [/\b(?:as|in|with) (?:a (?:bulleted |numbered )?list|bullet points)\b/i, 'a list'],
  [/\banswer with one of:/i, 'a label'],
];

function formOf(text: string): string | undefined {
  return forms.find(([pattern]) => pattern.test(text))?.[1];
}
