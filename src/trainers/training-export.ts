import type { TrainingData, TrainingJob, TrainingMessage, TrainingMethod, TrainingRow } from '#core/trainer.ts';
import { type LoraSettings, loraSettings } from './lora-defaults.ts';

/** What a job is called outside: its base by the name or path that Hugging Face libraries load it by. */
export interface ExportedJob {
  readonly job: TrainingJob;
  /** A name on a hub, or a folder. */
  readonly base: string;
  readonly settings: LoraSettings;
  /** Optimiser steps, all epochs together. */
  readonly steps: number;
  readonly stepsPerEpoch: number;
  /** Steps over which the learning rate rises. */
  readonly warmupSteps: number;
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
  return { job, base, settings, stepsPerEpoch, steps, warmupSteps: Math.ceil(steps * settings.warmupRatio) };
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
