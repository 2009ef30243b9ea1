import { defineMetric, type Metric } from '#core/metric.ts';
import { askJudge, judgeAsks, openJudge, type Rubric } from './judge-asking.ts';

const notReady = 'no judge was opened';

/** A model's mark of how far a text does what the task's instructions ask, from 0 to 1. Needs `models.judge`. */
export const judge: Metric = defineMetric({
  id: 'judge',
  summary: "Mean mark that the task's judge gives for doing what the instructions ask; for answers in words.",
  better: 'higher',
  scale: 'mean',
  onError: 0,
  asks: judgeAsks,
  async ready(input, models) {
    const { task } = input;
    if (task.output.kind !== 'text') return { ...judge, judge: async () => ({ value: null, reason: 'the answers are no texts' }) };
    const model = await openJudge('judge', input, models);
    const constraints = (task.prompt.constraints ?? []).map((line) => `- ${line}`);
    const rubric: Rubric = {
      text: [
        'The answer does what these instructions ask, completely and correctly, and adds nothing that is wrong:',
        task.instructions,
        ...constraints,
      ].join('\n'),
      showsExpected: true,
    };
    return { ...judge, judge: (example, answer, { signal }) => askJudge(model, rubric, example, answer, signal) };
  },
  judge: async () => ({ value: null, reason: notReady }),
});
