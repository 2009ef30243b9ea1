import { isJsonObject } from '#core/json.ts';
import type { ScoredAnswer, ScoreRequest, ScoreResponse } from '#core/model.ts';
import { usageOf } from './chat-completion.ts';
import type { Unreadable } from './unreadable.ts';

/** The body of a request of `trainer/serve.py` for the log-probabilities of given answers. */
export function encodeScoring({ messages, answers }: ScoreRequest, model: string): string {
  return JSON.stringify({ model, messages, answers });
}

/** Reads the reply: one finite sum of at most 0 and a count of tokens for each of so many answers. */
export function readScores(body: string, answers: readonly string[]): ScoreResponse | Unreadable {
  let reply: unknown;
  try {
    reply = JSON.parse(body);
  } catch {
    return { fault: body === '' ? 'the reply is empty' : 'the reply is not JSON' };
  }
  const list = isJsonObject(reply) ? reply['scores'] : undefined;
  if (!isJsonObject(reply) || !Array.isArray(list)) return { fault: 'the reply has no list of scores' };
  if (list.length !== answers.length) return { fault: `the reply has ${list.length} scores for ${answers.length} answers` };
  const scores = (list as unknown[]).map(scoreOf);
  if (!scores.every((score) => score !== undefined)) return { fault: 'a score is not a log-probability with its tokens' };
  return { scores, usage: usageOf(reply['usage']) ?? null };
}

function scoreOf(entry: unknown): ScoredAnswer | undefined {
  const { logprob, tokens } = isJsonObject(entry) ? entry : {};
  if (typeof logprob !== 'number' || !(logprob <= 0) || typeof tokens !== 'number' || !Number.isSafeInteger(tokens)) return undefined;
  return Number.isFinite(logprob) ? { logProbability: logprob, tokens } : undefined;
}
