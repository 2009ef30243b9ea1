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
    this.#earlier = readLog(file);
    mkdirSync(dirname(file), { recursive: true });
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

function readLog(file: string): TrainingEvent[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as TrainingEvent];
    } catch {
      // the line that was being written when the process was killed
      return [];
    }
  });
}
