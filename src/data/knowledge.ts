import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, extname, join, relative, sep } from 'node:path';
import { inputError } from '#core/errors.ts';
import type { Example } from '#core/example.ts';
import type { KnowledgeDocument } from '#core/knowledge.ts';
import { findInside } from './inside-folder.ts';
import { decodeDocument } from './knowledge-text.ts';

export interface ReadKnowledge {
  /** In the order of their ids, by code units. */
  readonly documents: readonly KnowledgeDocument[];
  /** Sentences about what was passed over. */
  readonly warnings: readonly string[];
}

/** More than a person writes into one document: mostly an export that holds many. */
const maximumDocumentBytes = 2_000_000;
const maximumFolderBytes = 20_000_000;
const readable: ReadonlySet<string> = new Set(['.md', '.markdown', '.txt']);

/**
 * Reads the Markdown and text documents under a task's knowledge folder; hidden files are ignored, empty documents and
 * other kinds of file are passed over with a warning. Throws a usage error for a document that is huge, binary or not
 * UTF-8, and for a link that leads out of the task folder.
 */
export async function readKnowledge(task: { folder: string; knowledgeFolder?: string }): Promise<ReadKnowledge> {
  const root = task.knowledgeFolder;
  if (root === undefined) return { documents: [], warnings: [] };
  const files = await filesUnder(root, task.folder);
  const warnings: string[] = [];
  const documents: KnowledgeDocument[] = [];
  const unread = files.filter((file) => !readable.has(extname(file).toLowerCase()));
  if (unread.length > 0) {
    const named = unread.slice(0, 3).map((file) => basename(file));
    warnings.push(
      `${count(unread.length, 'file')} in the knowledge folder ${unread.length === 1 ? 'is' : 'are'} not read (${named.join(', ')}): only .md and .txt are.`,
    );
  }
  let left = maximumFolderBytes;
  for (const file of files) {
    if (unread.includes(file)) continue;
    const { size } = await stat(file);
    if (size > maximumDocumentBytes) throw tooLarge(file, size, maximumDocumentBytes, 'document');
    left -= size;
    if (left < 0) throw tooLarge(root, maximumFolderBytes - left, maximumFolderBytes, 'knowledge folder');
    const id = relative(root, file).split(sep).join('/');
    const text = decodeDocument(await readFile(file), file);
    if (text.trim() === '') warnings.push(`The document ${id} is empty and was passed over.`);
    else documents.push({ id, text });
  }
  if (documents.length === 0) warnings.push('The knowledge folder holds no document, so nothing can be looked up.');
  return { documents, warnings };
}

/** A warning where examples name, as the place of their answer, documents that are not there. */
export function unknownDocuments(examples: readonly Pick<Example, 'tags'>[], documents: readonly KnowledgeDocument[]): readonly string[] {
  const known = new Set(documents.map(({ id }) => id));
  const named = examples.flatMap(({ tags }) => tags.flatMap((tag) => documentOfTag(tag) ?? []));
  const unknown = [...new Set(named.filter((id) => !known.has(id)))];
  if (documents.length === 0 || unknown.length === 0) return [];
  const first = JSON.stringify(unknown[0]);
  return [
    `${count(unknown.length, 'document')} that examples name ${unknown.length === 1 ? 'is' : 'are'} not in the knowledge folder, as ${first}.`,
  ];
}

// `document:ID`, or `passage:ID` where the id begins with the document's
function documentOfTag(tag: string): string | undefined {
  return /^document:(.+)$/s.exec(tag)?.[1] ?? /^passage:([^#]+?)(?:#.*|\/\d+)$/s.exec(tag)?.[1];
}

async function filesUnder(root: string, taskFolder: string): Promise<readonly string[]> {
  const files: string[] = [];
  const visit = async (folder: string, above: readonly string[]): Promise<void> => {
    const names = (await readdir(folder)).filter((name) => !name.startsWith('.')).sort();
    for (const name of names) {
      const path = join(folder, name);
      const real = await findInside(taskFolder, path, { file: path });
      if (real === undefined) continue;
      if (!(await stat(real)).isDirectory()) files.push(path);
      // a link to a folder above would go round for ever
      else if (!above.includes(real)) await visit(path, [...above, real]);
    }
  };
  await visit(root, [root]);
  return files.sort();
}

function tooLarge(file: string, bytes: number, limit: number, what: string): Error {
  return inputError({
    code: 'document-too-large',
    message: `The ${what} has ${bytes.toLocaleString('en')} bytes; at most ${limit.toLocaleString('en')} are read.`,
    hint:
      what === 'document'
        ? 'Split it by subject, or take it out of the knowledge folder.'
        : 'Keep only the documents that questions are about.',
    place: { file },
  });
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
