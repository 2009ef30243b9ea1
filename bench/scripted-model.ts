// A classifier made of rules in place of a model. What a prompt holds decides how often it is right, by a known function:
//
//   chance(prompt, question) = 0.35
//     + 0.10  the labels to choose from are all named
//     + 0.20  a line defines the question's label: it names that label alone and two or more of its cue words
//     − 0.12  the label is easily taken for another, and no line tells the two apart (names both and a cue word)
//     + 0.12  one example of the label is shown; + 0.18 from two on
//     + 0.05  an example of the label shares three content words or more with the question
//     − 0.02  for each 100 words of the prompt beyond 400, at most 0.20
//
// so that no prompt does better than 0.88; what one that knows these rules reaches on a task is in scripted-model-ideal.ts.
// The cue words of a label are the twelve words that set its rows apart from the others. The answer is right where a number drawn from the
// question alone (in seven of ten questions) or from prompt and question (in the others) is below that chance: the
// same request always gets the same answer, and two prompts fail on much the same rows, as with real models. A wrong
// answer is the label that is taken for it, where there is one.
import { createHash } from 'node:crypto';
import type { Answerer } from './optimizer-server.ts';
import { contentWords, cueWords, easilyConfused, type LabelledText } from './scripted-model-words.ts';

/** Number in [0, 1) that depends on nothing but the texts. */
export function hashedNumber(...texts: readonly string[]): number {
  return createHash('sha256').update(texts.join('\u0000')).digest().readUIntBE(0, 6) / 2 ** 48;
}

/** What a prompt says besides its question. */
interface PromptContent {
  readonly text: string;
  readonly words: number;
  readonly allNamed: boolean;
  readonly defined: ReadonlySet<string>;
  /** `a|b`, in the order of the alphabet. */
  readonly toldApart: ReadonlySet<string>;
  readonly examples: readonly LabelledText[];
}

export interface ScriptedModel {
  readonly answer: Answerer;
  /** The chance of a right answer that a request's prompt earns; undefined where it asks nothing that is known. */
  chanceOf(messages: readonly { readonly role: string; readonly content: string }[]): number | undefined;
}

