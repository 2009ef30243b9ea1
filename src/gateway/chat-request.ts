import { z } from 'zod';
import type { Json } from '#core/json.ts';
import type { Message } from '#core/message.ts';
import { faultOf } from './schema-fault.ts';
import { invalid } from './wire-error.ts';

const part = z.object({ type: z.literal('text'), text: z.string() });
const content = z.union(
  [z.string(), z.array(part).transform((parts) => parts.map(({ text }) => text).join(''))],
  'models of this server read text, as a string or as parts of type text',
);
const message = z.object({
  role: z.enum(['system', 'developer', 'user', 'assistant']),
  content,
  name: z.string().optional(),
  refusal: z.null().optional(),
});
const tokens = z.number().int().min(1).nullish();
const unsupported = 'models of this server do not support it';
const off = z.union([z.literal(0), z.null()], unsupported).optional();
const none = z.union([z.array(z.never()), z.record(z.string(), z.never()), z.null()], unsupported).optional();

/** Answers to one request: as many as the embedded model works on at once. */
const mostAnswers = 16;

const schema = z.strictObject({
  model: z.string(),
  messages: z.array(message).min(1),
  max_tokens: tokens,
  max_completion_tokens: tokens,
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().gt(0).max(1).nullish(),
  seed: z.number().int().nullish(),
  stop: z.union([z.string().transform((one) => [one]), z.array(z.string()).max(4)], 'it is a text, or a list of at most 4').nullish(),
  n: z.number().int().min(1).max(mostAnswers).nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.number().int().min(0).max(20).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().optional(), include_obfuscation: z.boolean().optional() }).nullish(),
  response_format: z
    .union(
      [
        z.object({ type: z.literal('text') }),
        z.object({ type: z.literal('json_schema'), json_schema: z.object({ name: z.string(), schema: z.record(z.string(), z.json()) }) }),
      ],
      'it is of type text, or of type json_schema with a name and a schema',
    )
    .nullish(),
  presence_penalty: off,
  frequency_penalty: off,
  logit_bias: none,
  tools: none,
  functions: none,
  // what changes no answer of ours
  user: z.string().nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
  store: z.boolean().nullish(),
  service_tier: z.string().nullish(),
  safety_identifier: z.string().nullish(),
  prompt_cache_key: z.string().nullish(),
  prompt_cache_retention: z.string().nullish(),
  parallel_tool_calls: z.boolean().nullish(),
});

const headSchema = z.looseObject({ model: z.string(), messages: z.array(z.unknown()).min(1), stream: z.boolean().nullish() });

/** The part of a chat request that decides who answers it and how. */
export interface ChatHead {
  readonly model: string;
  readonly stream: boolean;
}

/** Reads that part alone. Throws status 400 that names the field. */
export function readChatHead(body: unknown): ChatHead {
  const read = headSchema.safeParse(body);
  if (!read.success) throw faultOf(read.error);
  return { model: read.data.model, stream: read.data.stream === true };
}

/** What a chat request asks for, checked. */
export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly Message[];
  readonly maxOutputTokens?: number;
  readonly temperature: number;
  readonly topP?: number;
  readonly seed?: number;
  readonly stop?: readonly string[];
  readonly logProbabilities: boolean;
  readonly jsonSchema?: Json;
  readonly includeUsage: boolean;
  /** How many answers. */
  readonly answers: number;
}

/** Reads the body of a chat request. Throws status 400 that names the field. A temperature that is absent is 1, as at OpenAI. */
export function readChatRequest(body: unknown): ChatRequest {
  const read = schema.safeParse(body);
  if (!read.success) throw faultOf(read.error);
  const { data } = read;
  if ((data.top_logprobs ?? 0) > 0 && data.logprobs !== true) throw invalid('top_logprobs needs logprobs to be true.', 'top_logprobs');
  const format = data.response_format;
  return {
    model: data.model,
    messages: data.messages.map(({ role, content: text }) => ({ role: role === 'developer' ? 'system' : role, content: text })),
    maxOutputTokens: data.max_completion_tokens ?? data.max_tokens ?? undefined,
    temperature: data.temperature ?? 1,
    topP: data.top_p ?? undefined,
    seed: data.seed ?? undefined,
    // an empty one would end every answer before it begins
    stop: data.stop?.filter((end) => end !== ''),
    logProbabilities: data.logprobs === true,
    jsonSchema: format?.type === 'json_schema' ? format.json_schema.schema : undefined,
    includeUsage: data.stream_options?.include_usage === true,
    answers: data.n ?? 1,
  };
}
