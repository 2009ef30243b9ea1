import type { CallableModel } from '#core/candidate.ts';

/** Words of one meaning: each group is a direction of its own. */
const meanings: readonly (readonly string[])[] = [
  ['open', 'opens', 'door', 'unlocked'],
  ['fees', 'costs', 'price', 'charge', 'expensive'],
  ['pets', 'dogs', 'hound', 'poodle'],
  ['wet', 'grey', 'dripping', 'soaked', 'umbrella', 'drizzle'],
  ['bright', 'golden', 'clear', 'dazzling', 'parasol'],
];

/** A model that makes vectors of what words mean, and notes the texts; each call costs 7 nano-dollars. */
export function embeddingModel(): CallableModel & { readonly embedded: (readonly string[])[] } {
  const embedded: (readonly string[])[] = [];
  return {
    name: 'vectors',
    can: {},
    embedded,
    generate: async () => {
      throw new Error('This model answers nothing.');
    },
    async embed(texts) {
      embedded.push(texts);
      const usage = { inputTokens: texts.length, cachedInputTokens: 0, outputTokens: 0 };
      return { vectors: texts.map(vectorOf), call: { model: 'vectors', usage, cost: 7, latencyMs: 2, cached: false } };
    },
  };
}

function vectorOf(text: string): Float32Array {
  const words = text.toLowerCase().match(/[a-z]+/g) ?? [];
  return Float32Array.from(meanings, (group) => words.filter((word) => group.includes(word)).length + 0.01);
}
