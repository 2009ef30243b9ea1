import { z } from 'zod';
import { defineGuard } from '#core/guard.ts';
import { judgeProbe } from './judge-probe.ts';
import { judgeInLooks, looksOf } from './looks.ts';
import { blocksOption, limitOption, readOptions } from './options.ts';
import { moreTraining } from './suggestions.ts';

const schema = z.strictObject({
  limit: limitOption(0.1),
  /** Before the first look. */
  conversations: z.int().min(2).max(1000).default(12),
  /** Where those leave it undecided: so many bear a loss of three points that is only seen. */
  mostConversations: z.int().min(2).max(10_000).default(60),
  turns: z.int().min(1).max(100).default(5),
  blocks: blocksOption,
});

/** The persona must hold over the turns of a conversation at least as well as before training: rows of one turn teach little of that. */
export const persona = defineGuard({
  id: 'persona',
  summary: 'The persona over the turns of a conversation, before and after training.',
  remedies: [],
  checkOptions: (options) => void readOptions('persona', schema, options),
  forecast({ options, task }) {
    const { conversations, mostConversations, turns } = readOptions('persona', schema, options);
    const most = Math.max(conversations, mostConversations);
    return { answers: task.persona === undefined ? 0 : 2 * most * turns, questions: 0, outputTokens: 0 };
  },
  skip({ task, validation }) {
    if (task.persona === undefined) return 'the task has no persona';
    return validation.length === 0 ? 'there is no validation split' : undefined;
  },
  async run(input, context) {
    const { limit, conversations, mostConversations, turns, blocks } = readOptions('persona', schema, input.options);
    const sizes = conversations < mostConversations ? [conversations, mostConversations] : [conversations];
    return judgeInLooks(looksOf(sizes, input.confidence), async ({ rows, confidence }) => {
      const { result } = await judgeProbe(
        {
          ...{ id: 'persona', limit, blocks, row: 'conversation', measure: 'loss of consistency over conversations' },
          ...{ probe: 'drift', ofMeasure: 'consistency', options: { conversations: rows, turns } },
          suggestions: ['whole conversations among the training rows, by conversations: on the rung fine-tuned', moreTraining],
        },
        { ...input, confidence },
        context,
      );
      return result;
    });
  },
});
