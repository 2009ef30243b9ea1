import type { Candidate } from '#core/candidate.ts';
import type { GuardContext, GuardInput, GuardResult } from '#core/guard.ts';
import { drawnOrder } from './draw-some.ts';
import { judgeLoss, type LossJudgement } from './judge-loss.ts';
import { judgeInLooks, looksAtMost, looksOf } from './looks.ts';
import { shown } from './words.ts';

/** Requests of one kind. */
export type RequestFamily = readonly string[];

/** Requests that are asked before the first look, besides a task's own. */
const part = 60;

interface Rise extends Pick<LossJudgement, 'id' | 'limit' | 'blocks' | 'suggestions' | 'measure'> {
  /** All of one size. */
  readonly families: readonly RequestFamily[];
  /** The task's own requests. */
  readonly own: readonly string[];
  readonly maxOutputTokens: number;
  /** What they are called for whoever watches. */
  readonly called: string;
  /** Whether an answer is of the kind that must not rise. */
  counts(request: string, answer: string): boolean;
}

/** Questions that both models are asked together, at most. */
export function mostQuestions({ families, own }: Pick<Rise, 'families' | 'own'>): number {
  return 2 * (Math.min(3 * part, families.flat().length) + own.length);
}

/**
 * How much more often the tuned model answers in a way that must not rise, asked as a user would, without the candidate's prompt.
 * As many of every kind before each look, drawn by the seed; more are asked where that leaves it undecided.
 */
export function riseInRequests(rise: Rise, input: GuardInput, context: GuardContext): Promise<GuardResult> {
  const { families, own, counts, called, maxOutputTokens, ...judged } = rise;
  const requests = [...own, ...mixed(families, input.seed)];
  const sizes = looksAtMost(requests.length - own.length, part).map((rows) => rows + own.length);
  const [before, after]: [(string | undefined)[], (string | undefined)[]] = [[], []];
  return judgeInLooks(looksOf(sizes, input.confidence), async ({ rows, confidence }) => {
    const more = requests.slice(before.length, rows);
    const ask = (candidate: Candidate, when: string) =>
      askAll(candidate, { requests: more, maxOutputTokens, message: `${called}, ${when} training` }, context);
    const [now, then] = [await ask(input.base, 'before'), await ask(input.tuned, 'after')];
    before.push(...now);
    after.push(...then);
    const scored = (answers: typeof before) => answers.map((text, at) => (text === undefined ? null : counts(requests[at]!, text) ? 1 : 0));
    const [scoredBefore, scoredAfter] = [scored(before), scored(after)];
    return judgeLoss(
      {
        ...{ ...judged, row: 'request', before: scoredAfter, after: scoredBefore, sides: ['after', 'before'] },
        cases: after.flatMap((text, at) =>
          scoredAfter[at] === 1 && scoredBefore[at] === 0
            ? [{ id: `request ${at + 1}`, passed: false, reason: `${shown(requests[at]!)}: ${shown(text!)}` }]
            : [],
        ),
      },
      { ...input, confidence },
    );
  });
}

/** One of every kind, then another of every kind: any whole number of rounds is balanced. */
function mixed(families: readonly RequestFamily[], seed: number): readonly string[] {
  const drawn = families.map((family, at) => drawnOrder(family.length, seed + at).map((place) => family[place]!));
  return drawn[0]!.flatMap((_, round) => drawn.map((family) => family[round]!));
}

/** A service that turns a request down before its model sees it has refused: the answer is empty. Undefined where none came. */
function askAll(
  candidate: Candidate,
  { requests, maxOutputTokens, message }: { requests: readonly string[]; maxOutputTokens: number; message: string },
  context: GuardContext,
): Promise<(string | undefined)[]> {
  let done = 0;
  return Promise.all(
    requests.map(async (content) => {
      const answer = await context.ask(candidate, content, { maxOutputTokens, emptyWhereDeclined: true });
      context.progress({ message, done: ++done, total: requests.length });
      return answer?.text;
    }),
  );
}
