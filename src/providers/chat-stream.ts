import { isJsonObject } from '#core/json.ts';
import type { ModelRequest, ModelResponse } from '#core/model.ts';
import type { Usage } from '#core/money.ts';
import { estimatedUsage, finishReasonOf, readLogProbabilities, type Unreadable, usageOf } from './chat-completion.ts';
import { EventStreamReader } from './event-stream.ts';

/** Puts a streamed chat completion together from its chunks. */
export class ChatStream {
  readonly #events = new EventStreamReader((data) => this.#take(data));
  readonly #texts: string[] = [];
  readonly #logProbabilities: { token: string; logProbability: number }[] = [];
  #finish: unknown;
  #usage: Usage | undefined;
  #hasChoice = false;
  #hasContent = false;
  #isRefusal = false;
  #ended = false;
  #fault: string | undefined;
  #fed = false;

  /** True once any piece of an event stream came. */
  get begun(): boolean {
    return this.#fed;
  }

  feed(chunk: Uint8Array): void {
    this.#fed = true;
    this.#events.feed(chunk);
  }

  /** The answer. A stream without `[DONE]` and without a finish reason was cut off. */
  response(request: ModelRequest): ModelResponse | Unreadable {
    if (this.#fault !== undefined) return { fault: this.#fault };
    if (!this.#ended && this.#finish === undefined) return { fault: 'the stream broke off' };
    if (!this.#hasChoice) return { fault: 'the stream has no choices' };
    const finishReason = this.#isRefusal ? 'content-filter' : finishReasonOf(this.#finish);
    if (!this.#hasContent && finishReason !== 'content-filter') return { fault: 'the stream has no content' };
    const text = this.#texts.join('');
    const response = { text, finishReason, usage: this.#usage ?? estimatedUsage(request, text) };
    return this.#logProbabilities.length === 0 ? response : { ...response, logProbabilities: this.#logProbabilities };
  }

  #take(data: string): void {
    if (this.#ended || this.#fault !== undefined) return;
    if (data === '[DONE]') {
      this.#ended = true;
      return;
    }
    let chunk: unknown;
    try {
      chunk = JSON.parse(data);
    } catch {
      this.#fault = 'a piece of the stream is not JSON';
      return;
    }
    if (!isJsonObject(chunk)) this.#fault = 'a piece of the stream is not a JSON object';
    else if (chunk['error'] !== undefined && chunk['error'] !== null) this.#fault = 'the stream holds an error';
    else this.#chunk(chunk);
  }

  #chunk(chunk: Record<string, unknown>): void {
    this.#usage = usageOf(chunk['usage']) ?? this.#usage;
    const choice: unknown = Array.isArray(chunk['choices']) ? chunk['choices'][0] : undefined;
    if (!isJsonObject(choice)) return;
    this.#hasChoice = true;
    if (choice['finish_reason'] !== undefined && choice['finish_reason'] !== null) this.#finish = choice['finish_reason'];
    readLogProbabilities(choice['logprobs'], this.#logProbabilities);
    const delta = choice['delta'];
    if (!isJsonObject(delta)) return;
    if (typeof delta['content'] === 'string') {
      this.#hasContent = true;
      this.#texts.push(delta['content']);
    } else if (typeof delta['refusal'] === 'string') {
      this.#isRefusal = true;
      this.#texts.push(delta['refusal']);
    }
  }
}
