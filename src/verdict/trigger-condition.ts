import type { Trigger, TriggerCondition } from '#core/verdict.ts';

/** True where a value satisfies a condition. Dates are ISO texts, which sort as dates; a text never meets a number. */
export function holds({ operator, bound }: TriggerCondition, value: number | string): boolean {
  if (typeof value !== typeof bound) return false;
  if (operator === '<') return value < bound;
  if (operator === '>') return value > bound;
  return operator === '<=' ? value <= bound : value >= bound;
}

/** A trigger with its condition in words and what it says of the figure now. */
export function triggerOf(id: string, condition: TriggerCondition, now: number | string, consequence: string): Trigger {
  const { figure, operator, bound } = condition;
  // biome-ignore lint/suspicious/noThenProperty: the verdict document names it so, and it is a text, never a function
  return { id, when: `${figure} ${operator} ${bound}`, condition, now, fired: holds(condition, now), then: consequence };
}
