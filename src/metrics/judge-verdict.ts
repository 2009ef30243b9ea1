import { z } from 'zod';
import type { JsonObject } from '#core/json.ts';
import type { Score } from '#core/metric.ts';
import { plainText } from '#data/phrases.ts';

const lowest = 1;
const highest = 5;
const longestReason = 300;

const verdictSchema = z.strictObject({ reason: z.string(), score: z.int().min(lowest).max(highest) });

/** What a model that can be held to a schema is held to. The reason comes first, so that the score follows from it. */
export const verdictForm: JsonObject = {
  type: 'object',
  properties: { reason: { type: 'string' }, score: { type: 'integer', enum: [1, 2, 3, 4, 5] } },
  required: ['reason', 'score'],
  additionalProperties: false,
};

/**
 * Reads a judge's verdict, `{"reason": "…", "score": 4}`: scores 1 to 5 as 0 to 1. The answer must be that object and
 * nothing else, bare or in one code fence. Anything else is no verdict: a score of null with its reason, never guessed.
 */
export function readVerdict(text: string): Score {
  const bare = /^```(?:json)?\s*\n([\s\S]*?)\n\s*```$/.exec(text.trim())?.[1] ?? text.trim();
  if (bare === '') return unread('gave an empty answer');
  let parsed: unknown;
  try {
    parsed = JSON.parse(bare);
  } catch {
    return unread('gave no JSON object alone');
  }
  const { data, error } = verdictSchema.safeParse(parsed);
  if (error !== undefined) return unread(`gave no verdict of the form asked for (${error.issues[0]?.path.join('.') || 'other keys'})`);
  const reason = plainText(data.reason).slice(0, longestReason);
  return { value: (data.score - lowest) / (highest - lowest), ...(reason === '' ? {} : { reason }) };
}

function unread(what: string): Score {
  return { value: null, reason: `the judge ${what}` };
}
