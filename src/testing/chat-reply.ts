/**
 * What an OpenAI-speaking server is asked, as far as a stand-in for one looks at it. Names and shapes here and in the
 * replies are those of OpenAI's published description of its API (github.com/openai/openai-openapi, CreateChatCompletion…).
 */
export interface ChatRequestBody {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
  readonly logprobs?: boolean;
  readonly response_format?: { readonly type: string; readonly json_schema?: { readonly name: string; readonly schema?: unknown } };
  readonly tools?: readonly { readonly type: string; readonly function: { readonly name: string; readonly parameters?: unknown } }[];
  readonly tool_choice?: string | { readonly type: string; readonly function: { readonly name: string } };
}

/** What a model answers: a text, calls of functions, or both. */
export interface ChatAnswer {
  readonly content?: string;
  /** `arguments` is text, as on the wire, since models do not always write JSON. */
  readonly toolCalls?: readonly { readonly name: string; readonly arguments: string }[];
  /** `stop`, or `tool_calls` where there are calls that were not forced, unless told. */
  readonly finishReason?: string;
}

/** A text that answers a request which forces a function is the arguments of its call. */
export function answerTo(request: ChatRequestBody, answer: string | ChatAnswer): ChatAnswer {
  if (typeof answer !== 'string') return answer;
  const forced = forcedTool(request);
  return forced === undefined ? { content: answer } : { toolCalls: [{ name: forced, arguments: answer }] };
}

function forcedTool({ tool_choice }: ChatRequestBody): string | undefined {
  return typeof tool_choice === 'object' ? tool_choice.function.name : undefined;
}

/** One token per word with the space before it. */
function tokensOf(text: string): string[] {
  return text.match(/\s*\S+|\s+$/g) ?? [];
}

function countWords(text: string): number {
  return text.split(/\s+/).filter((word) => word !== '').length;
}

function usageOf(request: ChatRequestBody, { content = '', toolCalls = [] }: ChatAnswer): object {
  const prompt_tokens = request.messages.reduce((sum, message) => sum + countWords(message.content), 0);
  const completion_tokens = countWords([content, ...toolCalls.map((call) => call.arguments)].join(' '));
  return {
    prompt_tokens,
    completion_tokens,
    total_tokens: prompt_tokens + completion_tokens,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
  };
}

function finishOf(request: ChatRequestBody, { toolCalls, finishReason }: ChatAnswer): string {
  return finishReason ?? (toolCalls !== undefined && forcedTool(request) === undefined ? 'tool_calls' : 'stop');
}

/** Of a token, from its bytes alone, so that the same text always has the same: between -1 and 0. */
function logProbabilityOf(token: string): number {
  const bytes = Buffer.from(token);
  return -(bytes.reduce((sum, byte) => sum + byte, 0) % 97) / 100;
}

function logprobsOf({ logprobs }: ChatRequestBody, tokens: readonly string[]): object | null {
  if (logprobs !== true) return null;
  const entry = (token: string) => ({ token, logprob: logProbabilityOf(token), bytes: [...Buffer.from(token)], top_logprobs: [] });
  return { content: tokens.map(entry), refusal: null };
}

/** A whole chat completion; one token per word. */
export function completionJson(request: ChatRequestBody, answer: ChatAnswer, id: string): string {
  const { content, toolCalls } = answer;
  const tool_calls = toolCalls?.map((called, at) => ({ id: `call_${at}`, type: 'function', function: called }));
  const message = { role: 'assistant', content: content ?? null, ...(tool_calls === undefined ? {} : { tool_calls }), refusal: null };
  const logprobs = content === undefined ? null : logprobsOf(request, tokensOf(content));
  return JSON.stringify({
    id,
    object: 'chat.completion',
    created: 0,
    model: request.model,
    choices: [{ index: 0, message: { ...message, annotations: [] }, logprobs, finish_reason: finishOf(request, answer) }],
    usage: usageOf(request, answer),
    service_tier: 'default',
    system_fingerprint: null,
  });
}

/** The same answer as the data of a stream's events, a token at a time. */
export function completionEvents(request: ChatRequestBody, answer: ChatAnswer, id: string): string[] {
  const { content, toolCalls = [] } = answer;
  const withUsage = request.stream_options?.include_usage === true;
  const head = { id, object: 'chat.completion.chunk', created: 0, model: request.model, service_tier: 'default', system_fingerprint: null };
  const chunk = (delta: object, finish_reason: string | null, logprobs: object | null = null) =>
    JSON.stringify({ ...head, choices: [{ index: 0, delta, logprobs, finish_reason }], ...(withUsage ? { usage: null } : {}) });
  const events = [chunk({ role: 'assistant', content: content === undefined ? null : '', refusal: null }, null)];
  for (const token of tokensOf(content ?? '')) events.push(chunk({ content: token }, null, logprobsOf(request, [token])));
  for (const [index, call] of toolCalls.entries()) {
    const begun = { index, id: `call_${index}`, type: 'function', function: { name: call.name, arguments: '' } };
    events.push(chunk({ tool_calls: [begun] }, null));
    for (const piece of tokensOf(call.arguments)) events.push(chunk({ tool_calls: [{ index, function: { arguments: piece } }] }, null));
  }
  events.push(chunk({}, finishOf(request, answer)));
  if (withUsage) events.push(JSON.stringify({ ...head, choices: [], usage: usageOf(request, answer) }));
  return [...events, '[DONE]'];
}
