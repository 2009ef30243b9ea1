import { defineMetric } from '#core/metric.ts';
import { isShown, placesOf } from './passage-tags.ts';

/**
 * Right or wrong, whatever was answered: a passage that holds the answer stood in the prompt. Examples name it by the
 * tag `passage:ID` or `document:ID` (any passage of that document); of several tags one is enough.
 */
export const retrieved = defineMetric({
  id: 'retrieved',
  summary: 'Share of questions whose right passage was found and shown; rows without a tag passage: or document: are left out.',
  better: 'higher',
  scale: 'proportion',
  onError: null,
  score(example, answer) {
    if (answer.retrieved === undefined) return { value: null, reason: 'nothing was looked up' };
    const places = placesOf(example);
    if (places.length === 0) return { value: null, reason: 'the example names no passage and no document' };
    if (isShown(places, answer.retrieved)) return { value: 1 };
    return { value: 0, reason: `not among the passages shown: ${places.map(({ id }) => id).join(', ')}` };
  },
});
