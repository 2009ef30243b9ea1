import type { TrainingData, TrainingJob, TrainingMessage, TrainingMethod, TrainingRow } from '#core/trainer.ts';
import { type LoraSettings, loraSettings } from './lora-defaults.ts';

/** What a job is called outside: its base by the name or path that Hugging Face libraries load it by. */
export interface ExportedJob {
  readonly job: TrainingJob;
  /** A name on a hub, or a folder. */
  readonly base: string;
  readonly settings: LoraSettings;
  readonly stepsPerEpoch: number;
  /** Steps over which the learning rate rises. */
  readonly warmupSteps: number;
  /** A number of tokens that no row is longer than, in whatever tokenizer. */
  readonly sequenceLength: number;
}

/** A program elsewhere that can do a job: the folder that it needs, and the command that starts it. */
export interface TrainingExport {
  readonly id: string;
  readonly summary: string;
  readonly methods: readonly TrainingMethod[];
  /** Where its adapter lies afterwards, inside the exported folder. */
  readonly adapter: string;
  readonly install: string;
  readonly command: string;
  /** Path inside the folder → content. */
  files(exported: ExportedJob): Readonly<Record<string, string>>;
  /** What it does otherwise than Rung's own trainers, each a sentence. */
  readonly differences: readonly string[];
}

/** The job with every default filled in, as every export tells it. */
export function exportedJob(job: TrainingJob, base: string): ExportedJob {
  const settings = loraSettings(job.method, job.train.length, job.hyperparameters);
  const stepsPerEpoch = Math.max(1, Math.ceil(job.train.length / settings.batchSize));
  const steps = Math.ceil(stepsPerEpoch * settings.epochs);
  const warmupSteps = Math.ceil(steps * settings.warmupRatio);
  return { job, base, settings, stepsPerEpoch, warmupSteps, sequenceLength: sequenceLength(job) };
}

/**
 * Programs cut or drop rows beyond a length of their own choice (Axolotl from 512 tokens on), so that it has to be told. A
 * tokenizer that falls back to bytes makes no more tokens than bytes; a chat template adds a few for each turn, and some a
 * system prompt.
 */
function sequenceLength({ method, train, validation }: TrainingData): number {
  const perTurn = 32;
  const perRow = 256;
  const bytesOf = (...texts: readonly string[]) => texts.reduce((sum, text) => sum + Buffer.byteLength(text) + perTurn, perRow);
  const contents = (messages: readonly TrainingMessage[]) => messages.map(({ content }) => content);
  const longest = (lengths: readonly number[]) => lengths.reduce((most, length) => Math.max(most, length), 0);
  const bytes =
    method === 'supervised'
      ? longest([...train, ...validation].map(({ messages }) => bytesOf(...contents(messages))))
      : method === 'preference'
        ? longest(
            [...train, ...validation].map(({ messages, chosen, rejected }) =>
              Math.max(bytesOf(...contents(messages), chosen), bytesOf(...contents(messages), rejected)),
            ),
          )
        : longest([...train, ...validation].map(({ text }) => bytesOf(text)));
  return Math.ceil(bytes / 256) * 256;
}

function jsonLines(rows: readonly unknown[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

interface DataFiles {
  readonly train: string;
  readonly validation: string;
}

/** A row of either split in the words of the field; the last assistant turn of `messages` is the answer. */
type ExportedRow = Readonly<Record<string, unknown>>;

/** Both splits as JSON lines, through what makes the rows of each method. */
export function dataFiles(
  data: TrainingData,
  rowsOf: { readonly [method in TrainingMethod]?: (data: TrainingData) => DataRows },
): DataFiles {
  const { train, validation } = rowsOf[data.method]?.(data) ?? { train: [], validation: [] };
  return { train: jsonLines(train), validation: jsonLines(validation) };
}

interface DataRows {
  readonly train: readonly ExportedRow[];
  readonly validation: readonly ExportedRow[];
}

/** `{"messages": […]}`, weights of 0 kept. */
export function conversations(data: TrainingData): DataRows {
  return data.method !== 'supervised' ? nothing : mapRows(data, (row) => [{ messages: row.messages }]);
}

/** `{"messages": […]}`, turns of weight 0 marked `"train": false`. */
export function markedConversations(data: TrainingData): DataRows {
  const marked = ({ role, content, weight }: TrainingMessage) => ({ role, content, ...(weight === 0 ? { train: false } : {}) });
  return data.method !== 'supervised' ? nothing : mapRows(data, ({ messages }) => [{ messages: messages.map(marked) }]);
}

/** One row for each learnt assistant turn, which stands last: for programs that learn the last turn alone. */
export function lastTurnConversations(data: TrainingData): DataRows {
  return data.method !== 'supervised'
    ? nothing
    : mapRows(data, (row) => learntTurns(row).map((end) => ({ messages: plainTurns(row, end + 1) })));
}

/** `{"prompt": […], "completion": […]}`, one row for each learnt assistant turn. */
export function promptsAndCompletions(data: TrainingData): DataRows {
  return data.method !== 'supervised'
    ? nothing
    : mapRows(data, (row) =>
        learntTurns(row).map((end) => ({ prompt: plainTurns(row, end), completion: plainTurns(row, end + 1).slice(-1) })),
      );
}

/** `{"messages": […], "chosen": {…}, "rejected": {…}}`. */
export function preferences(data: TrainingData): DataRows {
  return data.method !== 'preference'
    ? nothing
    : mapRows(data, ({ messages, chosen, rejected }) => [
        { messages, chosen: { role: 'assistant', content: chosen }, rejected: { role: 'assistant', content: rejected } },
      ]);
}

/** `{"prompt": […], "chosen": […], "rejected": […]}`: TRL's conversational form. */
export function promptedPreferences(data: TrainingData): DataRows {
  return data.method !== 'preference'
    ? nothing
    : mapRows(data, ({ messages, chosen, rejected }) => [
        { prompt: messages, chosen: [{ role: 'assistant', content: chosen }], rejected: [{ role: 'assistant', content: rejected }] },
      ]);
}

/** `{"text": "…"}`. */
export function texts(data: TrainingData): DataRows {
  return data.method !== 'pretraining' ? nothing : mapRows(data, ({ text }) => [{ text }]);
}

const nothing: DataRows = { train: [], validation: [] };

function mapRows<Row>(
  { train, validation }: { readonly train: readonly Row[]; readonly validation: readonly Row[] },
  rowsOf: (row: Row) => readonly ExportedRow[],
): DataRows {
  return { train: train.flatMap(rowsOf), validation: validation.flatMap(rowsOf) };
}

function learntTurns({ messages }: TrainingRow): readonly number[] {
  return messages.flatMap(({ role, weight }, index) => (role === 'assistant' && weight !== 0 ? [index] : []));
}

function plainTurns({ messages }: TrainingRow, end: number): readonly ExportedRow[] {
  return messages.slice(0, end).map(({ role, content }) => ({ role, content }));
}
