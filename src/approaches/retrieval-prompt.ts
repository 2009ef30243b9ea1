import type { Prompt } from '#core/prompt.ts';
import type { Passage } from '#data/chunks.ts';
import type { RetrievalState } from './retrieval-settings.ts';

/** The prompt with a section of passages, the best first, and the rule to keep to them. */
export function withPassages(prompt: Prompt, passages: readonly Passage[], state: RetrievalState): Prompt {
  const { unanswerable, cite, layout } = state;
  const text = [
    `Answer only from these passages.${unanswerable === null ? '' : ` If the answer is not in them, say exactly: ${unanswerable}`}`,
    ...(cite ? ['End with the numbers of the passages that the answer comes from, as [1].'] : []),
    passageText(passages, layout),
  ].join('\n');
  return { ...prompt, sections: [...prompt.sections, { heading: 'Knowledge', text }] };
}

/** Passages as they stand in a prompt; numbers go from 1. */
export function passageText(passages: readonly Passage[], layout: RetrievalState['layout']): string {
  if (passages.length === 0) return 'No passage was found.';
  if (layout === 'plain') return passages.map(({ text }) => text).join('\n');
  return passages.map(({ title, text }, index) => `[${index + 1}] ${title}\n${text}`).join('\n');
}

/** An answer parted from the numbers it cites: `Seven days [2]` is `Seven days` and 2. */
interface CitedAnswer {
  readonly text: string;
  /** Each once, in the order they come. */
  readonly numbers: readonly number[];
}

export function readCitations(text: string): CitedAnswer {
  const mark = /\s*\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\]/g;
  const numbers = Array.from(text.matchAll(mark), ([, list]) => (list as string).split(/[,;]/).map(Number)).flat();
  return { text: text.replace(mark, '').trim(), numbers: [...new Set(numbers)] };
}
