import { z } from 'zod';
import { type ApproachContext, defineApproach, type PrepareInput } from '#core/approach.ts';
import type { Manifest } from '#core/candidate.ts';
import { inputError } from '#core/errors.ts';
import { passagesOf } from '#data/chunks.ts';
import { plainPrompt } from './prompt.ts';
import { forecastPrompted, outputTokensFor, promptedManifest } from './prompted.ts';
import { retrievalCandidate } from './retrieval-candidate.ts';
import { keepPassages } from './retrieval-pool.ts';
import { withPassages } from './retrieval-prompt.ts';
import { checkAgainst, lookUpShape, noDocuments, passageCount, type RetrievalState, unanswerableFor } from './retrieval-settings.ts';

const optionsSchema = z.strictObject({
  ...lookUpShape,
  /** Several numbers: the one that does best on the validation split. */
  passages: z
    .union([passageCount, z.array(passageCount).min(1)], { error: 'must be a whole number from 1 to 20, or a list of them' })
    .default(3),
  rerank: z.boolean().default(false),
  /** True unless the answer is a label or JSON, or the passages have no numbers. */
  cite: z.boolean().optional(),
});

/** The plain prompt with passages of the task's documents that were looked up for the question. */
export const retrieval = defineApproach({
  id: 'retrieval',
  summary: 'The instructions and the passages of knowledge/ that fit the question, found by words and pieces of words.',
  usesKnowledge: () => true,
  checkOptions(options) {
    checkAgainst(optionsSchema, 'retrieval', options);
    if (options['layout'] !== 'plain' || options['cite'] !== true) return;
    throw inputError({
      code: 'options-contradict',
      message: 'The rung retrieval is to cite passages by number, but layout: plain gives them none.',
      hint: 'Take one of the two options out.',
    });
  },
  skip: ({ knowledge }) => (knowledge.length === 0 ? noDocuments : undefined),
  forecast(input) {
    const options = optionsSchema.parse(input.options);
    const states = statesOf(input);
    const largest = states.at(-1) as RetrievalState;
    const passages = passagesOf(input.knowledge, options.passageWords);
    const { inputTokens, ...rest } = forecastPrompted(
      withPassages(plainPrompt(input.task), passages.slice(0, largest.passages), largest),
      [],
      input,
    );
    const callsPerAnswer = options.rerank ? 2 : 1;
    return {
      ...rest,
      inputTokens,
      callsPerAnswer,
      prepareCalls: states.length === 1 ? 0 : states.length * input.validation.length * callsPerAnswer,
    };
  },
  async prepare(input, context) {
    const passages = await keepPassages(input.knowledge, optionsSchema.parse(input.options).passageWords, context.artefacts);
    const manifests = statesOf(input).map((state) => manifestOf(state, passages, input));
    if (manifests.length === 1 || input.validation.length === 0) return manifests[0] as Manifest;
    return bestOf(manifests, input, context);
  },
  restore: retrievalCandidate,
});

/** One state for each number of passages, the fewest first. */
function statesOf({ task, options }: PrepareInput): readonly RetrievalState[] {
  const { passages, search, layout, rerank, cite, unanswerable } = optionsSchema.parse(options);
  const counts = [...new Set([passages].flat())].sort((a, b) => a - b);
  const fixed = {
    search,
    layout,
    unanswerable: unanswerableFor(task.output, unanswerable),
    rerank,
    cite: cite ?? (task.output.kind === 'text' && layout === 'numbered'),
  };
  return counts.map((count) => ({ passages: count, ...fixed }));
}

function manifestOf(state: RetrievalState, passages: string, { task, model, name }: PrepareInput): Manifest {
  const prompted = { prompt: plainPrompt(task), output: task.output, maxOutputTokens: outputTokensFor(task.output), shots: [] };
  return promptedManifest({ approach: 'retrieval', name, model }, { ...prompted, ...{ retrieval: state } }, { passages });
}

/** Ties go to fewer passages: the shorter prompt. */
async function bestOf(manifests: readonly Manifest[], { validation }: PrepareInput, context: ApproachContext): Promise<Manifest> {
  let best: { manifest: Manifest; score: number } | undefined;
  for (const [index, manifest] of manifests.entries()) {
    const { passages } = manifest.state['retrieval'] as unknown as RetrievalState;
    context.progress({ message: `trying ${passages} passages`, done: index, total: manifests.length });
    const score = await context.evaluate(manifest, validation);
    if (best === undefined || score > best.score) best = { manifest, score };
  }
  return (best as { manifest: Manifest }).manifest;
}
