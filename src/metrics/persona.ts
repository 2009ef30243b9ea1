import { textOf } from '#core/example.ts';
import { defineMetric, type Metric } from '#core/metric.ts';
import type { Persona } from '#core/task-brief.ts';
import { keptRules, type PersonaRule, personaRules } from '#data/persona-rules.ts';

/** How well an answer keeps to `persona.yaml`: the share of its checkable rules that apply to the request and are kept. */
export const persona: Metric = createPersona();

function createPersona(): Metric {
  const parsed = new WeakMap<Persona, readonly PersonaRule[]>();
  const rulesOf = (of: Persona) => {
    const known = parsed.get(of);
    if (known !== undefined) return known;
    const rules = personaRules(of);
    parsed.set(of, rules);
    return rules;
  };
  return defineMetric({
    id: 'persona',
    summary: "Mean share of the persona's rules that the answers keep.",
    better: 'higher',
    scale: 'mean',
    onError: 0,
    score(example, answer, { task }) {
      if (task.persona === undefined) return { value: null, reason: 'the task has no persona' };
      const request = { answer: answer.text, user: textOf(example.input), tags: example.tags };
      const { applying, broken } = keptRules(rulesOf(task.persona), request);
      if (applying === 0) return { value: null, reason: 'no rule of the persona applies' };
      const value = (applying - broken.length) / applying;
      return broken.length === 0 ? { value } : { value, reason: `broken: ${broken.join('; ')}` };
    },
  });
}
