import type { Json, JsonObject } from './json.ts';
import type { Message } from './message.ts';

/** The three parts of a task's data. Approaches never see `test`. */
export const splitNames = ['train', 'validation', 'test'] as const;
export type SplitName = (typeof splitNames)[number];

export type ExampleSource = 'human' | 'log' | 'synthetic' | 'edited';

/** What is given to a candidate: a text, fields, or a conversation that ends in the user's turn. */
export type Input = string | JsonObject | { readonly messages: readonly Message[] };

export interface Example {
  readonly id: string;
  readonly input: Input;
  /** Absent where the metrics need none. */
  readonly expected?: Json;
  /** Examples of one group (a customer, a document, a conversation) never straddle a split. */
  readonly group?: string;
  readonly tags: readonly string[];
  readonly source: ExampleSource;
  /** Where the file itself assigns the row. */
  readonly split?: SplitName;
}

/** The conversation that an input stands for. */
export function messagesOf(input: Input): readonly Message[] {
  if (typeof input === 'string') return [{ role: 'user', content: input }];
  if ('messages' in input && Array.isArray(input.messages)) return input.messages as readonly Message[];
  return [{ role: 'user', content: JSON.stringify(input) }];
}

/** The text that retrieval and classifiers read: the last user turn of the input. */
export function textOf(input: Input): string {
  if (typeof input === 'string') return input;
  return messagesOf(input).findLast((message) => message.role === 'user')?.content ?? '';
}

/** The answer that a model is shown or trained to give: strings as they are, everything else as JSON. */
export function expectedText(expected: Json): string {
  return typeof expected === 'string' ? expected : spacedJson(expected);
}

// One space after ':' and ',' as most JSON in prompts has it; single-line so that it stays one turn.
function spacedJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(spacedJson).join(', ')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}: ${spacedJson(member as Json)}`).join(', ')}}`;
}
