import type { TrainingData, TrainingRow } from '#core/trainer.ts';

/** The texts that a training teaches to say. */
export function trainedAnswers(data: TrainingData): string[] {
  if (data.method === 'pretraining') return data.train.map(({ text }) => text);
  if (data.method === 'preference') return data.train.map(({ chosen }) => chosen);
  return data.train.flatMap(({ messages }) =>
    messages.flatMap(({ role, content, weight }) => (role === 'assistant' && weight !== 0 ? [content] : [])),
  );
}

/** The conversations that a training teaches; none where it learns raw text. */
export function trainedConversations(data: TrainingData): readonly TrainingRow[] {
  if (data.method === 'pretraining') return [];
  if (data.method === 'supervised') return data.train;
  return data.train.map(({ messages, chosen }) => ({ messages: [...messages, { role: 'assistant' as const, content: chosen }] }));
}
