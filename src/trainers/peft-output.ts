import { open } from 'node:fs/promises';
import { z } from 'zod';
import { sampleSchema } from './sample-file.ts';

const count = z.int().min(0);

const stepLine = z.object({
  type: z.literal('step'),
  step: count,
  totalSteps: count,
  epoch: count,
  trainLoss: z.number(),
  learningRate: z.number(),
  tokenAccuracy: z.number().optional(),
  gradientNorm: z.number().optional(),
  tokensPerSecond: z.number().optional(),
  memoryBytes: z.number().optional(),
  secondsLeft: z.number().optional(),
});

const evaluationLine = z.object({
  type: z.literal('evaluation'),
  step: count,
  validationLoss: z.number().optional(),
  tokenAccuracy: z.number().optional(),
  /** Folder of the adapter as it was, from the job's folder. */
  adapter: z.string(),
});

const messageLine = z.object({ type: z.literal('message'), level: z.enum(['info', 'warning', 'error']), message: z.string() });

const endLine = z.object({
  type: z.literal('end'),
  /** `unjudged`: trained to the end, and nobody was there to say which checkpoint is the best. */
  state: z.enum(['succeeded', 'failed', 'cancelled', 'unjudged']),
  error: z.string().optional(),
  hint: z.string().optional(),
  code: z.string().optional(),
  /** The row that cannot be learnt, and what is wrong with it. */
  row: z.object({ part: z.enum(['train', 'validation']), index: count, fault: z.string() }).optional(),
  seconds: z.number().optional(),
  trainedTokens: count.optional(),
  samples: z.array(sampleSchema).optional(),
});

/** What a look without weights found out. */
const checkedLine = z.object({
  type: z.literal('checked'),
  /** Of the training rows, once through. */
  tokens: count,
  learntTokens: count,
  longestRow: count,
  totalSteps: count,
  device: z.string(),
  /** About what training holds at once. */
  memoryBytes: count.optional(),
  /** Token by token, and whether it is learnt. */
  firstRow: z.array(z.object({ text: z.string(), learnt: z.boolean() })),
});

// `spawned` is written from here before a process is started: what was said before it is of an earlier one
const line = z.discriminatedUnion('type', [
  z.object({ type: z.literal('spawned') }),
  z.object({ type: z.literal('started') }),
  z.object({ type: z.literal('begun'), step: count, device: z.string() }),
  stepLine,
  evaluationLine,
  messageLine,
  checkedLine,
  endLine,
]);

export type PeftLine = z.infer<typeof line>;
export type PeftEnd = z.infer<typeof endLine>;
export type PeftChecked = z.infer<typeof checkedLine>;

/** A line that the Python process wrote; undefined for what is none of its lines. */
export function parseLine(text: string): PeftLine | undefined {
  try {
    return line.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** A line as it was read, and the byte in the file after it. */
export interface ReadLine {
  readonly text: string;
  readonly at: number;
}

/** The whole lines of a file from a byte on; a line that is still being written is left for the next time. */
export async function readLinesFrom(file: string, from: number): Promise<ReadLine[]> {
  const handle = await open(file).catch(() => undefined);
  if (handle === undefined) return [];
  try {
    const { size } = await handle.stat();
    const bytes = Buffer.alloc(Math.max(0, size - from));
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, from);
    const lines: ReadLine[] = [];
    let start = 0;
    for (let end = bytes.indexOf(10); end !== -1 && end < bytesRead; end = bytes.indexOf(10, start)) {
      lines.push({ text: bytes.toString('utf8', start, end), at: from + end + 1 });
      start = end + 1;
    }
    return lines;
  } finally {
    await handle.close();
  }
}
