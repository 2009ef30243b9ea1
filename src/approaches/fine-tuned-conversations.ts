import { z } from 'zod';
import type { ApproachContext, PrepareInput } from '#core/approach.ts';
import type { JsonObject } from '#core/json.ts';
import type { Message } from '#core/message.ts';
import type { TrainingRow } from '#core/trainer.ts';
import { countTaught, personaConversations } from '#data/persona-conversations.ts';
import { withPersonaLength } from './persona-prompt.ts';
import { plainPrompt, renderPrompt } from './prompt.ts';
import { outputTokensFor, refuseIdleOption } from './prompted.ts';

/** Options of a tune that learns its persona from conversations too. */
export const conversationShape = {
  /** How many to add to the training rows; true for as many as there are rows, at most 200. */
  conversations: z.union([z.boolean(), z.int().min(1).max(5000)]).optional(),
  /** Role or name of a model that writes answers to what no row answers; those that break a rule are left out. */
  teacher: z.string().trim().min(1).optional(),
};

interface ConversationOptions {
  readonly conversations?: boolean | number;
  readonly teacher?: string;
}

const usualMost = 200;

/** Refuses what has no effect, and conversations beside passages, which they have none of. */
export function checkConversations(options: JsonObject): void {
  if (!options['conversations']) refuseIdleOption('fine-tuned', 'teacher', options, 'conversations: true');
  else refuseIdleOption('fine-tuned', 'retrieval', options, 'a tune without conversations: they come without passages');
}

/** Why conversations cannot be made of a task; undefined where they can, or none are asked for. */
export function conversationFault({ conversations }: ConversationOptions, { task }: Pick<PrepareInput, 'task'>): string | undefined {
  if (!conversations) return undefined;
  if (task.persona === undefined) return 'Its option conversations needs a persona.yaml.';
  return task.output.kind === 'text' ? undefined : 'Its option conversations needs a task whose output is text.';
}

/** Calls that a teacher is asked while the rung is prepared. */
export function taughtCalls({ conversations, teacher }: ConversationOptions, { task }: Pick<PrepareInput, 'task'>): number {
  return conversations && teacher !== undefined && task.persona !== undefined ? countTaught(task.persona) : 0;
}

/** Rows in the persona's voice, under the prompt that the tuned model is asked with. */
export async function conversationRows(
  { conversations, teacher }: ConversationOptions,
  { task, train, seed, roles }: PrepareInput,
  context: Pick<ApproachContext, 'model' | 'signal' | 'progress'>,
): Promise<readonly TrainingRow[]> {
  if (!conversations || task.persona === undefined) return [];
  const made = await personaConversations({
    persona: task.persona,
    ...{ train, seed },
    most: conversations === true ? Math.min(usualMost, train.length) : conversations,
    ...(teacher !== undefined && { teacher: await teacherWith({ model: roles[teacher] ?? teacher }, task, context) }),
  });
  const left = made.broken === 0 ? '' : `, ${made.broken} answers left out that break a rule`;
  context.progress({ message: `${made.conversations.length} conversations of the persona${left}` });
  const prompt = plainPrompt(task);
  return made.conversations.map(({ messages }) => ({ messages: [...renderPrompt(prompt, [], { messages })] }));
}

/** Asks a model, with all that the persona says, what it would answer. A model error ends the making: half a set would not be the same set. */
async function teacherWith(
  reference: { readonly model: string },
  task: PrepareInput['task'],
  { model, signal }: Pick<ApproachContext, 'model' | 'signal'>,
): Promise<(messages: readonly Message[]) => Promise<string | undefined>> {
  const asked = await model(reference);
  const prompt = plainPrompt(withPersonaLength(task, 'detailed'));
  return async (messages) => {
    const request = { messages: renderPrompt(prompt, [], { messages }), temperature: 0, maxOutputTokens: outputTokensFor(task.output) };
    const { response } = await asked.generate(request, { signal });
    return response.finishReason === 'stop' ? response.text : undefined;
  };
}
