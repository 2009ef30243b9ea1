import type { Model } from '#core/model.ts';
import { completionBody, completionChunks, type ReplyHead } from './chat-reply.ts';
import { type ChatHead, type ChatRequest, readChatRequest } from './chat-request.ts';
import { invalid } from './wire-error.ts';

/** What answers chat requests under one name. */
export interface Answerer {
  /** The body of a `chat.completion`. */
  complete(asked: Asked): Promise<object>;
  /** The bodies of `chat.completion.chunk` in order. Throws before the first one where it cannot answer. */
  stream(asked: Asked): AsyncIterable<object>;
}

export interface Asked {
  readonly head: ChatHead;
  /** The whole request as it came: whoever answers knows what of it can be done. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly id: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly signal: AbortSignal;
}

/** Answers with a model of ours. It answers whole: a stream brings the same answer in pieces once it is there. */
export function modelAnswerer(model: Model, seed: () => number): Answerer {
  const replyHead = ({ id, created, head }: Asked): ReplyHead => ({
    id,
    created,
    model: head.model,
    system_fingerprint: `fp_${model.fingerprint.slice(0, 10)}`,
  });
  const answer = (request: ChatRequest, { signal }: Asked) => {
    const { messages, maxOutputTokens, temperature, topP, stop, logProbabilities, jsonSchema } = request;
    if (jsonSchema !== undefined && model.can.jsonSchema !== true) {
      throw invalid(`The model ${request.model} cannot be held to a JSON schema.`, 'response_format', 'unsupported_parameter');
    }
    if (logProbabilities && model.can.logProbabilities !== true) {
      throw invalid(`The model ${request.model} gives no log-probabilities.`, 'logprobs', 'unsupported_parameter');
    }
    return model.generate(
      { messages, maxOutputTokens, temperature, topP, stop, logProbabilities, jsonSchema, seed: request.seed ?? seed() },
      { signal },
    );
  };
  return {
    complete: async (asked) => completionBody(replyHead(asked), await answer(readChatRequest(asked.body), asked)),
    async *stream(asked) {
      const request = readChatRequest(asked.body);
      yield* completionChunks(replyHead(asked), await answer(request, asked), request.includeUsage);
    },
  };
}
