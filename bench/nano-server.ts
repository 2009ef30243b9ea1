import type { Nano } from '../src/nano/index.ts';
import type { Answerer } from './optimizer-server.ts';

/** The embedded model behind the bench's server, greedy; refuses a conversation that is longer than its context. */
export function nanoAnswerer(nano: Nano): Answerer {
  return async ({ messages, max_tokens = 256 }) => {
    const turns = messages.map(({ role, content }) => ({ role: role as 'system' | 'user' | 'assistant', content }));
    const { text, inputTokens, outputTokens } = await nano.generate({ messages: turns, maxOutputTokens: max_tokens });
    return { text, tokens: { input: inputTokens, output: outputTokens } };
  };
}
