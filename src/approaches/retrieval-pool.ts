import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ApproachContext, ArtefactStore } from '#core/approach.ts';
import type { Manifest } from '#core/candidate.ts';
import type { KnowledgeDocument } from '#core/knowledge.ts';
import { type Passage, passagesOf } from '#data/chunks.ts';
import { readVectors, writeVectors } from '#data/embedding-index.ts';
import { openPassageIndex, type PassageIndex } from '#data/passage-index.ts';
import { openEmbedding, type SearchState } from './retrieval-search.ts';
import type { RetrievalState } from './retrieval-settings.ts';

const poolFile = 'passages.jsonl';
const vectorFile = 'vectors.txt';

/** The passages of documents, and their vectors where they are searched by meaning. */
export interface Pool {
  readonly passages: readonly Passage[];
  readonly vectors: readonly Float32Array[];
}

type PoolContext = Pick<ApproachContext, 'model' | 'signal' | 'progress'>;

/** Cuts documents into passages and has vectors made of them where the search needs some; equal passages are billed once. */
export async function makePool(
  documents: readonly KnowledgeDocument[],
  words: number,
  search: SearchState,
  context: PoolContext,
): Promise<Pool> {
  const passages = passagesOf(documents, words);
  return {
    passages,
    vectors: await vectorsOf(
      passages.map(({ title, text }) => `${title}\n${text}`),
      search,
      context,
    ),
  };
}

/** Vectors of texts, in their order; none where the search needs none. */
export async function vectorsOf(texts: readonly string[], search: SearchState, context: PoolContext): Promise<readonly Float32Array[]> {
  const embed = await openEmbedding(search, context);
  if (embed === undefined || texts.length === 0) return [];
  context.progress({ message: `making vectors of ${texts.length} texts` });
  // services refuse a text without anything in it
  const { vectors } = await embed(
    texts.map((text) => (text.trim() === '' ? '(empty)' : text)),
    { signal: context.signal },
  );
  return vectors;
}

/** Keeps a pool as an artefact, so that a candidate answers where the documents are not; gives its id. */
export async function keepPool({ passages, vectors }: Pool, artefacts: ArtefactStore): Promise<string> {
  const lines = passages.map((passage) => `${JSON.stringify(passage)}\n`);
  return artefacts.write({ [poolFile]: lines.join(''), ...(vectors.length > 0 && { [vectorFile]: writeVectors(vectors) }) });
}

/** The passages that a manifest keeps. */
export async function readPool(
  { artefacts }: Pick<Manifest, 'artefacts'>,
  store: Pick<ArtefactStore, 'path'>,
): Promise<readonly Passage[]> {
  const folder = await store.path(artefacts['passages'] as string);
  const lines = (await readFile(join(folder, poolFile), 'utf8')).split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Passage);
}

/** The index over the passages that a manifest keeps. */
export async function openPool(manifest: Pick<Manifest, 'artefacts' | 'state'>, store: Pick<ArtefactStore, 'path'>): Promise<PassageIndex> {
  const { artefacts, state } = manifest;
  const folder = await store.path(artefacts['passages'] as string);
  const passages = await readPool(manifest, store);
  const { search, embeddings } = state['retrieval'] as unknown as RetrievalState;
  const vectors = embeddings === undefined ? [] : readVectors(await readFile(join(folder, vectorFile), 'utf8'));
  return openPassageIndex(passages, search, vectors);
}
