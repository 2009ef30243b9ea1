import { type Input, messagesOf } from '#core/example.ts';
import type { Message } from '#core/message.ts';
import type { Prompt, Shot } from '#core/prompt.ts';
import { formatSlots, type SlotPart } from '#data/prompt-slots.ts';
import { renderPrompt } from './prompt.ts';
import { type OpenSection, transcript } from './prompt-fill.ts';

/** What of a prompt is known only when a question comes. */
export interface OpenParts {
  /** Sections of the prompt, by their place in it. */
  readonly sections: readonly { readonly at: number; readonly parts: readonly SlotPart[] }[];
  /** What the user's turn is sent as. */
  readonly query?: readonly SlotPart[];
}

/** A prompt ready for a manifest; `open` is absent where no question changes its text. */
export interface ClosedPrompt {
  readonly prompt: Prompt;
  readonly open?: OpenParts;
}

/** Parts the system text from what a question fills. The text of an open section is shown with its slots. */
export function closeSections(headed: boolean, sections: readonly OpenSection[]): ClosedPrompt {
  const query = sections.find(isQuery);
  const system = sections.filter((section) => section !== query);
  const open = system.flatMap(({ parts }, at) => (isOpen(parts) ? [{ at, parts }] : []));
  const prompt = {
    headed,
    sections: system.map(({ heading, parts }) => ({ heading, text: isOpen(parts) ? formatSlots(parts) : parts.join('') })),
  };
  if (query === undefined && open.length === 0) return { prompt };
  return { prompt, open: { sections: open, ...(query !== undefined && { query: query.parts }) } };
}

/** The inverse of `closeSections`; what the user's turn is sent as stands last. */
export function openSections({ prompt, open }: ClosedPrompt): readonly OpenSection[] {
  const sections = prompt.sections.map(({ heading, text }, at): OpenSection => {
    return { heading, parts: open?.sections.find((section) => section.at === at)?.parts ?? [text] };
  });
  return open?.query === undefined ? sections : [...sections, { heading: 'Query', parts: open.query }];
}

/** The conversation to send: as `renderPrompt`, with what the prompt leaves open filled from the input. */
export function renderClosed({ prompt, open }: ClosedPrompt, shots: readonly Shot[], input: Input): readonly Message[] {
  const turns = messagesOf(input);
  const own = turns.filter(({ role }) => role !== 'system');
  if (open === undefined || own.length === 0) return renderPrompt(prompt, shots, input);
  const earlier = own.slice(0, -1);
  const sections = prompt.sections.flatMap((section, at) => {
    const parts = open.sections.find((each) => each.at === at)?.parts;
    if (parts === undefined) return [section];
    // a first question has no conversation to show
    return earlier.length === 0 ? [] : [{ ...section, text: fill(parts, own) }];
  });
  const shown = shots.map(({ input: asked, answer }) => ({
    input: asTurns(
      open,
      false,
      messagesOf(asked).filter(({ role }) => role !== 'system'),
    ),
    answer,
  }));
  const inText = [...open.sections, { parts: open.query ?? [] }].some(({ parts }) => showsConversation(parts));
  const system = turns.filter(({ role }) => role === 'system');
  return renderPrompt({ ...prompt, sections }, shown, { messages: [...system, ...asTurns(open, inText, own).messages] });
}

function asTurns({ query }: OpenParts, inText: boolean, turns: readonly Message[]): { readonly messages: readonly Message[] } {
  const last = turns.at(-1);
  if (last === undefined) return { messages: [] };
  const asked = query === undefined ? last : { ...last, content: fill(query, turns) };
  const inQuery = query !== undefined && showsConversation(query);
  return { messages: inText || inQuery ? [asked] : [...turns.slice(0, -1), asked] };
}

function fill(parts: readonly SlotPart[], turns: readonly Message[]): string {
  const value = (slot: string) => (slot === 'query' ? (turns.at(-1)?.content ?? '') : transcript(turns.slice(0, -1)));
  return parts.map((part) => (typeof part === 'string' ? part : value(part.slot))).join('');
}

function showsConversation(parts: readonly SlotPart[]): boolean {
  return parts.some((part) => typeof part === 'object' && part.slot === 'conversation');
}

function isOpen(parts: readonly SlotPart[]): boolean {
  return parts.some((part) => typeof part === 'object');
}

function isQuery({ parts }: OpenSection): boolean {
  return parts.some((part) => typeof part === 'object' && part.slot === 'query');
}
