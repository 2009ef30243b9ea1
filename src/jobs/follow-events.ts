import { open } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobEvent } from '#core/job.ts';
import { eventOf } from './job-log.ts';

const lookEveryMs = 200;

/** Events of a log as they are told, those that are there first, until the job has ended or the signal is aborted. */
export async function* followLog(file: string, hasEnded: () => Promise<boolean>, signal: AbortSignal): AsyncGenerator<JobEvent> {
  const decoder = new StringDecoder('utf8');
  let position = 0;
  let rest = '';
  while (!signal.aborted) {
    // asked before reading, so that what was told last is not missed
    const ended = await hasEnded();
    const bytes = await readFrom(file, position);
    position += bytes.length;
    const lines = (rest + decoder.write(bytes)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield* eventOf(line);
    if (ended) return;
    await sleep(lookEveryMs, undefined, { signal }).catch(() => {});
  }
}

async function readFrom(file: string, position: number): Promise<Buffer> {
  const handle = await open(file).catch(() => undefined);
  if (handle === undefined) return Buffer.alloc(0);
  try {
    const { size } = await handle.stat();
    const bytes = Buffer.alloc(Math.max(0, size - position));
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, position);
    return bytes.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
