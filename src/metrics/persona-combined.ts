import { messageOf } from '#core/errors.ts';
import { defineMetric, type Metric, type Score } from '#core/metric.ts';
import { ModelError } from '#core/model-error.ts';
import { hasJudge, judgeAsks } from './judge-asking.ts';
import { persona } from './persona.ts';
import { personaJudge } from './persona-judge.ts';
import { personaVoice } from './persona-voice.ts';

/**
 * The mean of what there is of three views of the same voice: the rules, a classifier trained on the persona's examples,
 * a judge where the task names one. Each is kept as a part, so that their agreement can be told.
 */
export const personaCombined: Metric = defineMetric({
  id: 'personaCombined',
  summary: "Mean of the persona's rules, its classifier, and a judge where the task names one.",
  better: 'higher',
  scale: 'mean',
  // rules say yes where all of them are kept: a share of half of them is no half of a voice
  cuts: { rules: 1 },
  onError: 0,
  asks: judgeAsks,
  async ready(input, models) {
    const voice = (await personaVoice.ready?.(input, models)) ?? personaVoice;
    if (input.task.persona === undefined || !hasJudge(input)) {
      const local: Metric['score'] = (...row) => combined(localParts(voice, ...row));
      return { ...personaCombined, score: local };
    }
    const asking = (await personaJudge.ready?.(input, models)) ?? personaJudge;
    const judge: Metric['judge'] = async (example, answer, context) => {
      const mark = await markOf(() => asking.judge?.(example, answer, context));
      return combined({ ...localParts(voice, example, answer, context), judge: mark }, mark);
    };
    return { ...personaCombined, score: undefined, judge };
  },
  score: (...row) => combined(localParts(personaVoice, ...row)),
});

/** A call that failed costs the row's mark, not the parts that need no judge; what would fail on every row is thrown. */
async function markOf(ask: () => Promise<Score> | undefined): Promise<Score> {
  try {
    return (await ask()) ?? { value: null };
  } catch (error) {
    if (ModelError.is(error) && error.kind !== 'unauthorised') return { value: null, reason: messageOf(error) };
    throw error;
  }
}

function localParts(voice: Metric, ...row: Parameters<NonNullable<Metric['score']>>): Readonly<Record<string, Score | undefined>> {
  return { rules: persona.score?.(...row), classifier: voice.score?.(...row) };
}

/** A row that the judge could not mark has no score: a mean of fewer parts would not be the same measure. Its parts are kept. */
function combined(scores: Readonly<Record<string, Score | undefined>>, judge?: Score): Score {
  const parts = Object.fromEntries(
    Object.entries(scores).flatMap(([part, score]) => (typeof score?.value === 'number' ? [[part, score.value]] : [])),
  );
  const values = Object.values(parts);
  const reasons = Object.entries(scores).flatMap(([part, score]) => (score?.reason === undefined ? [] : [`${part}: ${score.reason}`]));
  const reason = reasons.length === 0 ? {} : { reason: reasons.join('; ') };
  if (judge?.value === null) return { value: null, reason: judge.reason, parts };
  if (values.length === 0) return { value: null, ...reason };
  return { value: values.reduce((sum, value) => sum + value, 0) / values.length, ...reason, parts };
}
