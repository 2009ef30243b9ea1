import { isJsonObject } from '#core/json.ts';
import type { FinishReason, GenerateOptions, ModelRequest, ModelResponse } from '#core/model.ts';
import type { Usage } from '#core/money.ts';
import { EventStreamReader } from '#http/event-stream.ts';
import { ToolCallPieces } from './answer-tool.ts';
import { estimatedUsage, finishReasonOf, readCalls, readLogProbabilities, usageOf } from './chat-completion.ts';
import type { Unreadable } from './unreadable.ts';

/** Puts a streamed chat completion together from its chunks, and tells its text as it comes. Times count from its construction. */
export class ChatStream {
  readonly #onPiece: GenerateOptions['onPiece'];
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
  readonly #toolCalls = new ToolCallPieces();
  readonly #begunAt = performance.now();
  #firstTokenMs: number | undefined;
  /** Log-probabilities that were told with a piece. */
  #toldTokens = 0;

  constructor(onPiece?: GenerateOptions['onPiece']) {
    this.#onPiece = onPiece;
  }

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
    const said = this.#said(finishReason, request);
    if ('fault' in said) return said;
    return {
      ...said,
      usage: this.#usage ?? estimatedUsage(request, said.text),
      ...(this.#firstTokenMs === undefined ? {} : { firstTokenMs: this.#firstTokenMs }),
      ...(this.#logProbabilities.length === 0 ? {} : { logProbabilities: this.#logProbabilities }),
    };
  }

  #said(finishReason: FinishReason, request: ModelRequest): Pick<ModelResponse, 'text' | 'finishReason'> | Unreadable {
    const { calls } = this.#toolCalls;
    if (calls.length > 0) return readCalls(calls, finishReason, request);
    if (!this.#hasContent && finishReason !== 'content-filter') return { fault: 'the stream has no content' };
    return { text: this.#texts.join(''), finishReason };
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
    if (this.#toolCalls.take(delta['tool_calls'])) this.#firstTokenMs ??= performance.now() - this.#begunAt;
    for (const field of ['content', 'refusal'] as const) {
      const text = delta[field];
      if (typeof text !== 'string') continue;
      if (field === 'content') this.#hasContent = true;
      else this.#isRefusal = true;
      if (text !== '') this.#firstTokenMs ??= performance.now() - this.#begunAt;
      this.#texts.push(text);
      if (text !== '') this.#tell(text);
    }
  }

  /** Tokens that came without text, as parts of a character, go with the next that has some. */
  #tell(text: string): void {
    const logProbabilities = this.#logProbabilities.slice(this.#toldTokens);
    this.#toldTokens = this.#logProbabilities.length;
    this.#onPiece?.({ text, ...(logProbabilities.length > 0 && { logProbabilities }) });
  }
}
