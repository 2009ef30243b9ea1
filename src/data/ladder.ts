import { inputError } from '#core/errors.ts';
import type { LadderEntry } from '#core/task.ts';
import type { CheckedTask } from './checked-task.ts';
import { quoted } from './nearest.ts';
import { without } from './task-schema.ts';

/**
 * Reads `ladder:`. An entry without a name is called after its rung; where that name is taken, the model's name is
 * added, and then a number. Throws where two entries are given the same name.
 */
export function readLadder({ document, shape }: CheckedTask): LadderEntry[] {
  const given = new Set<string>();
  for (const [index, { name }] of shape.ladder.entries()) {
    if (name !== undefined && given.has(name)) {
      throw inputError({
        code: 'rung-repeated',
        message: `Two entries of the ladder are named ${quoted(name)}.`,
        hint: 'Give each its own name.',
        place: document.placeOf(['ladder', index, 'name']),
      });
    }
    if (name !== undefined) given.add(name);
  }
  const taken = new Set(given);
  return shape.ladder.map((entry) => {
    const model = entry.model ?? 'base';
    const rung = typeof entry.rung === 'string' ? entry.rung : entry.rung.id;
    const name = entry.name ?? freeName(taken, rung, entry.model);
    taken.add(name);
    return { approach: entry.rung, name, model, options: without(entry, 'rung', 'model', 'name') };
  });
}

function freeName(taken: ReadonlySet<string>, rung: string, model: string | undefined): string {
  if (!taken.has(rung)) return rung;
  const base = model === undefined ? rung : `${rung}-${model}`;
  if (base !== rung && !taken.has(base)) return base;
  let number = 2;
  while (taken.has(`${base}-${number}`)) number += 1;
  return `${base}-${number}`;
}
