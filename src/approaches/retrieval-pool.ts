import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtefactStore } from '#core/approach.ts';
import type { Manifest } from '#core/candidate.ts';
import type { KnowledgeDocument } from '#core/knowledge.ts';
import { type Passage, passagesOf } from '#data/chunks.ts';
import { openPassageIndex, type PassageIndex } from '#data/passage-index.ts';
import type { RetrievalState } from './retrieval-settings.ts';

const poolFile = 'passages.jsonl';

/** Keeps the passages of the documents as an artefact, so that a candidate answers where the documents are not. */
export async function keepPassages(documents: readonly KnowledgeDocument[], words: number, artefacts: ArtefactStore): Promise<string> {
  const lines = passagesOf(documents, words).map((passage) => `${JSON.stringify(passage)}\n`);
  return artefacts.write({ [poolFile]: lines.join('') });
}

/** The index over the passages that a manifest keeps. */
export async function openPool(
  { artefacts, state }: Pick<Manifest, 'artefacts' | 'state'>,
  store: Pick<ArtefactStore, 'path'>,
): Promise<PassageIndex> {
  const folder = await store.path(artefacts['passages'] as string);
  const lines = (await readFile(join(folder, poolFile), 'utf8')).split('\n').filter((line) => line !== '');
  const passages = lines.map((line) => JSON.parse(line) as Passage);
  return openPassageIndex(passages, (state['retrieval'] as unknown as RetrievalState).search);
}
