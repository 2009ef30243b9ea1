import { z } from 'zod';
import { type ApproachContext, defineApproach, type PrepareInput } from '#core/approach.ts';
import type { Manifest } from '#core/candidate.ts';
import { inputError } from '#core/errors.ts';
import { passagesOf } from '#data/chunks.ts';
import { forecastRepairs } from './json-repair.ts';
import { plainPrompt } from './prompt.ts';
import { forecastPrompted, outputTokensFor, promptedManifest, repairOption } from './prompted.ts';
import { retrievalCandidate } from './retrieval-candidate.ts';
import { keepPool, makePool } from './retrieval-pool.ts';
import { withPassages } from './retrieval-prompt.ts';
import { checkSearch, embeddingModels, searchState } from './retrieval-search.ts';
import {
  checkAgainst,
  lookUpShape,
  noDocuments,
  passageCount,
  type RetrievalState,
  unanswerableFor,
  usualSearch,
} from './retrieval-settings.ts';

const optionsSchema = z.strictObject({
  ...lookUpShape,
  /** Several numbers: the one that does best on the validation split. */
  passages: z
    .union([passageCount, z.array(passageCount).min(1)], { error: 'must be a whole number from 1 to 20, or a list of them' })
    .default(3),
  rerank: z.boolean().default(false),
  /** True unless the answer is a label or JSON, or the passages have no numbers. */
  cite: z.boolean().optional(),
  repair: repairOption,
});

/** The plain prompt with passages of the task's documents that were looked up for the question. */
export const retrieval = defineApproach({
  id: 'retrieval',
  summary: 'The instructions and the passages of knowledge/ that fit the question, found by words, by pieces of words or by meaning.',
  usesKnowledge: () => true,
  otherModels: embeddingModels,
  checkOptions(options) {
    checkAgainst(optionsSchema, 'retrieval', options);
    checkSearch('retrieval', optionsSchema.parse(options));
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
    const prompt = withPassages(plainPrompt(input.task), passages.slice(0, largest.passages), largest);
    const asked = forecastRepairs(forecastPrompted(prompt, [], input), options.repair ?? 0);
    const callsPerAnswer = asked.callsPerAnswer + (options.rerank ? 1 : 0) + (options.embeddings === undefined ? 0 : 1);
    const tried = states.length === 1 ? 0 : states.length * input.validation.length * callsPerAnswer;
    // services take many texts in one call
    const vectorCalls = options.embeddings === undefined ? 0 : Math.ceil(passages.length / 128);
    return { ...asked, callsPerAnswer, prepareCalls: tried + vectorCalls };
  },
  async prepare(input, context) {
    const { passageWords } = optionsSchema.parse(input.options);
    const states = statesOf(input);
    const pool = await makePool(input.knowledge, passageWords, states[0] as RetrievalState, context);
    const passages = await keepPool(pool, context.artefacts);
    const manifests = states.map((state) => manifestOf(state, passages, input));
    if (manifests.length === 1 || input.validation.length === 0) return manifests[0] as Manifest;
    return bestOf(manifests, input, context);
  },
  restore: retrievalCandidate,
});

/** One state for each number of passages, the fewest first. */
function statesOf({ task, options, roles }: PrepareInput): readonly RetrievalState[] {
  const { passages, search, embeddings, layout, rerank, cite, unanswerable } = optionsSchema.parse(options);
  const counts = [...new Set([passages].flat())].sort((a, b) => a - b);
  const fixed = {
    ...searchState({ search, embeddings }, usualSearch, roles),
    layout,
    unanswerable: unanswerableFor(task.output, unanswerable),
    rerank,
    cite: cite ?? (task.output.kind === 'text' && layout === 'numbered'),
  };
  return counts.map((count) => ({ passages: count, ...fixed }));
}

function manifestOf(retrieval: RetrievalState, passages: string, { task, model, name, options }: PrepareInput): Manifest {
  const { repair = 0 } = optionsSchema.parse(options);
  const prompted = { prompt: plainPrompt(task), output: task.output, maxOutputTokens: outputTokensFor(task.output), shots: [] };
  const state = { ...prompted, retrieval, ...(repair > 0 && { repair }) };
  return promptedManifest({ approach: 'retrieval', name, model }, state, { passages });
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
