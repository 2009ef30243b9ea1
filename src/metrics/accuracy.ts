import { expectedText } from '#core/example.ts';
import { canonicalJson, type Json } from '#core/json.ts';
import { defineMetric } from '#core/metric.ts';

/** Right or wrong: the value read from the answer equals the expected one; the order of JSON keys does not matter. */
export const accuracy = defineMetric({
  id: 'accuracy',
  summary: 'Share of answers whose value equals the expected one.',
  better: 'higher',
  scale: 'proportion',
  onError: 0,
  score(example, answer) {
    if (example.expected === undefined) return { value: null, reason: 'the example has no expected value' };
    if (answer.value === undefined) return { value: 0, reason: 'no value could be read from the answer' };
    if (canonicalJson(answer.value) === canonicalJson(example.expected)) return { value: 1 };
    return { value: 0, reason: `expected ${shown(example.expected)}, answered ${shown(answer.value)}` };
  },
});

function shown(value: Json): string {
  const text = expectedText(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
