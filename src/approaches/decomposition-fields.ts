import type { Answer, AnswerStep, CallableModel, ModelCall } from '#core/candidate.ts';
import { isJsonObject, type Json, type JsonObject } from '#core/json.ts';
import type { Prompt } from '#core/prompt.ts';
import type { TaskBrief } from '#core/task-brief.ts';
import { namingStep } from './decomposition-step.ts';
import { askAgainUntilUsable } from './json-repair.ts';
import { plainPrompt, renderPrompt } from './prompt.ts';
import { type Answerer, outputTokensFor, schemaFor } from './prompted.ts';
import { faultsOf, readAnswer } from './read-answer.ts';

/** One field of a form, asked for alone. */
export interface FieldPart {
  readonly field: string;
  readonly prompt: Prompt;
  /** The schema of an object with this field only. */
  readonly schema: JsonObject;
}

/** What a candidate that fills in a form field by field keeps in its manifest. */
export interface FieldsState {
  readonly kind: 'fields';
  readonly parts: readonly FieldPart[];
  readonly maxOutputTokens: number;
  readonly repair: number;
}

/** One part per top-level property of a JSON schema, in its order; empty where it names none. */
export function fieldParts(task: TaskBrief): readonly FieldPart[] {
  if (task.output.kind !== 'json') return [];
  const { schema } = task.output;
  const properties = isJsonObject(schema['properties']) ? (schema['properties'] as JsonObject) : {};
  const required = Array.isArray(schema['required']) ? (schema['required'] as readonly Json[]) : [];
  // what a field may refer to comes along; what speaks of several fields at once does not
  const kept = ['$schema', '$defs', 'definitions', 'additionalProperties'].filter((key) => schema[key] !== undefined);
  return Object.entries(properties).map(([field, property]) => {
    const part: JsonObject = {
      ...Object.fromEntries(kept.map((key) => [key, schema[key]])),
      type: 'object',
      properties: { [field]: property },
      required: required.filter((name) => name === field),
    };
    const plain = plainPrompt({ ...task, output: { kind: 'json', schema: part } });
    const text = `Fill in only the field ${JSON.stringify(field)}; others are asked for apart.`;
    return { field, prompt: { ...plain, sections: [...plain.sections, { heading: 'Part', text }] }, schema: part };
  });
}

/**
 * Asks for one field at a time and puts the form together. A field that cannot be used is left out and named in
 * `steps`; where none could be used there is no value.
 */
export function fieldsAnswerer({ parts, maxOutputTokens, repair }: FieldsState, model: CallableModel): Answerer {
  const asked = parts.map((part) => {
    const output = { kind: 'json', schema: part.schema } as const;
    return { ...part, output, fault: faultsOf(output), schema: schemaFor(output, model) };
  });
  return async (input, { signal, sample, temperature = 0 }): Promise<Answer> => {
    const calls: ModelCall[] = [];
    const steps: AnswerStep[] = [];
    const form: Record<string, Json> = {};
    let strict = true;
    let usable = 0;
    for (const { field, prompt, output, fault, schema } of asked) {
      const messages = renderPrompt(prompt, [], input);
      const request = { messages, maxOutputTokens, temperature, ...schema, ...(sample ? { sample } : {}) };
      const read = ({ text }: { text: string }) => ({ text, ...readAnswer(output, text) });
      const answered = await namingStep(field, () => askAgainUntilUsable({ model, request, signal, repair, read, fault }));
      const { reading, response } = answered;
      calls.push(...answered.calls);
      steps.push(...answered.steps.map((step) => ({ ...step, name: `${field}, ${step.name}` })));
      // JSON that was cut off can be mended into a whole one: its value would be a guess
      const wrong = fault(reading) ?? (response.finishReason === 'length' ? `It was cut off at ${maxOutputTokens} tokens.` : undefined);
      steps.push({ name: field, text: reading.text, ...(wrong !== undefined && { fault: wrong }) });
      if (wrong === undefined) usable++;
      strict &&= wrong === undefined && reading.strict;
      const value = wrong === undefined ? (reading.value as JsonObject)[field] : undefined;
      if (value !== undefined) form[field] = value;
    }
    const value = usable === 0 ? undefined : form;
    return { text: value === undefined ? '' : JSON.stringify(value), value, strict: strict && value !== undefined, calls, steps };
  };
}

/** Room for one field. */
export const fieldTokens = (task: TaskBrief): number => Math.ceil(outputTokensFor(task.output) / 2);
