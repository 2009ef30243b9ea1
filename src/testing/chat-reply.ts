/** What an OpenAI-speaking server is asked, as far as a stand-in for one looks at it. */
export interface ChatRequestBody {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
}

function wordsIn(text: string): number {
  return text.split(/\s+/).filter((word) => word !== '').length;
}

function usageOf(request: ChatRequestBody, answer: string): Record<string, number> {
  const prompt_tokens = request.messages.reduce((sum, message) => sum + wordsIn(message.content), 0);
  const completion_tokens = wordsIn(answer);
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
}

/** A whole chat completion; one token per word. */
export function completionJson(request: ChatRequestBody, answer: string | null, id: string): string {
  return JSON.stringify({
    id,
    object: 'chat.completion',
    created: 0,
    model: request.model,
    choices: [{ index: 0, message: { role: 'assistant', content: answer }, logprobs: null, finish_reason: 'stop' }],
    usage: usageOf(request, answer ?? ''),
  });
}

/** The same answer as the data of a stream's events, a word at a time. */
export function completionEvents(request: ChatRequestBody, answer: string, id: string): string[] {
  const head = { id, object: 'chat.completion.chunk', created: 0, model: request.model };
  const chunk = (delta: Record<string, string>, finish_reason: string | null) =>
    JSON.stringify({ ...head, choices: [{ index: 0, delta, finish_reason }] });
  const events = [chunk({ role: 'assistant', content: '' }, null)];
  for (const word of answer.match(/\s*\S+|\s+$/g) ?? []) events.push(chunk({ content: word }, null));
  events.push(chunk({}, 'stop'));
  if (request.stream_options?.include_usage === true) {
    events.push(JSON.stringify({ ...head, choices: [], usage: usageOf(request, answer) }));
  }
  return [...events, '[DONE]'];
}
