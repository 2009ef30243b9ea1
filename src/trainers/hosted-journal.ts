import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';

const journalSchema = z.object({
  schema: z.literal('rung.hosted/1'),
  service: z.string(),
  /** A word that only this job has: part of the names of its files. */
  nonce: z.string(),
  /** Part → the service's id of its file. */
  files: z.object({ train: z.string().optional(), validation: z.string().optional() }),
  /** Whatever may have been done without its reply being read. */
  tried: z.array(z.enum(['train', 'validation', 'job'])),
  job: z.string().optional(),
  rawState: z.string().optional(),
  /** Milliseconds since 1970. */
  startedAt: z.number(),
  /** When an event or another state was last seen. */
  changedAt: z.number(),
  /** True once the job has ended without a model: another start is another job. */
  ended: z.boolean(),
});

/** What a job at a service is known by, from before its first request on. */
export type Journal = z.infer<typeof journalSchema>;

/** The journal in that file; undefined where there is none or it cannot be read. */
export async function readJournal(file: string): Promise<Journal | undefined> {
  try {
    return journalSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Writes the journal whole or not at all; `durably`: it outlives the machine, too, since what was bought must not be forgotten. */
export async function writeJournal(file: string, journal: Journal, durably: boolean): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.${randomUUID().slice(0, 8)}.tmp`;
  const handle = await open(temporary, 'w', 0o600);
  try {
    await handle.writeFile(JSON.stringify(journal));
    if (durably) await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
}
