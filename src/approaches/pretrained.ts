import { z } from 'zod';
import { defineApproach, type PrepareInput } from '#core/approach.ts';
import type { JsonObject } from '#core/json.ts';
import type { TextRow } from '#core/trainer.ts';
import { fineTuned, withNotes } from './fine-tuned.ts';
import { checkAgainst } from './retrieval-settings.ts';
import { hyperparameterShape, mixFile, readFileOf, sharedByTrainings, splitOptions } from './tuned-options.ts';

const id = 'pretrained';

const optionsSchema = z.strictObject({
  /** A file of raw texts in the task folder, read in place of the knowledge documents. */
  texts: z.string().trim().min(1).optional(),
  /** How the texts are learnt; all other options are those of fine-tuned. */
  pretraining: z.strictObject(hyperparameterShape).default({}),
});

const noTexts = 'It needs texts to read: put documents into the knowledge/ folder, or name a file by its option texts.';

/**
 * The model reads the task's documents as raw text before it is tuned as the rung fine-tuned is (continued pre-training,
 * Gururangan et al. 2020, arXiv:2004.10964). Checkpoints of the reading are not judged by the task, which the model cannot
 * answer yet: its last step is taken.
 */
export const pretrained = defineApproach({
  id,
  summary: 'The model reads the documents as raw text, then is tuned on the training split.',
  trains: true,
  usesKnowledge: (options) => options['texts'] === undefined || (fineTuned.usesKnowledge?.(parted(options).tuning) ?? false),
  otherModels: (options, roles) => fineTuned.otherModels?.(parted(options).tuning, roles) ?? [],
  usesFiles(options) {
    const { texts } = optionsSchema.parse(parted(options).own);
    const file = mixFile(options);
    return { ...(texts !== undefined && { documents: [texts] }), ...(file !== undefined && { rows: [file] }) };
  },
  checkOptions(options) {
    const { own, tuning } = parted(options);
    checkAgainst(optionsSchema, id, own);
    fineTuned.checkOptions(tuning);
  },
  skip(input) {
    const { own, tuning } = parted(input.options);
    const { texts } = optionsSchema.parse(own);
    if (texts === undefined && input.knowledge.length === 0) return noTexts;
    return fineTuned.skip?.({ ...input, options: tuning });
  },
  forecast: (input) => fineTuned.forecast!({ ...input, options: parted(input.options).tuning }),
  async prepare(input, context) {
    const { own, tuning } = parted(input.options);
    const { texts, pretraining } = optionsSchema.parse(own);
    const rows = textsOf(input, texts);
    const shared = sharedByTrainings(tuning);
    context.progress({ message: `reading ${rows.length} texts` });
    const read = await context.train({
      ...shared,
      method: 'pretraining',
      base: input.model,
      train: rows,
      validation: [],
      hyperparameters: { ...shared.hyperparameters, ...pretraining },
      seed: input.seed,
    });
    const tuned = await fineTuned.prepare({ ...input, model: read.model, options: tuning }, context);
    const tokens = read.trainedTokens === undefined ? '' : ` (${read.trainedTokens} tokens, all epochs together)`;
    const from = texts === undefined ? 'knowledge documents' : `texts of ${texts}`;
    return withNotes({ ...tuned, approach: id }, [`${rows.length} ${from} were read before the tune${tokens}.`]);
  },
  restore: fineTuned.restore,
});

function textsOf({ knowledge, files }: PrepareInput, texts: string | undefined): readonly TextRow[] {
  const documents = texts === undefined ? knowledge : readFileOf(files?.documents, texts);
  return documents.map(({ text }) => ({ text }));
}

function parted(options: JsonObject) {
  return splitOptions(options, (name) => name in optionsSchema.shape);
}
