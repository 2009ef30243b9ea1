import { expectedText } from '#core/example.ts';
import { defineMetric } from '#core/metric.ts';
import { contentWords, hasPhrase, wordsOf } from '#data/phrases.ts';
import { isShown, placesOf } from './passage-tags.ts';

/**
 * Right or wrong: the passages that stood in the prompt were used. Where a right one was among them, every telling word
 * of the answer must stand in them; where none was, the answer must say so. A right passage is one that the example's
 * tags name (`passage:ID`, `document:ID`); of an example without such tags one that holds the expected text. Whether
 * the answer is right is not asked: a wrong line copied from a shown passage is grounded.
 */
export const grounded = defineMetric({
  id: 'grounded',
  summary: 'Share of answers taken from the passages shown, or that say the passages do not tell where none shown does.',
  better: 'higher',
  scale: 'proportion',
  onError: null,
  score(example, answer) {
    const shown = answer.steps?.find(({ name }) => name === 'passages')?.text;
    if (answer.retrieved === undefined || shown === undefined) return { value: null, reason: 'nothing was looked up' };
    const places = placesOf(example);
    if (places.length === 0 && example.expected === undefined)
      return { value: null, reason: 'the example does not say where its answer stands' };
    const isTold = places.length > 0 ? isShown(places, answer.retrieved) : hasPhrase(shown, expectedText(example.expected ?? null));
    const abstained = answer.steps?.some(({ name }) => name === 'unanswerable') ?? false;
    if (!isTold) return abstained ? { value: 1 } : { value: 0, reason: 'answered though no passage shown holds the answer' };
    if (abstained) return { value: 0, reason: 'a passage shown holds the answer, and was not used' };
    const here = new Set(wordsOf(shown.toLowerCase()));
    const words = tellingWords(answer.text);
    const missing = words.filter((word) => !here.has(word));
    if (words.length > 0 && missing.length === 0) return { value: 1 };
    return {
      value: 0,
      reason: words.length === 0 ? 'the answer is empty' : `not in the passages shown: ${missing.slice(0, 5).join(', ')}`,
    };
  },
});

/** Content words and numbers; all words where there are none, as in "no". */
function tellingWords(text: string): readonly string[] {
  const all = wordsOf(text.toLowerCase());
  const content = new Set(contentWords(text));
  const telling = all.filter((word) => content.has(word) || /\p{N}/u.test(word));
  return telling.length > 0 ? telling : all;
}
