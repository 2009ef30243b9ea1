import { messageOf } from '#core/errors.ts';
import type { LabelRow } from '#data/grow/label-row.ts';

/** A model's answer to a row, for a person to take or to change. */
export type LabelDraft =
  | { readonly state: 'coming' }
  | { readonly state: 'ready'; readonly text: string }
  | { readonly state: 'failed'; readonly why: string };

export interface Drafting {
  /** The draft of a row; asks for it where that was not done yet. Undefined where no model drafts. */
  of(row: LabelRow): LabelDraft | undefined;
  /** The text of a draft that a person could see. */
  shown(key: string): string | undefined;
}

/** Asks for the draft of a row once, when it is first looked at; `changed` is called when it came. */
export function drafting(draft: ((row: LabelRow) => Promise<string>) | undefined, changed: () => void): Drafting {
  const drafts = new Map<string, LabelDraft>();
  const ask = (row: LabelRow, from: NonNullable<typeof draft>): LabelDraft => {
    const coming: LabelDraft = { state: 'coming' };
    drafts.set(row.key, coming);
    const came = (held: LabelDraft) => {
      drafts.set(row.key, held);
      changed();
    };
    from(row).then(
      (text) => came({ state: 'ready', text }),
      (error: unknown) => came({ state: 'failed', why: messageOf(error) }),
    );
    return coming;
  };
  return {
    of: (row) => (draft === undefined ? undefined : (drafts.get(row.key) ?? ask(row, draft))),
    shown(key) {
      const held = drafts.get(key);
      return held?.state === 'ready' ? held.text : undefined;
    },
  };
}
