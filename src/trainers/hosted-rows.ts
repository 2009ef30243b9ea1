import { createWriteStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { JsonObject } from '#core/json.ts';
import type { Message } from '#core/message.ts';
import type { PreferenceRow, TrainingData, TrainingJob, TrainingMessage, TrainingRow } from '#core/trainer.ts';
import type { HostedFile, HostedService } from './hosted-service.ts';

export type Row = TrainingData['train'][number];

export function isPreference(row: Row): row is PreferenceRow {
  return 'chosen' in row;
}

export function isConversation(row: Row): row is TrainingRow {
  return 'messages' in row && !('chosen' in row);
}

function turn({ role, content }: Message): JsonObject {
  return { role, content };
}

/** A conversation as OpenAI's fine-tuning reads it: `messages`, an assistant turn with weight 0 is not learnt. */
function chatLine(row: TrainingRow): JsonObject {
  return {
    messages: row.messages.map((message: TrainingMessage) => ({
      ...turn(message),
      ...(message.role === 'assistant' && message.weight === 0 ? { weight: 0 } : {}),
    })),
  };
}

/** Two answers as OpenAI's preference tuning reads them: `input`, `preferred_output`, `non_preferred_output`. */
function preferenceLine(row: PreferenceRow): JsonObject {
  const answer = (content: string) => [{ role: 'assistant', content }];
  return {
    input: { messages: row.messages.map(turn) },
    preferred_output: answer(row.chosen),
    non_preferred_output: answer(row.rejected),
  };
}

/** The line of a conversation or of two answers, as OpenAI's formats, which most services read. */
export function openaiLine(row: Row): JsonObject {
  if (isPreference(row)) return preferenceLine(row);
  return isConversation(row) ? chatLine(row) : { text: row.text };
}

export function linesOf(service: HostedService, job: TrainingJob, part: 'train' | 'validation'): string[] {
  return job[part].map((row) => JSON.stringify(service.line(row, job.method)));
}

/** Writes the rows of a job as the service reads them; a part without rows makes no file. */
export async function writeRows(service: HostedService, job: TrainingJob, folder: string, nonce: string): Promise<readonly HostedFile[]> {
  await mkdir(folder, { recursive: true });
  const files: HostedFile[] = [];
  for (const part of ['train', 'validation'] as const) {
    const rows = job[part];
    if (rows.length === 0 || (part === 'validation' && service.validates?.(job.method) === false)) continue;
    const name = `rung-${nonce}-${part}.jsonl`;
    const path = join(folder, name);
    const lines = function* () {
      for (const row of rows) yield `${JSON.stringify(service.line(row, job.method))}\n`;
    };
    await pipeline(Readable.from(lines()), createWriteStream(path, { mode: 0o600 }));
    files.push({ part, name, path, bytes: (await stat(path)).size, rows: rows.length });
  }
  return files;
}
