import type { TrainingEvent } from '#core/trainer.ts';
import { troubleIn } from '#jobs/trouble.ts';

/** Listens to a training and says, at each evaluation, what goes wrong with it: each sign once. */
export function troubleTeller(say: (text: string) => void): (event: TrainingEvent) => void {
  const events: TrainingEvent[] = [];
  const said = new Set<string>();
  return (event) => {
    events.push(event);
    if (event.type !== 'evaluation') return;
    for (const { id, sign, advice } of troubleIn(events)) {
      if (said.has(id)) continue;
      said.add(id);
      say(`${sign} ${advice}`);
    }
  };
}
