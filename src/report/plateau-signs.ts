import type { PlateauSign } from '#core/verdict.ts';

/** Whether a sign was seen, as a mark and in words: colour alone never says it. */
export function signMarks(seen: boolean | null): { readonly mark: string; readonly word: string } {
  if (seen === null) return { mark: '?', word: 'cannot be told' };
  return seen ? { mark: '✓', word: 'seen' } : { mark: '–', word: 'not seen' };
}

export const signWords: Readonly<Record<PlateauSign, string>> = {
  plateau: 'a further rung of prompting no longer helps',
  format: 'right in content, wrong in form',
  inconsistent: 'answers change over repeats',
  'fights-training': 'fights the model’s training: refusals, caveats, no readable answer',
  'token-cost': 'token cost is out of bounds',
};
