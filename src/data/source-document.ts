import { readFile } from 'node:fs/promises';
import { isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { inputError, messageOf, type Place } from '#core/errors.ts';

/** What a file says, and where it says it. */
export interface SourceDocument {
  readonly file: string;
  readonly value: unknown;
  /** The place of the value at that path; of the nearest value around it where it is absent. */
  placeOf(path: readonly PropertyKey[]): Place;
}

/** Reads a YAML or JSON file with its line numbers. Throws a usage error with the line where it cannot be parsed. */
export async function readYaml(file: string): Promise<SourceDocument> {
  return yamlDocument((await readFile(file, 'utf8')).replace(/^\uFEFF/, ''), file);
}

/** As `readYaml`, of a text that was read from the file already. */
export function yamlDocument(text: string, file: string): SourceDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [broken] = document.errors;
  if (broken !== undefined) throw unreadable(file, broken.message, lines.linePos(broken.pos[0]).line);
  const lineAt = (offset: number | undefined) => (offset === undefined ? undefined : lines.linePos(offset).line);
  return {
    file,
    value: expanded(file, () => document.toJS()),
    placeOf: (path) => {
      for (let length = path.length; length > 0; length -= 1) {
        const parent = document.getIn(path.slice(0, length - 1), true);
        const key = path[length - 1];
        if (isMap(parent)) {
          const pair = parent.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
          if (pair !== undefined && isNode(pair.key)) return { file, line: lineAt(pair.key.range?.[0]) };
        }
        const node = document.getIn(path.slice(0, length), true);
        if (isNode(node)) return { file, line: lineAt(node.range?.[0]) };
      }
      return { file, line: isNode(document.contents) ? (lineAt(document.contents.range?.[0]) ?? 1) : 1 };
    },
  };
}

/** A value that a program made: it has no lines. */
export function valueDocument(file: string, value: unknown): SourceDocument {
  return { file, value, placeOf: () => ({ file }) };
}

/** The part of a document under a path, as a document of its own. */
export function partOf(document: SourceDocument, path: readonly PropertyKey[], value: unknown): SourceDocument {
  return { file: document.file, value, placeOf: (inner) => document.placeOf([...path, ...inner]) };
}

// Aliases that multiply are refused by the library only here.
function expanded(file: string, read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    throw unreadable(file, messageOf(error));
  }
}

function unreadable(file: string, why: string, line?: number): Error {
  const sentence = why.split('\n', 1)[0]!.replace(/[.:]?$/, '');
  return inputError({
    code: 'file-unreadable',
    message: `The file cannot be read as YAML: ${sentence}.`,
    hint: 'Check quotes, indentation and colons around that line.',
    place: { file, line },
  });
}
