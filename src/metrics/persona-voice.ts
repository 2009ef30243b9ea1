import { defineMetric, type Metric, type Score } from '#core/metric.ts';
import { voiceSamples } from '#data/persona-neutral.ts';
import { neutralParaphrases } from './neutral-paraphrases.ts';
import { voiceClassifier } from './voice-classifier.ts';

/**
 * How much an answer reads like the persona's own rather than like a neutral one, by a classifier trained on both. Where
 * `models:` names a role `paraphrase`, that model writes neutral answers besides those of the persona.
 */
export const personaVoice: Metric = defineMetric({
  id: 'personaVoice',
  summary: "Mean probability that an answer is in the persona's voice, by a classifier trained on its examples.",
  better: 'higher',
  scale: 'mean',
  onError: 0,
  async ready({ task, train, roles, seed }, models) {
    if (task.persona === undefined) return { ...personaVoice, score: () => ({ value: null, reason: 'the task has no persona' }) };
    const samples = voiceSamples(task.persona, train);
    const paraphraser = roles['paraphrase'];
    const made = paraphraser === undefined ? [] : await neutralParaphrases(samples.voiced, await models.model({ model: paraphraser }));
    const { probability, why } = await voiceClassifier({ ...samples, neutral: [...samples.neutral, ...made] }, seed);
    return {
      ...personaVoice,
      score: (_example, answer): Score => {
        if (probability === undefined) return { value: null, reason: why };
        const value = probability(answer.text);
        return value >= 0.5 ? { value } : { value, reason: "reads less like the persona's answers than like neutral ones" };
      },
    };
  },
  score: () => ({ value: null, reason: 'no classifier was trained' }),
});
