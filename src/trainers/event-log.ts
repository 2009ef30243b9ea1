import { appendFileSync } from 'node:fs';
import type { TrainingEvent } from '#core/trainer.ts';
import { openLines } from './kept-lines.ts';

/** The events of a job in a file, one a line, so that a job that was killed and resumed tells its whole story. */
export class EventLog {
  readonly #file: string;
  readonly #earlier: readonly TrainingEvent[];
  readonly #events: TrainingEvent[] = [];

  constructor(file: string) {
    this.#file = file;
    this.#earlier = openLines(file) as TrainingEvent[];
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
