import type { Model } from '#core/model.ts';
import { completionBody, completionChunks, type ReplyHead } from './chat-reply.ts';
import { type ChatHead, readChatRequest } from './chat-request.ts';
import { type Told, toldAnswers } from './told-answers.ts';
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

/** Answers with a model of ours or of a service. A stream brings what is told while the answer is made; of one that tells nothing, pieces at its end. */
export function modelAnswerer(model: Model, seed: () => number): Answerer {
  const replyHead = ({ id, created, head }: Asked): ReplyHead => ({
    id,
    created,
    model: head.model,
    system_fingerprint: `fp_${model.fingerprint.slice(0, 10)}`,
  });
  const answers = ({ body, signal }: Asked, isStream: boolean): { told: AsyncGenerator<Told>; includeUsage: boolean } => {
    const request = readChatRequest(body);
    const { messages, maxOutputTokens, temperature, topP, stop, logProbabilities, jsonSchema } = request;
    if (jsonSchema !== undefined && model.can.jsonSchema !== true) {
      throw invalid(`The model ${request.model} cannot be held to a JSON schema.`, 'response_format', 'unsupported_parameter');
    }
    if (logProbabilities && model.can.logProbabilities !== true) {
      throw invalid(`The model ${request.model} gives no log-probabilities.`, 'logprobs', 'unsupported_parameter');
    }
    const asked = { messages, maxOutputTokens, temperature, topP, stop, logProbabilities, jsonSchema };
    const first = request.seed ?? seed();
    // a service is asked for a stream only where somebody reads one
    const wantsPieces = isStream || !model.remote;
    // several answers are different draws, and the first is the one that is given alone
    const told = toldAnswers(
      request.answers,
      (index, onPiece, either) => model.generate({ ...asked, seed: first + index }, { signal: either, ...(wantsPieces && { onPiece }) }),
      signal,
    );
    return { told, includeUsage: request.includeUsage };
  };
  return {
    complete: async (asked) => completionBody(replyHead(asked), answers(asked, false).told),
    async *stream(asked) {
      const { told, includeUsage } = answers(asked, true);
      yield* completionChunks(replyHead(asked), told, includeUsage);
    },
  };
}
