import { z } from 'zod';
import type { RestoreContext } from '#core/approach.ts';
import type { CallableModel, ModelCall } from '#core/candidate.ts';
import { inputError } from '#core/errors.ts';
import { type Input, textOf } from '#core/example.ts';
import type { JsonObject } from '#core/json.ts';
import type { Search } from '#data/passage-index.ts';

/** How a search may be named in options; `bm25` and `fused` are what `words` and `both` are without embeddings. */
const searchNames = ['words', 'meaning', 'both', 'bm25', 'fused'] as const;

/** Options of every rung that looks something up. */
export const searchShape = {
  search: z.enum(searchNames).optional().describe('"words", "meaning" or "both"'),
  embeddings: z.string().trim().min(1).optional().describe('a role of models: or the name of a model that makes embeddings'),
};

export interface SearchOptions {
  readonly search?: (typeof searchNames)[number] | undefined;
  readonly embeddings?: string | undefined;
}

/** What a manifest keeps of it. */
export interface SearchState {
  readonly search: Search;
  /** Name of the model that made the vectors; absent where the search uses none. */
  readonly embeddings?: string;
}

/** The search that options ask for: by words and meaning where a model for the latter is named, else the rung's usual one. */
export function searchState({ search, embeddings }: SearchOptions, usual: Search, roles: Readonly<Record<string, string>>): SearchState {
  if (embeddings !== undefined) return { search: search === 'meaning' ? search : 'both', embeddings: roles[embeddings] ?? embeddings };
  const plain = { words: 'bm25', meaning: usual, both: 'fused', bm25: 'bm25', fused: 'fused' } as const;
  return { search: search === undefined ? usual : plain[search] };
}

/** Throws a usage error where a search by meaning has no model for it, or a model has no search to make vectors for. */
export function checkSearch(rung: string, { search, embeddings }: SearchOptions): void {
  if (search === 'meaning' && embeddings === undefined) {
    throw inputError({
      code: 'embeddings-missing',
      message: `The rung ${rung} is to search by meaning, but names no model that makes embeddings.`,
      hint: 'Add embeddings: with a role of models: or a model name, or search by words.',
    });
  }
  if (embeddings === undefined || search === undefined || search === 'meaning' || search === 'both') return;
  throw inputError({
    code: 'option-idle',
    message: `The option embeddings of the rung ${rung} does nothing with search: ${search}.`,
    hint: 'It belongs to search: meaning or search: both.',
  });
}

type Embed = NonNullable<CallableModel['embed']>;

/** The role or name of the model that options name for making vectors. */
export function embeddingModels({ embeddings }: JsonObject): readonly string[] {
  return typeof embeddings === 'string' ? [embeddings] : [];
}

/** The model that makes a state's vectors; undefined where it needs none. Throws a usage error where the model makes none. */
export async function openEmbedding({ embeddings }: SearchState, context: Pick<RestoreContext, 'model'>): Promise<Embed | undefined> {
  if (embeddings === undefined) return undefined;
  const model = await context.model({ model: embeddings });
  if (model.embed !== undefined) return (texts, options) => model.embed!(texts, options);
  throw inputError({
    code: 'no-embeddings',
    message: `The model ${embeddings} makes no embeddings.`,
    hint: 'Name one that does, as openai/text-embedding-3-small; of a server of your own, set embeddings: true in its entry of providers: where its name does not say it.',
  });
}

/** The vector of a question, and the call that made it; neither where the search needs none or the question is blank. */
export async function embedQuestion(
  embed: Embed | undefined,
  input: Input,
  signal: AbortSignal,
): Promise<{ readonly vector?: Float32Array; readonly calls: readonly ModelCall[] }> {
  const text = textOf(input);
  if (embed === undefined || text.trim() === '') return { calls: [] };
  const { vectors, call } = await embed([text], { signal });
  return { vector: vectors[0] as Float32Array, calls: [call] };
}
