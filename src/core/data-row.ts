import type { ExampleSource, SplitName } from './example.ts';
import type { JsonObject } from './json.ts';

/** A call of a tool within an assistant's turn; the arguments as the model wrote them. */
export interface DataToolCall {
  readonly id?: string;
  readonly name: string;
  readonly arguments: string;
}

/** One turn of a conversation, with all that files of the field hold of it. */
export interface DataTurn {
  readonly role: 'system' | 'developer' | 'user' | 'assistant' | 'tool';
  /** Null where an assistant's turn only calls tools; parts besides texts are kept as they are. */
  readonly content: string | readonly JsonObject[] | null;
  readonly name?: string;
  readonly toolCalls?: readonly DataToolCall[];
  /** The call that a tool's turn answers. */
  readonly toolCallId?: string;
  /** 0 where an assistant's turn is shown but not learnt. */
  readonly weight?: number;
  /** Members of a message that its format gives no meaning. */
  readonly extra?: JsonObject;
}

/** Two answers to one conversation, the better one first. */
interface Preference {
  readonly chosen: readonly DataTurn[];
  readonly rejected: readonly DataTurn[];
}

/** A row of a data file in the words of no vendor. What is written goes out from this, whatever it came in as. */
export interface DataRow {
  /** Line or record of its file, counted from 1. */
  readonly line: number;
  /** The conversation; with a preference, what comes before the two answers. */
  readonly turns: readonly DataTurn[];
  readonly tools?: readonly JsonObject[];
  readonly preference?: Preference;
  readonly id?: string;
  /** Rows of one group never straddle a split. */
  readonly group?: string;
  readonly tags?: readonly string[];
  readonly source?: ExampleSource;
  readonly split?: SplitName;
  /** How its format wrote what is text here; used when the same format writes it back and the text still says the same. */
  readonly form?: JsonObject;
  /** Fields that its format gives no meaning; written back by the same format, told as lost by others. */
  readonly extra?: JsonObject;
}

/** The text of a turn: its parts joined where it has several, empty where it only calls tools. */
export function turnText({ content }: DataTurn): string {
  if (content === null) return '';
  if (typeof content === 'string') return content;
  return content.map((part) => (typeof part['text'] === 'string' ? part['text'] : '')).join('');
}
