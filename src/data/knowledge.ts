import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, extname, join, relative, sep } from 'node:path';
import { inputError, messageOf } from '#core/errors.ts';
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
  const { files, others } = await filesUnder(root, task.folder);
  const documents: KnowledgeDocument[] = [];
  const unread = files.filter((file) => !readable.has(extname(file).toLowerCase()));
  const warnings = [
    ...notRead(unread, 'file', 'only .md and .txt are'),
    ...notRead(others, 'entry', 'links that lead nowhere, pipes, sockets and devices are not'),
  ];
  let left = maximumFolderBytes;
  for (const file of files) {
    if (unread.includes(file)) continue;
    const { size } = await stat(file);
    if (size > maximumDocumentBytes) throw tooLarge(file, size, maximumDocumentBytes, 'document');
    left -= size;
    if (left < 0) throw tooLarge(root, maximumFolderBytes - left, maximumFolderBytes, 'knowledge folder');
    const id = relative(root, file).split(sep).join('/');
    const text = decodeDocument(await allowed(file, () => readFile(file)), file);
    if (text.trim() === '') warnings.push(`The document ${oneLine(id)} is empty and was passed over.`);
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

/** Files, links followed, and what is neither a file nor a folder: reading a pipe would wait for ever. */
async function filesUnder(root: string, taskFolder: string): Promise<{ files: readonly string[]; others: readonly string[] }> {
  const files: string[] = [];
  const others: string[] = [];
  const visit = async (folder: string, above: readonly string[]): Promise<void> => {
    const names = (await allowed(folder, () => readdir(folder))).filter((name) => !name.startsWith('.')).sort();
    for (const name of names) {
      const path = join(folder, name);
      const real = await findInside(taskFolder, path, { file: path });
      const entry = real === undefined ? undefined : await stat(real);
      if (real === undefined || entry === undefined) others.push(path);
      else if (entry.isFile()) files.push(path);
      else if (!entry.isDirectory()) others.push(path);
      // a link to a folder above would go round for ever
      else if (!above.includes(real)) await visit(path, [...above, real]);
    }
  };
  await visit(root, [root]);
  return { files: files.sort(), others };
}

/** Runs what reads a file or folder; says what to do where that is not allowed or fails. */
async function allowed<T>(file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    throw inputError({
      code: 'document-unreadable',
      message: `It cannot be read: ${messageOf(cause)}.`,
      hint: 'Allow reading it, or take it out of the knowledge folder.',
      place: { file },
      cause,
    });
  }
}

function notRead(files: readonly string[], what: 'file' | 'entry', why: string): readonly string[] {
  if (files.length === 0) return [];
  const named = files.slice(0, 3).map((file) => oneLine(basename(file)));
  const counted =
    files.length === 1
      ? `1 ${what} in the knowledge folder is`
      : `${files.length} ${what === 'file' ? 'files' : 'entries'} in the knowledge folder are`;
  return [`${counted} not read (${named.join(', ')}): ${why}.`];
}

function oneLine(name: string): string {
  return name.replace(/\s+/g, ' ');
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
