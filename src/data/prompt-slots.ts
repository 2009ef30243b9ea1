import { inputError, type Place } from '#core/errors.ts';
import { suggestName } from './nearest.ts';

/** What a prompt file may leave open. `query`, `conversation` and `knowledge` are known only when a question comes. */
const slotNames = [
  'instructions',
  'labels',
  'schema',
  'role',
  'context',
  'constraints',
  'persona',
  'examples',
  'query',
  'conversation',
  'knowledge',
] as const;
export type SlotName = (typeof slotNames)[number];

/** A piece of a text as it stands, or a place that something is put into. */
export type SlotPart = string | { readonly slot: SlotName };

/** Backslashes, then two braces or more, then a name and closing braces where there are some. */
const opening = /(\\*)(\{{2,})(?:([^{}\n]*)\}\})?/g;

/**
 * Parts a text at its slots. `\{{` stands for two braces; two braces without a closing pair on the same line stand for
 * themselves. What is put into a slot later is never looked at again. Throws a usage error for a slot that does not exist,
 * with the line counted from `place`.
 */
export function parseSlots(text: string, place: Place): readonly SlotPart[] {
  const parts: SlotPart[] = [];
  let literal = '';
  let at = 0;
  for (const match of text.matchAll(opening)) {
    const [whole, slashes = '', braces = '', name] = match;
    literal += text.slice(at, match.index) + '\\'.repeat(Math.floor(slashes.length / 2));
    at = match.index + whole.length;
    if (slashes.length % 2 === 1 || name === undefined) {
      literal += whole.slice(slashes.length);
      continue;
    }
    literal += braces.slice(2);
    if (literal !== '') parts.push(literal);
    literal = '';
    parts.push({ slot: slotOf(name.trim(), place, text.slice(0, match.index)) });
  }
  literal += text.slice(at);
  if (literal !== '') parts.push(literal);
  return parts;
}

/** True where a text that was read before has that slot. */
export function hasSlot(text: string, slot: SlotName): boolean {
  return parseSlots(text, { file: '' }).some((part) => typeof part === 'object' && part.slot === slot);
}

/** The inverse of `parseSlots`. */
export function formatSlots(parts: readonly SlotPart[]): string {
  let text = '';
  let literal = '';
  for (const part of parts) {
    if (typeof part === 'string') literal += part;
    else {
      text += `${escapeBeforeSlot(literal)}{{${part.slot}}}`;
      literal = '';
    }
  }
  return text + escapeSlots(literal);
}

/** A text that `parseSlots` reads as itself. */
export function escapeSlots(text: string): string {
  return text.replaceAll(/(\\*)(\{{2,})/g, (_, slashes: string, braces: string) => `${slashes}${slashes}\\${braces}`);
}

// braces at its end run into those of the slot: an even number of backslashes leaves the last two to it
function escapeBeforeSlot(text: string): string {
  const [, slashes = '', braces = ''] = /(\\*)(\{*)$/.exec(text) ?? [];
  return escapeSlots(text.slice(0, text.length - slashes.length - braces.length)) + slashes + slashes + braces;
}

function slotOf(name: string, { file, line }: Place, before: string): SlotName {
  const known = slotNames.find((slot) => slot === name);
  if (known !== undefined) return known;
  throw inputError({
    code: 'unknown-slot',
    message: `There is no slot ${JSON.stringify(`{{${name}}}`)}.`,
    hint: `${suggestName(name, slotNames)} Write \\{{ where two braces are meant.`,
    place: { file, ...(line === undefined ? {} : { line: line + before.split('\n').length - 1 }) },
  });
}
