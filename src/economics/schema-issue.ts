import type { z } from 'zod';

/**
 * The first thing that does not fit a schema, as a clause for people that names the field: "approaches[0].price is
 * missing". `whole` is what to call the value itself; `value` is what was checked, to tell a missing field from a wrong one.
 */
export function issueClause(error: z.ZodError, value: unknown, whole: string): string {
  const issue = error.issues[0]!;
  const field = issue.path.length === 0 ? whole : issue.path.reduce<string>(joinPath, '');
  const found = issue.path.reduce<unknown>((at, key) => (isRecord(at) ? at[key] : undefined), value);
  if (issue.code === 'unrecognized_keys')
    return `${field} has the unknown field ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}`;
  if (issue.code === 'custom') return `${field} ${issue.message}`;
  if (found === undefined) return `${field} is missing`;
  if (issue.code === 'too_small' && issue.origin === 'array') return `${field} must have at least one entry`;
  if (issue.code === 'too_small' && issue.minimum === 0 && issue.inclusive)
    return `${field} must not be negative, and it is ${shown(found)}`;
  if (issue.code === 'too_small' && issue.origin === 'number')
    return `${field} must be ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}, and it is ${shown(found)}`;
  if (issue.code === 'too_big' && issue.origin === 'number') return `${field} must be at most ${issue.maximum}, and it is ${shown(found)}`;
  if (issue.code === 'invalid_type') return `${field} must be ${kinds[issue.expected] ?? issue.expected}, and it is ${shown(found)}`;
  return `${field} does not fit: ${issue.message}`;
}

const kinds: Readonly<Record<string, string>> = {
  number: 'a number',
  int: 'a whole number',
  string: 'a text',
  array: 'a list',
  object: 'an object',
  boolean: 'true or false',
};

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}

function isRecord(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === 'object' && value !== null;
}

function joinPath(path: string, part: PropertyKey): string {
  if (typeof part === 'number') return `${path}[${part}]`;
  return path === '' ? String(part) : `${path}.${String(part)}`;
}
