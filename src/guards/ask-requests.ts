import type { Candidate } from '#core/candidate.ts';
import type { GuardContext } from '#core/guard.ts';

interface AskRequests {
  readonly requests: readonly string[];
  readonly maxOutputTokens: number;
  /** For whoever watches. */
  readonly message: string;
}

/**
 * Puts requests to the model of a candidate as a user would, without the candidate's prompt; undefined where no answer came.
 * A service that turns a request down before its model sees it has refused: the answer is empty.
 */
export function askRequests(
  candidate: Candidate,
  { requests, maxOutputTokens, message }: AskRequests,
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
