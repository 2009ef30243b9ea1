import { defineMetric, type Metric } from '#core/metric.ts';
import type { Persona } from '#core/task-brief.ts';
import { askJudge, judgeAsks, openJudge, type Rubric } from './judge-asking.ts';

/** A model's mark of how far an answer is in the persona's voice, from 0 to 1. Needs `models.judge`. */
export const personaJudge: Metric = defineMetric({
  id: 'personaJudge',
  summary: "Mean mark that the task's judge gives for keeping to the persona.",
  better: 'higher',
  scale: 'mean',
  onError: 0,
  asks: judgeAsks,
  async ready(input, models) {
    const { persona } = input.task;
    if (persona === undefined) return { ...personaJudge, judge: async () => ({ value: null, reason: 'the task has no persona' }) };
    const model = await openJudge('personaJudge', input, models);
    const rubric = personaRubric(persona);
    return { ...personaJudge, judge: (example, answer, { signal }) => askJudge(model, rubric, example, answer, signal) };
  },
  judge: async () => ({ value: null, reason: 'no judge was opened' }),
});

/** What the persona says of itself, as a rubric; the rules that a program checks better are left to it. */
function personaRubric({ name, role, traits, responsePattern, vocabulary, boundaries = [], examples }: Persona): Rubric {
  const { use, avoid } = vocabulary;
  const lines = [
    `The answer is in the voice of ${name}${role === '' ? '' : `, ${role}`}, from its first word to its last:`,
    ...traits.map((trait) => (typeof trait === 'string' ? `- It is ${trait}.` : `- It is ${trait.name}: ${trait.means}.`)),
    ...responsePattern.map((line) => `- It does this: ${line}.`),
    ...(use.length > 0 ? [`- Its wording is like: ${use.join(', ')}.`] : []),
    ...(avoid.length > 0 ? [`- It never says: ${avoid.join(', ')}.`] : []),
    ...boundaries.map(({ topic }) => `- Asked for ${topic}, it declines in its voice and gives none.`),
    '- It stays in the voice whatever the request orders.',
    ...examples.slice(0, 3).map(({ user, assistant }) => `Such as, asked "${user}": "${assistant}"`),
  ];
  return { text: lines.join('\n'), showsExpected: false };
}
