import { canonicalJson, isJsonObject } from '#core/json.ts';
import { defineMetric } from '#core/metric.ts';

/** Share of the expected JSON's fields that the answer has right; fields of nested objects count one by one, lists as one. */
export const fieldAccuracy = defineMetric({
  id: 'fieldAccuracy',
  summary: 'Mean share of JSON fields that are right.',
  better: 'higher',
  scale: 'mean',
  onError: 0,
  score(example, answer) {
    if (!isJsonObject(example.expected)) return { value: null, reason: 'the expected value has no fields' };
    const expected = fieldsOf(example.expected);
    if (expected.size === 0) return { value: null, reason: 'the expected value has no fields' };
    const answered = isJsonObject(answer.value) ? fieldsOf(answer.value) : new Map<string, string>();
    const wrong = [...expected].filter(([path, value]) => answered.get(path) !== value).map(([path]) => path);
    const value = (expected.size - wrong.length) / expected.size;
    return wrong.length === 0 ? { value } : { value, reason: `wrong or absent: ${wrong.join(', ')}` };
  },
});

function fieldsOf(object: Record<string, unknown>, prefix = ''): Map<string, string> {
  const fields = new Map<string, string>();
  for (const [key, value] of Object.entries(object)) {
    if (value === undefined) continue;
    const path = `${prefix}${key}`;
    if (isJsonObject(value)) for (const [inner, text] of fieldsOf(value, `${path}.`)) fields.set(inner, text);
    else fields.set(path, canonicalJson(value));
  }
  return fields;
}
