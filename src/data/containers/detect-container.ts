import { extname } from 'node:path';
import type { DataContainer } from '#core/data-format.ts';
import { inputError } from '#core/errors.ts';
import { BrokenInput, openBytes } from './open-bytes.ts';

export interface DetectedContainer {
  readonly container: DataContainer;
  /** What divides the cells of a table. */
  readonly delimiter: string;
}

const byExtension: Readonly<Record<string, DataContainer>> = {
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.json': 'json',
  '.csv': 'csv',
  '.tsv': 'tsv',
  '.tab': 'tsv',
  '.parquet': 'parquet',
  '.pq': 'parquet',
  '.yaml': 'yaml',
  '.yml': 'yaml',
};

const headBytes = 1 << 16;

/** The container that a file's name asks for; undefined where it has none of the known endings. A last `.gz` is passed over. */
export function containerOfName(file: string): DataContainer | undefined {
  return byExtension[extname(file.replace(/\.gz$/i, '')).toLowerCase()];
}

/** What holds the rows of a file, by its name and its first bytes. Throws a usage error for a file that is missing or empty. */
export async function detectContainer(file: string): Promise<DetectedContainer> {
  const head = await readHead(file);
  const named = containerOfName(file);
  const text = head.toString('utf8');
  const first = text.trimStart();
  if (first === '') {
    throw inputError({
      code: 'file-empty',
      message: `${file} is empty.`,
      hint: 'Write one row on each line, or name another file.',
      place: { file },
    });
  }
  if (text.startsWith('PAR1')) return { container: 'parquet', delimiter: '' };
  if (named === 'csv' || named === 'tsv') return { container: named, delimiter: named === 'tsv' ? '\t' : cellDelimiter(first) };
  if (named === 'yaml' || named === 'parquet') return { container: named, delimiter: '' };
  if (first.startsWith('[')) return { container: 'json', delimiter: '' };
  if (first.startsWith('{'))
    return { container: named === 'jsonl' || isObjectPerLine(first) ? (isCutObject(first) ? 'json' : 'jsonl') : 'json', delimiter: '' };
  if (named !== undefined) return { container: named, delimiter: '' };
  return { container: 'csv', delimiter: cellDelimiter(first) };
}

async function readHead(file: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of openBytes(file)) {
      pieces.push(chunk);
      size += chunk.length;
      if (size >= headBytes) break;
    }
  } catch (error) {
    // What is broken further on is told when the rows before it were read.
    if (!(error instanceof BrokenInput)) throw error;
    if (size === 0)
      throw inputError({
        code: error.code,
        message: `${error.message} before its first row.`,
        hint: 'Copy or download it again.',
        place: { file },
      });
  }
  return Buffer.concat(pieces).subarray(0, headBytes);
}

/** Whether the first line is a whole object, and another begins after it. */
function isObjectPerLine(text: string): boolean {
  const [line = '', next = ''] = text.split(/\r\n|\n|\r/, 2);
  return isJson(line) && next.trimStart().startsWith('{');
}

/** An object that goes on over several lines: its first line is a bracket and perhaps one member. */
function isCutObject(text: string): boolean {
  const [line = '', next] = text.split(/\r\n|\n|\r/, 2);
  return next !== undefined && !next.trimStart().startsWith('{') && /^\{\s*("[^"]*"\s*:\s*[[{]?)?\s*$/.test(line);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The likeliest of comma, semicolon, tab and bar, by how often each stands outside quotes in the header. */
function cellDelimiter(text: string): string {
  const header = (text.split(/\r\n|\n|\r/, 1)[0] ?? '').replace(/"[^"]*"/g, '');
  const counts = [',', ';', '\t', '|'].map((delimiter) => ({ delimiter, count: header.split(delimiter).length }));
  return counts.reduce((best, one) => (one.count > best.count ? one : best)).delimiter;
}
