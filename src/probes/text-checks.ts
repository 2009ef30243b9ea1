import { hasPhrase, sentencesOf } from '#data/phrases.ts';
import type { PythonFunction, Value } from './python-expression.ts';

const textOf = (value: Value): string => (typeof value === 'string' ? value : '');
const listOf = (value: Value): readonly string[] => (Array.isArray(value) ? value.map(String) : []);
const wordsOf = (text: string): readonly string[] => text.match(/\S+/g) ?? [];
const bareWords = (text: string): readonly string[] => text.toLowerCase().match(/[\p{L}\p{N}]+(?:['’][\p{L}\p{N}]+)*/gu) ?? [];
const lettersOf = (text: string): readonly string[] => text.match(/\p{L}/gu) ?? [];

/** The share of items that pass; 0 of none. */
function share<T>(items: readonly T[], passes: (item: T, at: number) => boolean): number {
  return items.length === 0 ? 0 : items.filter(passes).length / items.length;
}

function ofText(check: (text: string) => Value): PythonFunction {
  return ([x]) => check(textOf(x));
}

/** The share of words that differ in kind from the word before; the first counts as one that does. */
function alternating(text: string, kindOf: (word: string) => unknown): number {
  const kinds = wordsOf(text).map(kindOf);
  return share(kinds, (kind, at) => at === 0 || (kind !== undefined && kinds[at - 1] !== undefined && kind !== kinds[at - 1]));
}

function caseOf(word: string): 'upper' | 'lower' | undefined {
  const letters = lettersOf(word).join('');
  if (letters === letters.toUpperCase()) return 'upper';
  return letters === letters.toLowerCase() ? 'lower' : undefined;
}

function occurrences(text: string): { words: readonly string[]; count: (word: string) => number } {
  const words = bareWords(text);
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return { words, count: (word) => counts.get(word) ?? 0 };
}

/** How near a number is to the one that is wanted: 1 where it is that, 0 from its double and from 0 on. */
function nearness(found: number, wanted: number): number {
  return 1 - Math.min(1, Math.abs(found - wanted) / wanted);
}

/**
 * The checks that the published prompts of Li et al. 2024 are scored by (github.com/likenneth/persona_drift,
 * hundred_system_prompts.py), by their names there, each from 0 to 1. Where a published check cannot be met as it is
 * written (a lower-case word held against "Yes", a word against its own double), what its prompt asks for is checked.
 */
export const textChecks: Readonly<Record<string, PythonFunction>> = {
  len: ([value]) => (typeof value === 'string' || Array.isArray(value) ? value.length : 0),
  split_into_sentences: ofText((text) => sentencesOf(text)),
  fraction_starts_with: ([x, start]) => textOf(x).toLowerCase().startsWith(textOf(start)),
  fraction_of_case_letters: ([x, upper], named) => {
    const isUpper = named['is_upper'] ?? upper;
    return share(lettersOf(textOf(x)), (letter) => letter === (isUpper ? letter.toUpperCase() : letter.toLowerCase()));
  },
  fraction_non_letter: ofText((text) => share(Array.from(text), (sign) => !/\p{L}/u.test(sign))),
  fraction_digit: ofText((text) => share(Array.from(text), (sign) => /\p{Nd}/u.test(sign))),
  fraction_sentences_that_are_questions: ofText((text) => share(sentencesOf(text), (sentence) => sentence.slice(-2).includes('?'))),
  are_first_and_last_words_same: ofText((text) => bareWords(text).length > 0 && bareWords(text)[0] === bareWords(text).at(-1)),
  count_num_words: ofText((text) => nearness(wordsOf(text).length, 10)),
  count_num_words_one: ofText((text) => (wordsOf(text).length === 0 ? 0 : 1 / wordsOf(text).length)),
  close_to_num: ([x, wanted]) => {
    const found = /\d+/.exec(textOf(x))?.[0];
    return found === undefined ? 0 : nearness(Number(found), Number(wanted));
  },
  is_alliteration: ofText((text) => {
    const initials = bareWords(text).map((word) => word[0]);
    return Math.max(0, ...initials.map((initial) => share(initials, (other) => other === initial)));
  }),
  is_valid_sentence_word_count: ([sentences, pattern]) => {
    const [found, wanted] = [listOf(sentences), listOf(pattern).map(Number)];
    if (found.length !== wanted.length || found.length === 0) return 0;
    const points = found.map((sentence, at) => [1, 0.5][Math.abs(wordsOf(sentence).length - wanted[at]!)] ?? 0);
    return points.reduce((sum, point) => sum + point, 0) / points.length;
  },
  is_increasing_sentence_word_count: ([sentences]) => {
    const lengths = listOf(sentences).map((sentence) => wordsOf(sentence).length);
    return share(lengths, (length, at) => length === (at === 0 ? 0 : lengths[at - 1]!) + 1);
  },
  sentences_start_with: ([sentences, word]) =>
    share(listOf(sentences), (sentence) => bareWords(sentence)[0] === textOf(word).toLowerCase()),
  fraction_unique_words: ofText((text) => {
    const { words, count } = occurrences(text);
    return share(words, (word) => count(word) === 1);
  }),
  fraction_repeated_words: ofText((text) => {
    const { words, count } = occurrences(text);
    return share(words, (word) => count(word) > 1);
  }),
  is_valid_repeat: ofText((text) => {
    const words = bareWords(text);
    return share(words, (word, at) => words[at % 2 === 0 ? at + 1 : at - 1] === word);
  }),
  fraction_alter_upper_lower: ofText((text) => alternating(text, caseOf)),
  fraction_alter_short_long: ofText((text) => alternating(text, (word) => word.length > 4)),
  fraction_alter_banana: ofText((text) => alternating(text, (word) => bareWords(word)[0] === 'banana')),
  does_not_contain: ([x, words]) => !listOf(words).some((word) => bareWords(textOf(x)).includes(word)),
  fraction_of_text_that_is_a_target: ([x, words]) => {
    const targets = new Set(listOf(words));
    return share(bareWords(textOf(x)), (word) => targets.has(word));
  },
  fraction_of_target_words_hit: ([x, words]) => share(listOf(words), (word) => hasPhrase(textOf(x), word)),
  is_valid_json_format: ofText((text) => /\{"thought":.*, "response":.*\}/s.test(text)),
  is_valid_list_format: ofText((text) => {
    const inside = /\[([^\]]*)\]/.exec(text)?.[1];
    return inside === undefined ? 0 : share(inside.split(', '), (value) => !value.includes(' '));
  }),
  is_valid_dash_format: ofText((text) => share(text.split('-'), (piece) => Array.from(piece).length === 1)),
};
