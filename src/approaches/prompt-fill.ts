import { inputError } from '#core/errors.ts';
import type { Overlay, Prompt, Section, Shot } from '#core/prompt.ts';
import type { TaskBrief } from '#core/task-brief.ts';
import { sameHeading } from '#data/overlay-file.ts';
import { turnsOf } from '#data/prompt-shots.ts';
import { parseSlots, type SlotName, type SlotPart } from '#data/prompt-slots.ts';
import { personaSections } from './persona-prompt.ts';
import { constraintsOf, roleOf, signatureOf } from './prompt.ts';

/** A section with what is still open in it: what a question brings. */
export interface OpenSection {
  readonly heading: string;
  readonly parts: readonly SlotPart[];
}

/** What the task says for each slot; absent where it says nothing on it, or where only a question does. */
export type SlotValues = Readonly<Partial<Record<SlotName, string>>>;

export function slotValues(task: TaskBrief, shots: readonly Shot[] = []): SlotValues {
  const { output, prompt, instructions, persona } = task;
  return {
    instructions,
    role: roleOf(task),
    context: prompt.context ?? '',
    constraints: constraintsOf(task),
    persona: personaSections(persona)
      .map(({ text }) => text)
      .filter((text) => text !== '')
      .join('\n'),
    ...(shots.length > 0 && { examples: transcript(turnsOf(shots)) }),
    ...(output.kind === 'labels' && { labels: output.labels.join(', ') }),
    ...(output.kind === 'json' && { schema: signatureOf(output.schema) }),
  };
}

/** Turns as one text. */
export function transcript(turns: readonly { readonly role: string; readonly content: string }[]): string {
  return turns.map(({ role, content }) => `${role === 'assistant' ? 'Assistant' : 'User'}: ${content}`).join('\n');
}

/**
 * Fills what the task says into the slots of a file's sections. A section that its slots leave empty falls away. Throws a
 * usage error for a slot that this task has nothing for.
 */
export function fillSections(sections: readonly Section[], values: SlotValues, file: string): readonly OpenSection[] {
  return sections.flatMap(({ heading, text }) => {
    const written = parseSlots(text, { file });
    const parts = joined(written.map((part) => filled(part, values, heading, file)));
    const isEmpty =
      written.some((part) => typeof part === 'object') && parts.every((part) => typeof part === 'string' && part.trim() === '');
    return isEmpty ? [] : [{ heading, parts }];
  });
}

/** A prompt's sections, with nothing open in them. */
export function literalSections({ sections }: Prompt): readonly OpenSection[] {
  return sections.map(({ heading, text }) => ({ heading, parts: [text] }));
}

/**
 * Lays overlays over a prompt in their order: each section stands behind the base's own text of that heading, or in its
 * place where the overlay says so; a section that the base lacks stands at the end.
 */
export function layOver(base: readonly OpenSection[], overlays: readonly Overlay[], values: SlotValues): readonly OpenSection[] {
  let sections = base;
  for (const { sections: added, file } of overlays) {
    for (const { heading, parts } of fillSections(added, values, file)) {
      const at = sections.findLastIndex((section) => sameHeading(section.heading, heading));
      const before = sections[at];
      if (before === undefined) sections = [...sections, { heading, parts }];
      else {
        const replace = added.some((section) => section.replace && section.heading === heading);
        const laid = replace ? parts : joined([...before.parts, '\n', ...parts]);
        sections = sections.with(at, { heading: before.heading, parts: laid });
      }
    }
  }
  return sections;
}

/** Slots that stay open until a question comes. */
const whenAsked: ReadonlySet<SlotName> = new Set(['query', 'conversation', 'knowledge']);

function filled(part: SlotPart, values: SlotValues, heading: string, file: string): SlotPart {
  if (typeof part === 'string' || whenAsked.has(part.slot)) return part;
  const value = values[part.slot];
  if (value !== undefined) return value;
  const { why, hint } = unfillable[part.slot] ?? { why: 'this task says nothing on it', hint: 'Take the slot out.' };
  throw inputError({
    code: 'slot-unfilled',
    message: `The slot {{${part.slot}}} under # ${heading} cannot be filled: ${why}.`,
    hint,
    place: { file },
  });
}

const unfillable: Readonly<Partial<Record<SlotName, { readonly why: string; readonly hint: string }>>> = {
  labels: { why: 'the output of the task is no list of labels', hint: 'Take the slot out, or give the task output: { labels: [...] }.' },
  schema: { why: 'the output of the task has no schema', hint: 'Take the slot out, or give the task output: { schema: file.json }.' },
  examples: { why: 'the file has no section # Examples', hint: 'Write the examples under # Examples as ## User and ## Assistant turns.' },
};

function joined(parts: readonly SlotPart[]): readonly SlotPart[] {
  const out: SlotPart[] = [];
  for (const part of parts) {
    const last = out.at(-1);
    if (typeof part === 'string' && typeof last === 'string') out[out.length - 1] = last + part;
    else out.push(part);
  }
  return out;
}
