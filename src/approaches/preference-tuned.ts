import { z } from 'zod';
import { type ApproachContext, defineApproach, type PrepareInput, rungImpossible } from '#core/approach.ts';
import type { Manifest } from '#core/candidate.ts';
import type { JsonObject } from '#core/json.ts';
import type { Prompt } from '#core/prompt.ts';
import { fineTuned, tunedSetup, withNotes } from './fine-tuned.ts';
import { refuseIdleOption } from './prompted.ts';
import { checkAgainst } from './retrieval-settings.ts';
import { drawAnswers, restoreDrawn } from './tuned-draws.ts';
import { hyperparameterShape, mixFile, readFileOf, sharedByTrainings, splitOptions } from './tuned-options.ts';
import { type Pairs, pairsOfAnswers, pairsOfOwn, pairsOfRows } from './tuned-pairs.ts';
import { fewestRows } from './tuned-rows.ts';

const id = 'preference-tuned';

const optionsSchema = z.strictObject({
  /** A file of preferences in the task folder; without it pairs are made of the tuned model's own wrong answers. */
  preferences: z.string().trim().min(1).optional(),
  /** Answers drawn to every training row. */
  draws: z.int().min(1).max(32).default(4),
  temperature: z.number().gt(0).max(2).default(0.8),
  /** What a worse draw is held against: the expected answer of its row, or the best draw by the metric. */
  against: z.enum(['expected', 'own']).default('expected'),
  /** How the pairs are learnt; all other options are those of fine-tuned. */
  dpo: z.strictObject(hyperparameterShape).default({}),
  /** How strongly it is held to what it was before. */
  beta: z.number().positive().max(10).optional(),
});

/** Times that the validation rows are usually asked while pairs are learnt, before and after included. */
const evaluationsOfPairs = 3;

/**
 * The tuned model of the rung fine-tuned, which then learns which of two answers is the better one (direct preference
 * optimisation, Rafailov et al. 2023, arXiv:2305.18290). The first training is that of fine-tuned with the same options, so
 * that whichever comes second finds it done.
 */
export const preferenceTuned = defineApproach({
  id,
  summary: 'The tuned model, tuned further on pairs of a better and a worse answer.',
  trains: true,
  usesKnowledge: (options) => fineTuned.usesKnowledge?.(options) ?? false,
  otherModels: (options, roles) => fineTuned.otherModels?.(options, roles) ?? [],
  usesFiles(options) {
    const { preferences } = optionsSchema.parse(parted(options).own);
    const files = [preferences, mixFile(options)].filter((file) => file !== undefined);
    return files.length === 0 ? {} : { rows: files };
  },
  checkOptions(options) {
    const { own, tuning } = parted(options);
    checkAgainst(optionsSchema, id, own);
    if (own['preferences'] !== undefined) {
      for (const name of ['draws', 'temperature', 'against'])
        refuseIdleOption(id, name, own, 'pairs of own answers: leave out preferences');
      refuseIdleOption(id, 'retrieval', tuning, 'pairs of own answers: those of a file come without passages');
    }
    fineTuned.checkOptions(tuning);
  },
  skip(input) {
    const { own, tuning } = parted(input.options);
    const { preferences } = optionsSchema.parse(own);
    const rows = preferences === undefined ? undefined : input.files?.rows[preferences];
    const pairs = rows === undefined ? undefined : pairsOfRows(rows, '', { headed: false, sections: [] }).train.length;
    if (pairs !== undefined && pairs < fewestRows) return tooFewPairs(pairs, `in ${preferences}`);
    return fineTuned.skip?.({ ...input, options: tuning });
  },
  forecast(input) {
    const { own, tuning } = parted(input.options);
    const { preferences, draws } = optionsSchema.parse(own);
    const { prepareCalls, ...answer } = fineTuned.forecast!({ ...input, options: tuning });
    const evaluations = evaluationsOfPairs * input.validation.length;
    return { ...answer, prepareCalls: prepareCalls + evaluations + (preferences === undefined ? draws * input.train.length : 0) };
  },
  async prepare(given, context) {
    const { own, tuning } = parted(given.options);
    const input = { ...given, options: tuning };
    const options = optionsSchema.parse(own);
    const tuned = await fineTuned.prepare(input, context);
    const pairs = await pairsFor(options, tuned, input, context);
    const manifestFor = (model: Manifest['model']): Manifest => ({ ...tuned, approach: id, model });
    const metricOf = (model: Manifest['model']) => context.evaluate(manifestFor(model), input.validation);
    const shared = sharedByTrainings(tuning);
    const outcome = await context.train(
      {
        ...shared,
        method: 'preference',
        base: tuned.model ?? input.model,
        train: pairs.train,
        validation: pairs.validation,
        hyperparameters: { ...shared.hyperparameters, ...options.dpo, ...(options.beta !== undefined && { beta: options.beta }) },
        seed: input.seed,
      },
      { evaluate: metricOf, origins: pairs.origins },
    );
    const left = pairs.left.length === 0 ? '' : `; left out: ${pairs.left.join(', ')}`;
    const from = options.preferences === undefined ? ofOwnAnswers[options.against] : `of ${options.preferences}`;
    const learnt = `${pairs.train.length} pairs ${from} were learnt${left}.`;
    const [before, after] = [await metricOf(tuned.model), await metricOf(outcome.model)];
    if (before <= after) return withNotes(manifestFor(outcome.model), [learnt]);
    const lost = `The task's metric fell from ${before.toFixed(3)} to ${after.toFixed(3)} on validation rows: the tune that it began from is kept.`;
    return withNotes(manifestFor(tuned.model), [learnt, lost]);
  },
  restore: (manifest, context) => restoreDrawn(manifest, context, fineTuned.restore),
});

const ofOwnAnswers = {
  expected: 'of own answers that the metric marks down',
  own: 'of own answers, the best by the metric against worse ones,',
};

async function pairsFor(
  { preferences, draws, temperature, against }: z.output<typeof optionsSchema>,
  tuned: Manifest,
  input: PrepareInput,
  context: ApproachContext,
): Promise<Pairs> {
  if (preferences !== undefined) {
    return pairsOfRows(readFileOf(input.files?.rows, preferences), preferences, tuned.state['prompt'] as unknown as Prompt);
  }
  const { promptFor } = await tunedSetup(input, context);
  const usable = against === 'own' ? input.train : input.train.filter(({ expected }) => expected !== undefined);
  const drawn = await drawAnswers({ ...tuned, approach: id }, usable, { draws, temperature }, context);
  const pairs = against === 'own' ? pairsOfOwn(drawn, promptFor) : pairsOfAnswers(drawn, promptFor, context.bestScore);
  if (pairs.train.length >= fewestRows) return pairs;
  throw rungImpossible(
    tooFewPairs(
      pairs.train.length,
      `among ${draws} answers drawn to each of ${usable.length} training rows: ${against === 'own' ? 'the metric hardly ever tells them apart' : 'the tuned model is hardly ever wrong on them'}`,
    ),
    'Give pairs in a file by the option preferences, or draw more: draws: 16, temperature: 1.',
  );
}

function tooFewPairs(pairs: number, where: string): string {
  return `It needs at least ${fewestRows} pairs of a better and a worse answer; there are ${pairs} ${where}.`;
}

function parted(options: JsonObject) {
  return splitOptions(options, (name) => name in optionsSchema.shape);
}
