import { jsonrepair } from 'jsonrepair';
import { isJsonObject, type Json } from '#core/json.ts';
import type { Output, ParsedAnswer } from '#core/output.ts';
import { compileSchema } from '#data/json-schema.ts';

/**
 * Reads a model's text as the task's output. `strict` is true where the text is the output and nothing else; a value
 * that had to be dug out of quotes, fences or sentences counts for quality but not for format.
 */
export function readAnswer(output: Output, text: string): ParsedAnswer {
  const trimmed = text.trim();
  switch (output.kind) {
    case 'labels':
      return readLabel(output.labels, trimmed);
    case 'json':
      return readJson(trimmed);
    case 'text':
      return { value: trimmed, strict: trimmed.length > 0 };
  }
}

/** What keeps an answer from being used, as a sentence; undefined where it can be. */
export type FaultOf = (answer: ParsedAnswer) => string | undefined;

/** Checks answers against the output: one label of the list, a JSON object that fits the schema, a text that is not empty. */
export function faultsOf(output: Output): FaultOf {
  switch (output.kind) {
    case 'labels':
      return ({ value }) => (value === undefined ? `It must name exactly one of: ${output.labels.join(', ')}.` : undefined);
    case 'json': {
      const check = compileSchema(output.schema);
      return ({ value }) => {
        if (value === undefined) return 'It holds no JSON object.';
        const misfit = check(value);
        return misfit === undefined ? undefined : `Its JSON does not fit the schema: ${misfit.why}.`;
      };
    }
    case 'text':
      return ({ value }) => (value === undefined || value === '' ? 'It is empty.' : undefined);
  }
}

function readLabel(labels: readonly string[], text: string): ParsedAnswer {
  if (labels.includes(text)) return { value: text, strict: true };
  const bare = simplify(text);
  const same = labels.find((label) => simplify(label) === bare);
  if (same !== undefined) return { value: same, strict: false };
  const words = ` ${simplify(text)} `;
  const named = labels.filter((label) => words.includes(` ${simplify(label)} `));
  // two labels in one answer are no answer
  return { value: named.length === 1 ? named[0] : undefined, strict: false };
}

function simplify(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

function readJson(text: string): ParsedAnswer {
  const direct = parse(text);
  if (direct !== undefined) return { value: direct, strict: true };
  const from = text.indexOf('{');
  if (from < 0) return { value: undefined, strict: false };
  const to = text.lastIndexOf('}');
  const inner = to > from ? text.slice(from, to + 1) : text.slice(from);
  return { value: parse(inner) ?? repair(inner), strict: false };
}

function parse(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}

function repair(text: string): Json | undefined {
  try {
    return parse(jsonrepair(text));
  } catch {
    return undefined;
  }
}
