import { z } from 'zod';
import { inputError, type Place } from '#core/errors.ts';
import type { Overlay } from '#core/prompt.ts';
import { checkShape } from './check-shape.ts';
import { suggestName } from './nearest.ts';
import { parseRule } from './persona-rules.ts';
import { sectionText, splitSections } from './prompt-sections.ts';
import { parseSlots } from './prompt-slots.ts';

const frontMatterSchema = z.strictObject({
  schema: z.literal('rung.overlay/1'),
  checks: z.array(z.string().trim().min(1)).default([]),
  replace: z.array(z.string().trim().min(1)).default([]),
});

const whenAsked: readonly string[] = ['query', 'conversation', 'knowledge', 'examples'];

/**
 * Reads an overlay. `name` is its file's name without the ending. Throws a usage error with file and line for what does not
 * fit: a check outside the grammar of persona rules, a section to replace that the overlay does not have, an unknown slot.
 */
export function readOverlayFile(content: string, name: string, file: string): Overlay {
  const { frontMatter, sections } = splitSections(content, file);
  const { checks, replace } = checkShape(frontMatterSchema, frontMatter);
  for (const [index, check] of checks.entries()) parseRule(check, frontMatter.placeOf(['checks', index]));
  const headings = sections.map(({ heading }) => heading);
  for (const [index, wanted] of replace.entries()) {
    if (headings.some((heading) => sameHeading(heading, wanted))) continue;
    throw inputError({
      code: 'replace-without-section',
      message: `The overlay is to replace ${JSON.stringify(wanted)} and has no section of that heading.`,
      hint: suggestName(wanted, headings),
      place: frontMatter.placeOf(['replace', index]),
    });
  }
  return {
    name,
    file,
    checks,
    sections: sections.map(({ heading, lines, line }) => {
      const text = sectionText(lines);
      const place = { file, line };
      const late = parseSlots(text, place).find((part) => typeof part === 'object' && whenAsked.includes(part.slot));
      if (typeof late === 'object') throw lateSlot(late.slot, place);
      return { heading, text, replace: replace.some((wanted) => sameHeading(heading, wanted)) };
    }),
  };
}

/** Headings are the same whatever their case. */
export function sameHeading(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function lateSlot(slot: string, place: Place): Error {
  return inputError({
    code: 'slot-not-here',
    message: `The slot {{${slot}}} has no place in an overlay.`,
    hint: 'It is filled in the prompt that the overlay is laid over; an overlay holds text that is the same for every question.',
    place,
  });
}
