import { breather } from '#core/breather.ts';
import { type DataFormat, RowFault } from '#core/data-format.ts';
import { type DataRow, type DataTurn, turnText } from '#core/data-row.ts';
import { isJsonObject, type JsonObject } from '#core/json.ts';
import type { Message } from '#core/message.ts';
import type { PreferenceRow, TrainingData, TrainingMessage, TrainingRow } from '#core/trainer.ts';
import type { RowOfJob } from '#core/training-row-error.ts';
import { openaiChat } from '#data/formats/openai-chat.ts';
import { openaiPreference } from '#data/formats/openai-preference.ts';
import type { Line } from '#data/read-lines.ts';

/** Why a file cannot be learnt from, as a job's `error` has it. */
export class TrainingFileFault extends Error {
  readonly code: string;
  readonly param: FileParam;

  constructor(code: string, param: FileParam, message: string) {
    super(message);
    this.name = 'TrainingFileFault';
    this.code = code;
    this.param = param;
  }
}

export type FileParam = 'training_file' | 'validation_file';

export interface TrainingFile {
  readonly param: FileParam;
  /** For messages. */
  readonly filename: string;
  /** Its lines that are not blank, as they are read. */
  readonly lines: AsyncIterable<Line>;
}

type LearnableMethod = Extract<TrainingData['method'], 'supervised' | 'preference'>;

/** What a job learns from, with the line of each row in its file. */
export interface ReadTraining {
  readonly data: TrainingData;
  readonly lines: Readonly<Record<RowOfJob['part'], readonly number[]>>;
}

/** OpenAI's own, developers.openai.com, guide to supervised fine-tuning, "Right number of examples". */
const fewestRows = 10;

/**
 * What a job learns from, read from its files; others have their turn meanwhile. Throws a TrainingFileFault that names the file
 * and the line, and the signal's reason.
 */
export async function readTrainingFiles(
  method: LearnableMethod,
  training: TrainingFile,
  validation: TrainingFile | undefined,
  signal?: AbortSignal,
): Promise<ReadTraining> {
  const both = async <Row>(read: (record: JsonObject) => Row) => {
    const train = await rowsOf(training, read, signal);
    const held = validation === undefined ? { rows: [], lines: [] } : await rowsOf(validation, read, signal);
    return { rows: { train: train.rows, validation: held.rows }, lines: { train: train.lines, validation: held.lines } };
  };
  if (method === 'supervised') {
    const { rows, lines } = await both(supervisedRow);
    return { data: { method, ...rows }, lines };
  }
  const { rows, lines } = await both(preferenceRow);
  return { data: { method, ...rows }, lines };
}

async function rowsOf<Row>(
  { param, filename, lines: content }: TrainingFile,
  read: (record: JsonObject) => Row,
  signal: AbortSignal | undefined,
): Promise<{ rows: Row[]; lines: number[] }> {
  const fault = (code: string, message: string) => new TrainingFileFault(code, param, message);
  const rows: Row[] = [];
  const lines: number[] = [];
  const breathe = breather(signal);
  for await (const { number, text } of content) {
    await breathe();
    const place = `${filename}, line ${number}`;
    let record: unknown;
    try {
      record = JSON.parse(text);
    } catch {
      throw fault('invalid_training_file', `Invalid file format. ${place} is not JSON: write one JSON object on each line.`);
    }
    if (!isJsonObject(record)) throw fault('invalid_training_file', `Invalid file format. ${place} is no JSON object.`);
    try {
      rows.push(read(record as JsonObject));
      lines.push(number);
    } catch (error) {
      if (!(error instanceof RowFault)) throw error;
      throw fault('invalid_training_file', `Invalid file format. ${place}: ${error.message} ${error.fix}`);
    }
  }
  if (param === 'training_file' && rows.length < fewestRows) {
    throw fault(
      'invalid_n_examples',
      `${filename} has ${rows.length} example(s), but must have at least ${fewestRows} examples. Some dozens to hundreds are usual.`,
    );
  }
  if (rows.length === 0) throw fault('invalid_n_examples', `${filename} has no examples.`);
  return { rows, lines };
}