/** A model of these labelled rows. A question that is none of them gets the answer "unknown". */
export function scriptedModel(rows: readonly LabelledText[]): ScriptedModel {
  const labels = [...new Set(rows.map(({ label }) => label))].sort();
  const labelOf = new Map(rows.map(({ text, label }) => [text, label]));
  const cues = cueWords(rows);
  const confused = easilyConfused(rows);
  const contents = new Map<string, PromptContent>();
  const named = labels.map((label) => ({ label, pattern: new RegExp(`(?<![\\w])${label.replaceAll('_', '[_ ]')}(?![\\w])`, 'i') }));
  const labelsIn = (line: string) => named.filter(({ pattern }) => pattern.test(line)).map(({ label }) => label);

  function split(messages: readonly { role: string; content: string }[]) {
    const last = messages.at(-1)?.content ?? '';
    const question = questionIn(last, labelOf);
    const before = question === undefined ? last : last.slice(0, last.lastIndexOf(question));
    const prompt = [...messages.slice(0, -1).map(({ content }) => content), before].join('\n');
    return { question, prompt };
  }

  function contentOf(prompt: string): PromptContent {
    const known = contents.get(prompt);
    if (known !== undefined) return known;
    const { examples, rest } = examplesIn(prompt, labelOf, labels);
    const defined = new Set<string>();
    const toldApart = new Set<string>();
    for (const line of rest) {
      const words = new Set(contentWords(line));
      const [one, other, ...more] = labelsIn(line);
      if (one === undefined || more.length > 0) continue;
      const cuesOf = (label: string) => (cues.get(label) ?? []).filter((word) => words.has(word)).length;
      if (other === undefined) {
        if (cuesOf(one) >= 2) defined.add(one);
      } else if (cuesOf(one) + cuesOf(other) >= 1) toldApart.add([one, other].sort().join('|'));
    }
    const content = {
      text: prompt,
      words: prompt.split(/\s+/).length,
      allNamed: new Set(rest.flatMap(labelsIn)).size === labels.length,
      defined,
      toldApart,
      examples,
    };
    contents.set(prompt, content);
    return content;
  }

  function chance(content: PromptContent, question: string, label: string): number {
    const partner = confused.get(label);
    const same = content.examples.filter((example) => example.label === label);
    const words = new Set(contentWords(question));
    const near = same.some(({ text }) => new Set(contentWords(text)).intersection(words).size >= 3);
    const muddled = partner !== undefined && !content.toldApart.has([label, partner].sort().join('|'));
    const tooLong = Math.min(0.2, Math.max(0, (0.02 * (content.words - 400)) / 100));
    return (
      0.35 +
      (content.allNamed ? 0.1 : 0) +
      (content.defined.has(label) ? 0.2 : 0) -
      (muddled ? 0.12 : 0) +
      (same.length > 1 ? 0.18 : 0.12 * same.length) +
      (near ? 0.05 : 0) -
      tooLong
    );
  }

  return {
    chanceOf(messages) {
      const { question, prompt } = split(messages);
      const label = question === undefined ? undefined : labelOf.get(question);
      return question === undefined || label === undefined ? undefined : chance(contentOf(prompt), question, label);
    },
    answer({ messages }) {
      const { question, prompt } = split(messages);
      const label = question === undefined ? undefined : labelOf.get(question);
      if (question === undefined || label === undefined) return dressed(messages, 'unknown');
      const drawn = hashedNumber('which', question) < 0.7 ? hashedNumber(question) : hashedNumber(prompt, question);
      if (drawn < chance(contentOf(prompt), question, label)) return dressed(messages, label);
      const others = labels.filter((other) => other !== label);
      return dressed(messages, confused.get(label) ?? (others[Math.floor(hashedNumber('wrong', question) * others.length)] as string));
    },
  };
}

// DSPy asks for markers or JSON, ax for a line that begins with the field's title
function dressed(messages: readonly { readonly content: string }[], label: string): { readonly text: string } {
  const text = messages.map(({ content }) => content).join('\n');
  if (text.includes('[[ ## answer ## ]]')) return { text: `[[ ## answer ## ]]\n${label}\n\n[[ ## completed ## ]]` };
  if (/\bJSON object\b/.test(text) && /"answer"|`answer`/.test(text)) return { text: JSON.stringify({ answer: label }) };
  return { text: /^Answer:|`Answer:|Answer: /m.test(text) ? `Answer: ${label}` : label };
}

function questionIn(text: string, labelOf: ReadonlyMap<string, string>): string | undefined {
  return text
    .split('\n')
    .map(bare)
    .findLast((line) => labelOf.has(line));
}

// a row may stand after its field's name
function bare(line: string): string {
  return line.replace(/^\s*(?:[-*]\s*)?(?:(?:Message|Input|Query)\s*:\s*)?/i, '').trim();
}

const linesUntilAnswer = 8;

/** Rows that stand in the prompt with a label soon after them, and the lines that belong to no such row. */
function examplesIn(
  prompt: string,
  labelOf: ReadonlyMap<string, string>,
  labels: readonly string[],
): { examples: LabelledText[]; rest: string[] } {
  const lines = prompt.split('\n');
  const examples: LabelledText[] = [];
  const rest: string[] = [];
  const known = new Set(labels);
  for (let at = 0; at < lines.length; at++) {
    const text = bare(lines[at] as string);
    if (!labelOf.has(text)) {
      rest.push(lines[at] as string);
      continue;
    }
    const after = lines.slice(at + 1, at + 1 + linesUntilAnswer).findIndex((line) => known.has(answerIn(line)));
    if (after < 0) continue;
    examples.push({ text, label: answerIn(lines[at + 1 + after] as string) });
    at += 1 + after;
  }
  return { examples, rest };
}

function answerIn(line: string): string {
  return line.replace(/^\s*(?:Answer|Output|Label)\s*:\s*/i, '').trim();
}
