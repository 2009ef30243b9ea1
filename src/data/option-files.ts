import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import type { DataRow } from '#core/data-row.ts';
import { inputError } from '#core/errors.ts';
import { isJsonObject } from '#core/json.ts';
import type { KnowledgeDocument } from '#core/knowledge.ts';
import { resolveInside } from './inside-folder.ts';
import { decodeDocument } from './knowledge-text.ts';
import { readDataFile } from './read-data-file.ts';
import { readRecords } from './read-records.ts';
import { isUnreadable } from './unreadable-row.ts';

/** A file that an option of the ladder names, and the task that it stands in. */
export interface OptionFile {
  readonly path: string;
  readonly folder: string;
  /** The task file, for messages. */
  readonly file: string;
}

const mostRowBytes = 16 * 1024 * 1024;

/** The rows of a data file of any known format. Throws a usage error where it is missing or one of its rows cannot be read. */
export async function readOptionRows(option: OptionFile): Promise<readonly DataRow[]> {
  return readWholeDataFile(await pathOf(option));
}

/** All rows of a data file. Throws a usage error that names the first row which cannot be read. */
export async function readWholeDataFile(path: string): Promise<readonly DataRow[]> {
  const rows: DataRow[] = [];
  for await (const row of (await readDataFile(path)).rows) {
    if (!isUnreadable(row)) rows.push(row);
    else throw inputError({ code: row.code, message: row.message, hint: row.fix, place: { file: path, line: row.line } });
  }
  return rows;
}

/**
 * Raw texts: a Markdown or text file is one document, any other file holds a `{"text": "…"}` on each line. Throws a usage
 * error where it is missing, empty or not understood.
 */
export async function readOptionTexts(option: OptionFile): Promise<readonly KnowledgeDocument[]> {
  const path = await pathOf(option);
  const documents = plainEndings.has(extname(path).toLowerCase())
    ? [{ id: basename(path), text: decodeDocument(await readFile(path), path) }]
    : await textRows(path);
  const filled = documents.filter(({ text }) => text.trim() !== '');
  if (filled.length > 0) return filled;
  throw inputError({
    code: 'file-empty',
    message: `${path} holds no text.`,
    hint: 'Write texts into it, or name another file.',
    place: { file: path },
  });
}

const plainEndings: ReadonlySet<string> = new Set(['.md', '.markdown', '.txt']);

async function textRows(path: string): Promise<KnowledgeDocument[]> {
  const documents: KnowledgeDocument[] = [];
  for await (const { line, fields } of readRecords(path, mostRowBytes)) {
    const text = isJsonObject(fields) ? fields['text'] : undefined;
    if (typeof text !== 'string') {
      throw inputError({
        code: 'text-missing',
        message: 'The row has no text.',
        hint: 'Write {"text": "…"} on each line, or name a .md or .txt file.',
        place: { file: path, line },
      });
    }
    documents.push({ id: `${basename(path)}:${line}`, text });
  }
  return documents;
}

function pathOf({ path, folder, file }: OptionFile): Promise<string> {
  return resolveInside(folder, path, 'file of the ladder', { file });
}