function supervisedRow(record: JsonObject): TrainingRow {
  if (typeof record['prompt'] === 'string' && record['messages'] === undefined) {
    throw new RowFault(
      'prompt-completion',
      'The row is in the prompt-completion format, and the model is a chat model.',
      'Write {"messages": [...]}; `rung data convert FILE --to openai-chat -o OUT` does it.',
    );
  }
  if (isJsonObject(record['input']) && record['messages'] === undefined) {
    throw new RowFault('preference', 'The row holds two answers to choose from.', 'Create the job with method {"type": "dpo"}.');
  }
  const row = readAs(openaiChat, record);
  const messages = row.turns.map((turn, index): TrainingMessage => {
    const { role, content } = messageOf(turn, `messages[${index}]`);
    if (turn.weight === undefined) return { role, content };
    if ((turn.weight !== 0 && turn.weight !== 1) || role !== 'assistant') {
      throw new RowFault(
        'weight-unfit',
        `messages[${index}] has the weight ${turn.weight}.`,
        'Assistant turns may have the weight 0 or 1.',
      );
    }
    return { role, content, weight: turn.weight };
  });
  if (!messages.some(({ role, weight }) => role === 'assistant' && weight !== 0)) {
    throw new RowFault('nothing-learnt', 'No assistant turn of the row is learnt.', 'Add an answer, or give one the weight 1.');
  }
  if (messages.at(-1)?.role !== 'assistant') {
    throw new RowFault('last-turn', 'The last message is not from the assistant.', 'End the row with the answer that is to be learnt.');
  }
  return { messages };
}

function preferenceRow(record: JsonObject): PreferenceRow {
  if (record['messages'] !== undefined && record['input'] === undefined) {
    throw new RowFault(
      'messages',
      'The row is a conversation, and the method is dpo.',
      'Write {"input": {"messages": [...]}, "preferred_output": [...], "non_preferred_output": [...]}, or create the job with method {"type": "supervised"}.',
    );
  }
  const { turns, preference } = readAs(openaiPreference, record);
  const answerOf = (answer: readonly DataTurn[], field: string): string => {
    const [only] = answer;
    if (answer.length !== 1 || only?.role !== 'assistant') {
      throw new RowFault('answer-unfit', `${field} is not one assistant message.`, 'Write one message with the role assistant.');
    }
    return messageOf(only, field).content;
  };
  const [chosen, rejected] = [
    answerOf(preference?.chosen ?? [], 'preferred_output'),
    answerOf(preference?.rejected ?? [], 'non_preferred_output'),
  ];
  if (chosen === rejected) throw new RowFault('same-answers', 'Both answers are the same.', 'Take the row out.');
  return { messages: turns.map((turn, index) => messageOf(turn, `input.messages[${index}]`)), chosen, rejected };
}

function readAs(format: DataFormat, record: JsonObject): Omit<DataRow, 'line'> {
  const row = format.read(record);
  if (row.tools !== undefined) throw new RowFault('tools', 'The row has tools, which no trainer here learns.', 'Take the row out.');
  return row;
}

function messageOf(turn: DataTurn, place: string): Message {
  if (turn.role === 'tool' || turn.toolCalls !== undefined) {
    throw new RowFault('tools', `${place} calls a tool or answers one, which no trainer here learns.`, 'Take the row out.');
  }
  if (Array.isArray(turn.content) && turn.content.some((part) => part['type'] !== 'text')) {
    throw new RowFault('parts', `${place} has parts that are no text.`, 'Text alone is learnt here: take the row out.');
  }
  const content = turnText(turn);
  if (content.trim() === '') throw new RowFault('empty', `${place} has no text.`, 'Write the text, or take the row out.');
  return { role: turn.role === 'developer' ? 'system' : turn.role, content };
}
