import type { ModelRequest } from '#core/model.ts';
import { toolFields } from './answer-tool.ts';

/** How a server that speaks OpenAI's chat API wants a request spelled. */
export interface ChatDialect {
  readonly model: string;
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens';
  /** True for models that refuse any temperature but their own. */
  readonly omitTemperature: boolean;
  /** Whether it is asked for a stream; absent: where the answer is wanted in pieces. */
  readonly stream?: boolean;
  /** How a request for a JSON schema is made: as the format of the reply, or as the one function that must be called. */
  readonly schemaBy: 'format' | 'tool';
}

/** The body of a chat completion request. Its field names are those of OpenAI's API reference. */
export function encodeRequest(request: ModelRequest, dialect: ChatDialect): string {
  return JSON.stringify({
    model: dialect.model,
    messages: request.messages,
    [dialect.maxTokensField]: request.maxOutputTokens,
    temperature: dialect.omitTemperature ? undefined : (request.temperature ?? 0),
    top_p: request.topP,
    seed: request.seed,
    stop: request.stop,
    logprobs: request.logProbabilities === true ? true : undefined,
    ...schemaFields(request, dialect),
    stream: dialect.stream ? true : undefined,
    stream_options: dialect.stream ? { include_usage: true } : undefined,
  });
}

function schemaFields({ jsonSchema }: ModelRequest, { schemaBy }: ChatDialect): object {
  if (jsonSchema === undefined) return {};
  if (schemaBy === 'tool') return toolFields(jsonSchema);
  return { response_format: { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema: jsonSchema } } };
}
