import { type Example, expectedText, messagesOf } from '#core/example.ts';
import type { Json } from '#core/json.ts';
import type { Message } from '#core/message.ts';

/** Words from which on an expected answer is too long to be met to the letter. */
const longAnswer = 10;

/** A question of general ability, asked of the model itself without a task's prompt. */
export interface AbilityQuestion {
  readonly id: string;
  /** Its first tag; questions without one share a name. */
  readonly ability: string;
  readonly messages: readonly Message[];
  readonly expected: string;
  readonly maxOutputTokens: number;
}

/** The examples with an expected answer, as questions. */
export function abilityQuestions(examples: readonly Example[]): AbilityQuestion[] {
  return examples.flatMap(({ id, tags, input, expected }) => {
    if (expected === undefined) return [];
    const text = expectedText(expected as Json);
    // a token is at least a character; more room than the right answer takes tells nothing
    const maxOutputTokens = Math.min(512, text.length + 8);
    return [{ id, ability: tags[0] ?? 'general', messages: messagesOf(input), expected: text, maxOutputTokens }];
  });
}

/**
 * How answers to questions of general ability are scored, one way for all of them: to the letter where every expected answer
 * is of a few words; else by the words they share (F1 over the bags of words, Rajpurkar et al. 2016, arXiv:1606.05250).
 */
export function abilityScorer(questions: readonly AbilityQuestion[]): (question: AbilityQuestion, answer: string) => number {
  const isShort = questions.every(({ expected }) => wordsOf(expected).length <= longAnswer);
  return isShort
    ? ({ expected }, answer) => (plain(answer) === plain(expected) ? 1 : 0)
    : ({ expected }, answer) => sharedWords(wordsOf(expected), wordsOf(answer));
}

function sharedWords(expected: readonly string[], answered: readonly string[]): number {
  if (expected.length === 0 || answered.length === 0) return expected.length === answered.length ? 1 : 0;
  const left = new Map<string, number>();
  for (const word of expected) left.set(word, (left.get(word) ?? 0) + 1);
  let shared = 0;
  for (const word of answered) {
    const more = left.get(word) ?? 0;
    if (more === 0) continue;
    left.set(word, more - 1);
    shared++;
  }
  return (2 * shared) / (expected.length + answered.length);
}

function plain(text: string): string {
  return text.normalize('NFKC').replace(/\s+/g, ' ').trim();
}

function wordsOf(text: string): readonly string[] {
  return (
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}
