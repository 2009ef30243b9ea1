import type { Situation } from '#core/situation.ts';
import { type Advice, advise, type RuleAnswer } from './rule-of-thumb.ts';
import { capital, listed } from './rule-words.ts';

type Side = 'prompt' | 'fine-tune' | 'hybrid';

/** What one line of a source says of one answer; `either` where the answer lies between its thresholds. */
export interface Vote {
  readonly side: Side | 'either';
  readonly because: keyof Situation;
  /** "5,000 requests a month are under 10,000". */
  readonly text: string;
}

const spokenFor: readonly (readonly [Vote['side'], string])[] = [
  ['prompt', 'for a prompt'],
  ['fine-tune', 'for tuning'],
  ['hybrid', 'for a hybrid'],
  ['either', 'for neither'],
];

/**
 * The answer of a source whose lines may contradict each other. Every line has one vote. A vote for a hybrid is one
 * for tuning that turns it into a hybrid: where those together have at least as many votes as prompting, the answer is
 * a hybrid. Without one, the side with more votes; `either` at a tie. Undefined where no line applies.
 */
export function countVotes(votes: readonly Vote[]): RuleAnswer | undefined {
  if (votes.length === 0) return undefined;
  const sides = spokenFor.flatMap(([side, words]) => {
    const texts = votes.filter((vote) => vote.side === side).map(({ text }) => text);
    return texts.length === 0 ? [] : [`${words}: ${listed(texts)}`];
  });
  return advise(
    adviceOf(votes),
    `${capital(sides.join('; '))}.`,
    votes.map(({ because }) => because),
  );
}

function adviceOf(votes: readonly Vote[]): Advice {
  const count = (side: Side) => votes.filter((vote) => vote.side === side).length;
  const [prompt, tune, hybrid] = [count('prompt'), count('fine-tune'), count('hybrid')];
  if (prompt > tune + hybrid) return 'prompt';
  if (hybrid > 0) return 'hybrid';
  return tune > prompt ? 'fine-tune' : 'either';
}
