import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { TrainingEvent } from '#core/trainer.ts';

/** The events of a job in a file, one a line, so that a job that was killed and resumed tells its whole story. */
export class EventLog {
  readonly #file: string;
  readonly #earlier: readonly TrainingEvent[];
  readonly #events: TrainingEvent[] = [];

  constructor(file: string) {
    this.#file = file;
    const text = readText(file);
    this.#earlier = eventsOf(text);
    mkdirSync(dirname(file), { recursive: true });
    // a line that a kill cut off must not take the next one with it
    if (text !== '' && !text.endsWith('\n')) appendFileSync(file, '\n');
  }

  add(event: TrainingEvent): void {
    this.#events.push(event);
    appendFileSync(this.#file, `${JSON.stringify(event)}\n`);
  }

  /** All events in order; steps that were done again after a kill count as they were done last. */
  all(): readonly TrainingEvent[] {
    const kept: TrainingEvent[] = [];
    for (const event of [...this.#earlier, ...this.#events]) {
      if (event.type === 'step') while (stepOf(kept.at(-1)) >= event.step) kept.pop();
      kept.push(event);
    }
    return kept;
  }
}

function stepOf(event: TrainingEvent | undefined): number {
  return event === undefined || event.type === 'message' ? Number.NEGATIVE_INFINITY : event.step;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function eventsOf(text: string): TrainingEvent[] {
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as TrainingEvent];
    } catch {
      // the line that was being written when the process was killed
      return [];
    }
  });
}
