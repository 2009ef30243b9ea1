import type { Overlay } from '#core/prompt.ts';
import type { TaskBrief } from '#core/task-brief.ts';
import { parseSlots, type SlotName } from '#data/prompt-slots.ts';

/** An overlay as the text of a turn of its own; undefined where a slot stands open that a task does not fill. */
export function overlayText({ sections, file }: Overlay, task: TaskBrief): string | undefined {
  const texts = sections.map(({ heading, text, replace }) => {
    const parts = parseSlots(text, { file }).map((part) => (typeof part === 'string' ? part : fill(part.slot, task)));
    const body = parts.includes(undefined) ? undefined : parts.join('');
    if (body === undefined || heading === '') return body;
    return `# ${heading}${replace ? ' (instead of what was said of it before)' : ''}\n${body}`;
  });
  return texts.includes(undefined) ? undefined : texts.join('\n\n');
}

function fill(slot: SlotName, { instructions, prompt, output }: TaskBrief): string | undefined {
  const filled: Partial<Record<SlotName, string | undefined>> = {
    instructions,
    role: prompt.role,
    context: prompt.context,
    constraints: prompt.constraints?.join('\n'),
    labels: output.kind === 'labels' ? output.labels.join(', ') : undefined,
  };
  return filled[slot];
}
