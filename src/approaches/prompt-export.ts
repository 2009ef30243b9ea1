import type { Manifest } from '#core/candidate.ts';
import { inputError } from '#core/errors.ts';
import { isJsonObject } from '#core/json.ts';
import type { PromptVersion } from '#core/prompt.ts';
import { escapeSlots, formatSlots } from '#data/prompt-slots.ts';
import { openSections } from './prompt-turns.ts';
import type { PromptedState } from './prompted.ts';

/** What depends on the question, by the artefact that it is taken from. */
const reasons: Readonly<Record<string, string>> = {
  pool: 'its examples are chosen anew for each question',
  passages: 'its passages are looked up anew for each question',
};

/**
 * The prompt of a candidate as a version that asks byte for byte the same: texts stand as they were sent, no slot is left.
 * Throws a usage error that says why where one file cannot hold it.
 */
export function exportedVersion({ name, model, state, artefacts }: Manifest): Omit<PromptVersion, 'name' | 'file'> {
  if (model === null) throw notOneFile(name, 'it asks no model');
  // how a prompt was found is not what it asks
  const artefact = Object.keys(artefacts).find((role) => role !== 'trials');
  if (artefact !== undefined) throw notOneFile(name, reasons[artefact] ?? `it needs its ${artefact} at each question`);
  if (!isPrompted(state)) throw notOneFile(name, 'its answer takes more than one prompt, or none');
  const { prompt, open, shots, maxOutputTokens } = state;
  const sections = openSections({ prompt, ...(open && { open }) }).map(({ heading, parts }) => ({
    heading,
    text: parts.every((part) => typeof part === 'string') ? escapeSlots(parts.join('')) : formatSlots(parts),
  }));
  return { author: 'person', prompt: { headed: prompt.headed, sections }, shots, maxOutputTokens, scores: [] };
}

function isPrompted(state: unknown): state is PromptedState {
  if (!isJsonObject(state) || !isJsonObject(state['prompt'])) return false;
  return Array.isArray(state['prompt']['sections']) && Array.isArray(state['shots']) && typeof state['maxOutputTokens'] === 'number';
}

function notOneFile(rung: string, why: string): Error {
  return inputError({
    code: 'prompt-not-one-file',
    message: `The prompt of ${rung} cannot be one file: ${why}.`,
    hint: 'Keep the rung on the ladder as it is; a prompt that is the same for every question can be exported.',
  });
}
