import { inputError } from '#core/errors.ts';
import type { Example } from '#core/example.ts';
import type { Json } from '#core/json.ts';
import type { Output } from '#core/output.ts';
import type { ReadRow } from './example-row.ts';
import { compileSchema, type Misfit } from './json-schema.ts';
import { quoted, suggestName } from './nearest.ts';

/** Holds expected answers to the task's output; gives the example with the answer as the output has it. */
export type ExpectedCheck = (row: ReadRow, line: number) => Example;

/** Builds the check for one file. The check throws a usage error with the line of an answer that does not fit. */
export function expectedCheck(output: Output, file: string): ExpectedCheck {
  const read = readerOf(output);
  return ({ example, expectedAsText }, line) => {
    if (example.expected === undefined) return example;
    const { value, misfit } = read(example.expected, expectedAsText);
    if (misfit === undefined) return value === example.expected ? example : { ...example, expected: value };
    throw inputError({
      code: output.kind === 'labels' ? 'label-unknown' : 'expected-unfit',
      message: `The expected answer on line ${line} does not fit: ${misfit.why}.`,
      hint: misfit.hint,
      place: { file, line },
    });
  };
}

type Reader = (expected: Json, asText: boolean) => { value: Json; misfit?: Misfit };

function readerOf(output: Output): Reader {
  if (output.kind === 'labels') {
    const labels = new Set(output.labels);
    return (value) =>
      typeof value === 'string' && labels.has(value)
        ? { value }
        : { value, misfit: { why: `${quoted(value)} is not one of the labels`, hint: suggestName(String(value), output.labels) } };
  }
  if (output.kind === 'text') {
    return (value) =>
      typeof value === 'string'
        ? { value }
        : {
            value,
            misfit: { why: `it is ${quoted(value)} and not a text`, hint: 'Write a text, or give the task output: { schema: … }.' },
          };
  }
  const check = compileSchema(output.schema);
  return (expected, asText) => {
    const value = asText && typeof expected === 'string' ? jsonOr(expected) : expected;
    const misfit = check(value);
    return misfit === undefined ? { value } : { value, misfit };
  };
}

function jsonOr(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
