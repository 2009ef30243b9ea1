import { z } from 'zod';
import { inputError } from '#core/errors.ts';
import { quoted, suggestName } from './nearest.ts';
import type { SourceDocument } from './source-document.ts';

/** Holds a document to a schema. Throws a usage error with file and line for the first thing that does not fit. */
export function checkShape<T extends z.ZodType>(schema: T, document: SourceDocument): z.output<T> {
  const result = schema.safeParse(document.value);
  if (result.success) return result.data;
  const { issues } = result.error;
  // A misspelt key is also a missing one: the misspelling says more.
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]!;
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0]!;
    throw inputError({
      code: 'unknown-key',
      message: `There is no key ${quoted(key)}${issue.path.length === 0 ? '' : ` in ${quoted(dotted(issue.path))}`}.`,
      hint: suggestName(key, keysAt(schema, issue.path)),
      place: document.placeOf([...issue.path, key]),
    });
  }
  const value = valueAt(document.value, issue.path);
  const name = issue.path.length === 0 ? 'The file' : `The key ${quoted(dotted(issue.path))}`;
  throw inputError({
    code: value === undefined ? 'key-missing' : 'value-unfit',
    message: value === undefined && issue.path.length > 0 ? `${name} is missing.` : `${name} does not fit: ${sentence(issue.message)}.`,
    hint: value === undefined ? `Add it: ${sentence(issue.message)}.` : `It is now ${shown(value, issue.path)}.`,
    place: document.placeOf(issue.path),
  });
}

// Where a service is set up, the wrong value may be a key.
function shown(value: unknown, path: readonly PropertyKey[]): string {
  return path[0] === 'providers' ? `a ${Array.isArray(value) ? 'list' : typeof value}` : quoted(value);
}

function sentence(message: string): string {
  return message
    .replace(/^Invalid input: /, '')
    .replace(/, received \w+$/, '')
    .replace(/\.$/, '');
}

function dotted(path: readonly PropertyKey[]): string {
  return path.map(String).join('.');
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | undefined | null)?.[key], value);
}

function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let inner = unwrapped(schema);
  for (const key of path) {
    if (inner instanceof z.ZodObject) inner = unwrapped(inner.shape[String(key)] as z.ZodType);
    else if (inner instanceof z.ZodArray) inner = unwrapped(inner.element as z.ZodType);
    else if (inner instanceof z.ZodRecord) inner = unwrapped(inner.valueType as z.ZodType);
  }
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}

function unwrapped(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault
    ? unwrapped(schema.unwrap() as z.ZodType)
    : schema;
}
