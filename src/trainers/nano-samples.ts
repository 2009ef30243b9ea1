import type { Message } from '#core/message.ts';
import { mostSamples, type TrainerSample, type TrainingJob } from '#core/trainer.ts';
import type { Nano } from '#nano/index.ts';

const longestAnswer = 128;
/** Characters of a text that are asked about, where rows are texts. */
const askedText = 200;

/**
 * Greedy answers under an adapter to about eight rows that were not learnt from, else to learnt ones, with their
 * log-probabilities by the kernels that train. An answer that does not end, or that has other tokens once it is text, is
 * left out: training could not have learnt it as it was given.
 */
export async function samplesOf(nano: Nano, job: TrainingJob, adapter: string, signal: AbortSignal): Promise<TrainerSample[]> {
  const asked: (readonly Message[])[] = [];
  for (const messages of promptsOf(job)) {
    if (asked.length === mostSamples) break;
    if (nano.countTokens(messages) < nano.contextLength) asked.push(messages);
  }
  const samples = await Promise.all(
    asked.map(async (messages): Promise<TrainerSample[]> => {
      const request = { messages, adapter, maxOutputTokens: longestAnswer, logProbabilities: true };
      const { text, finishReason, logProbabilities = [] } = await nano.generate(request, { signal });
      if (finishReason !== 'stop') return [];
      const { tokens } = nano.trainedTokens([...messages, { role: 'assistant', content: text }]);
      // the same text in other tokens may be longer than what was generated
      if (tokens.length > nano.contextLength) return [];
      const read = await nano.score({ messages, completion: text, adapter }, { signal });
      if (read.tokens.join('\0') !== logProbabilities.map(({ token }) => token).join('\0')) return [];
      const judged = await nano.trainedLogProbability({ messages, completion: text, adapter });
      const rendered = nano.render(messages, { addGenerationPrompt: true });
      const end = logProbabilities.at(-1);
      const prompt = { rendered, promptTokens: nano.countTokens(messages) };
      // two kernels round apart where tokens are as likely as each other
      const margin = Math.max(0, Math.min(...read.margins));
      return [{ messages, text, ...judged, ...prompt, margin, ...(end && { endLogProbability: end.logProbability }) }];
    }),
  );
  return samples.flat();
}

function promptsOf({ method, train, validation }: TrainingJob): readonly (readonly Message[])[] {
  if (method === 'pretraining') {
    return [...validation, ...train].map(({ text }) => [{ role: 'user', content: text.slice(0, askedText) }]);
  }
  const rows = [...validation, ...train];
  return method === 'preference' ? rows.map(({ messages }) => messages) : rows.map(({ messages }) => beforeAnswer(messages));
}

function beforeAnswer(messages: readonly Message[]): readonly Message[] {
  const answer = messages.findLastIndex(({ role }) => role === 'assistant');
  return messages.slice(0, answer).map(({ role, content }) => ({ role, content }));
}
