import { appendFileSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { breather } from '#core/breather.ts';
import type { JobEvent } from '#core/job.ts';
import { isJsonObject } from '#core/json.ts';
import type { TrainingEvent } from '#core/trainer.ts';

/** The events of a job in a file, one a line, in the order in which they were told. */
export interface JobLog {
  /** Throws what the file system says. */
  append(event: TrainingEvent): JobEvent;
}

/** Opens a log to be written on: numbers go on where they were, also after a process was killed in the middle of a line. */
export function openJobLog(file: string, now: () => number): JobLog {
  const { events, torn } = readLog(file);
  let n = events.at(-1)?.n ?? 0;
  let mend = torn ? '\n' : '';
  return {
    append(event) {
      const told: JobEvent = { n: n + 1, at: now(), event };
      appendFileSync(file, `${mend}${JSON.stringify(told)}\n`);
      n++;
      mend = '';
      return told;
    },
  };
}

/** Every event that was told, those that a resumed job told again included. A long log holds nobody up. */
export async function readJobLog(file: string): Promise<readonly JobEvent[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const events: JobEvent[] = [];
  const breathe = breather();
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf('\n', start);
    const end = found === -1 ? text.length : found;
    events.push(...eventOf(text.slice(start, end)));
    start = end + 1;
    await breathe();
  }
  return events;
}

function readLog(file: string): { events: JobEvent[]; torn: boolean } {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return { events: [], torn: false };
  }
  return { events: text.split('\n').flatMap(eventOf), torn: text !== '' && !text.endsWith('\n') };
}

/** The event of a line; none for one that was cut off, and for what is no event. */
export function eventOf(line: string): JobEvent[] {
  try {
    const told: unknown = JSON.parse(line);
    return isJsonObject(told) && Number.isSafeInteger(told['n']) && isJsonObject(told['event']) && isKnown(told['event']['type'])
      ? [told as unknown as JobEvent]
      : [];
  } catch {
    return [];
  }
}

const known: readonly TrainingEvent['type'][] = ['step', 'evaluation', 'message'];

function isKnown(type: unknown): boolean {
  return known.some((each) => each === type);
}

/** The events that count: a step that was done again after a resume counts as it was done last. */
export function countedEvents(events: readonly JobEvent[]): readonly JobEvent[] {
  const kept: JobEvent[] = [];
  for (const told of events) {
    const { event } = told;
    if (event.type === 'step') {
      let end = kept.length;
      for (let index = kept.length - 1; index >= 0; index--) {
        const { event: earlier } = kept[index]!;
        if (earlier.type === 'message') continue;
        if (earlier.step < event.step) break;
        end = index;
      }
      if (end < kept.length) kept.splice(end, kept.length, ...kept.slice(end).filter(({ event: { type } }) => type === 'message'));
    }
    kept.push(told);
  }
  return kept;
}
