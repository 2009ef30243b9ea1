import { z } from 'zod';
import { inputError } from '#core/errors.ts';
import { contentHash } from '#core/json.ts';
import { ModelError } from '#core/model-error.ts';
import { defineProvider } from '#core/provider.ts';
import { resolveInside } from '#data/inside-folder.ts';
import { loadRecording, matchKey } from './recording.ts';
import { readSettings } from './settings.ts';

const id = 'replay';

const replaySettings = z.strictObject({
  file: z.string().min(1).optional(),
  match: z.string().min(1).default('input'),
  answer: z.string().min(1).default('answer'),
  score: z.string().min(1).optional(),
  inputTokens: z.string().min(1).optional(),
  outputTokens: z.string().min(1).optional(),
  latencyMs: z.string().min(1).optional(),
});

/**
 * Answers that were recorded before, from a CSV or JSONL file in the task folder. Usage is not known where no column
 * holds it; the price per request then carries the cost.
 */
export const replay = defineProvider({
  id,
  summary: 'Recorded answers from a CSV or JSONL file of the task.',
  async open(options) {
    const { file, ...columns } = readSettings(replaySettings, options.settings, id);
    if (file === undefined) {
      throw inputError({
        code: 'unknown-model',
        message: `No file with recorded answers is known for the model ${id}/${options.model}.`,
        hint: `Add it under "providers:" in the task file, as ${options.model || 'NAME'}: { kind: replay, file: responses.csv, match: prompt, answer: response }.`,
      });
    }
    const path = await resolveInside(options.taskFolder, file, 'file with recorded answers', { file });
    const { hash, answers } = await loadRecording(path, file, columns);
    return {
      name: `${id}/${options.model}`,
      fingerprint: contentHash({ kind: id, file: hash, columns }),
      price: options.price ?? {},
      priceIsAssumed: options.price === undefined ? undefined : true,
      can: {},
      concurrency: { initial: 64, maximum: 64 },
      remote: false,
      async generate(request, { signal }) {
        signal.throwIfAborted();
        const asked = request.messages.findLast((message) => message.role === 'user')?.content ?? '';
        const recorded = answers.get(matchKey(asked));
        if (recorded !== undefined) return recorded;
        throw new ModelError({
          kind: 'not-recorded',
          message: `${file} holds no answer to this input.`,
          hint: `The column ${columns.match} must equal the input exactly.`,
          place: { file },
        });
      },
    };
  },
});
