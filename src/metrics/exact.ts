import { expectedText } from '#core/example.ts';
import { defineMetric } from '#core/metric.ts';

/** Right or wrong: the text is the expected one, letter for letter but for white space around it. */
export const exact = defineMetric({
  id: 'exact',
  summary: 'Share of answers whose text equals the expected text.',
  better: 'higher',
  scale: 'proportion',
  onError: 0,
  score(example, answer) {
    if (example.expected === undefined) return { value: null, reason: 'the example has no expected value' };
    return answer.text.trim() === expectedText(example.expected).trim()
      ? { value: 1 }
      : { value: 0, reason: 'the text differs from the expected one' };
  },
});
