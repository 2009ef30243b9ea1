import { isJsonObject, type Json } from '#core/json.ts';
import type { Unreadable } from './unreadable.ts';

const toolName = 'answer';

/** A function that a reply calls; streamed arguments are put together already. */
export interface ToolCall {
  readonly name: string;
  readonly arguments: string;
}

// A function's parameters are an object; any other schema is held in one member of such an object.
function isWrapped(schema: Json): boolean {
  return !isJsonObject(schema) || schema['type'] !== 'object';
}

function parametersOf(schema: Json): Json {
  if (!isWrapped(schema)) return schema;
  const { $defs, definitions, ...inner } = isJsonObject(schema) ? (schema as Record<string, Json>) : {};
  return { type: 'object', properties: { answer: inner }, required: ['answer'], additionalProperties: false, $defs, definitions };
}

/** The fields of a request that make the model call one function whose parameters are the schema. */
export function toolFields(schema: Json): object {
  const description = 'Gives the answer. Call it once, with the whole answer.';
  return {
    tools: [{ type: 'function', function: { name: toolName, description, parameters: parametersOf(schema) } }],
    tool_choice: { type: 'function', function: { name: toolName } },
  };
}

/**
 * The answer in a reply to a request with `toolFields`: the arguments of the one call. Calls of other functions, several
 * calls that differ, and calls where no function was given are no answer.
 */
export function answerOfCalls(calls: readonly ToolCall[], schema: Json | undefined): string | Unreadable {
  if (schema === undefined) return { fault: 'the model called a tool though it was given none' };
  const other = calls.find(({ name }) => name !== toolName);
  if (other !== undefined) return { fault: `the model called another tool than the one it was given: ${shownName(other.name)}` };
  const texts = [...new Set(calls.map((call) => call.arguments))];
  if (texts.length > 1) return { fault: `the model called its tool ${calls.length} times, with different answers` };
  const text = texts[0] ?? '';
  return isWrapped(schema) ? unwrapped(text) : text;
}

function unwrapped(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    if (isJsonObject(value) && value['answer'] !== undefined) return JSON.stringify(value['answer']);
  } catch {
    // what is not JSON is handed on as it is, for whoever reads the answer to judge
  }
  return text;
}

function shownName(name: string): string {
  return JSON.stringify(name.slice(0, 40));
}

/** The calls of a whole message; some servers give arguments as an object. What is not of the shape is a call without a name. */
export function toolCallsOf(value: unknown): ToolCall[] {
  if (!Array.isArray(value)) return [];
  return (value as unknown[]).map((call) => {
    const called = isJsonObject(call) && isJsonObject(call['function']) ? call['function'] : {};
    const { name, arguments: given } = called;
    return { name: typeof name === 'string' ? name : '', arguments: typeof given === 'string' ? given : JSON.stringify(given ?? {}) };
  });
}

/** Puts the tool calls of a stream together from their pieces. */
export class ToolCallPieces {
  readonly #calls: { id: string | undefined; name: string; arguments: string }[] = [];
  readonly #places = new Map<number, number>();

  get calls(): readonly ToolCall[] {
    return this.#calls;
  }

  /** Takes the `tool_calls` of one delta; true where they held anything. */
  take(value: unknown): boolean {
    if (!Array.isArray(value)) return false;
    for (const piece of value as unknown[]) {
      if (!isJsonObject(piece)) continue;
      const call = this.#callOf(piece['index'], piece['id']);
      const { name, arguments: given } = isJsonObject(piece['function']) ? piece['function'] : {};
      if (typeof name === 'string') call.name += name;
      if (typeof given === 'string') call.arguments += given;
    }
    return value.length > 0;
  }

  // Servers that give no index start a call with an id and go on without one.
  #callOf(index: unknown, id: unknown): { name: string; arguments: string } {
    const known = typeof index === 'number' ? this.#places.get(index) : undefined;
    const last = this.#calls.at(-1);
    const goesOn = typeof index !== 'number' && last !== undefined && (typeof id !== 'string' || id === '' || id === last.id);
    const call = known === undefined ? (goesOn ? last : undefined) : this.#calls[known];
    if (call !== undefined) return call;
    if (typeof index === 'number') this.#places.set(index, this.#calls.length);
    const begun = { id: typeof id === 'string' ? id : undefined, name: '', arguments: '' };
    this.#calls.push(begun);
    return begun;
  }
}
