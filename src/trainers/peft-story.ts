import { appendFileSync, readFileSync } from 'node:fs';
import type { TrainingEvent } from '#core/trainer.ts';

type Evaluation = Extract<TrainingEvent, { type: 'evaluation' }>;

/** What evaluations say so far. */
export interface Judgement {
  readonly best: Evaluation | undefined;
  /** False once as many evaluations as the patience allows brought no gain. */
  readonly goOn: boolean;
}

/** The evaluations in order: better is a higher metric, else a lower validation loss, else being the later one. */
export function judge(evaluations: readonly Evaluation[], patience: number): Judgement {
  let best: Evaluation | undefined;
  let withoutGain = 0;
  for (const evaluation of evaluations) {
    if (best === undefined || isBetter(evaluation, best)) {
      best = evaluation;
      withoutGain = 0;
    } else if (++withoutGain >= patience) return { best, goOn: false };
  }
  return { best, goOn: true };
}

function isBetter(evaluation: Evaluation, best: Evaluation): boolean {
  const { metric, validationLoss } = evaluation;
  if (metric !== undefined && best.metric !== undefined && metric !== best.metric) return metric > best.metric;
  if (validationLoss !== undefined && best.validationLoss !== undefined) return validationLoss < best.validationLoss;
  return metric === undefined;
}

interface Told {
  /** The byte of the output after the line that this came from. */
  readonly at: number;
  readonly event?: TrainingEvent;
}

/** What was told of a job, in a file, so that whoever picks it up goes on where the last watcher was killed. */
export class PeftStory {
  readonly #file: string;
  readonly #told: Told[];

  constructor(file: string) {
    this.#file = file;
    const text = readText(file);
    this.#told = toldIn(text);
    // a line that a killed watcher left unfinished must not swallow the next
    if (text !== '' && !text.endsWith('\n')) appendFileSync(file, '\n');
  }

  /** The byte of the output up to which everything was told. */
  get position(): number {
    return this.#told.at(-1)?.at ?? 0;
  }

  tell(told: Told): void {
    this.#told.push(told);
    appendFileSync(this.#file, `${JSON.stringify(told)}\n`);
  }

  /** All events; what was done again after a kill counts as it was done last. */
  events(): readonly TrainingEvent[] {
    let kept: TrainingEvent[] = [];
    let last = 0;
    for (const { event } of this.#told) {
      if (event === undefined) continue;
      if (event.type !== 'message') {
        const again = event.type === 'step' ? event.step <= last : event.step < last;
        if (again) kept = kept.filter((earlier) => earlier.type === 'message' || earlier.step < event.step);
        last = event.step;
      }
      kept.push(event);
    }
    return kept;
  }

  evaluations(): readonly Evaluation[] {
    return this.events().filter((event) => event.type === 'evaluation');
  }

  /** The evaluation of a step, also where that step is being done again. */
  evaluationOf(step: number): Evaluation | undefined {
    for (const { event } of this.#told.toReversed()) if (event?.type === 'evaluation' && event.step === step) return event;
    return undefined;
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function toldIn(text: string): Told[] {
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as Told];
    } catch {
      return [];
    }
  });
}
