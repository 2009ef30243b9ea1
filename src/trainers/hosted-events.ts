import { appendFileSync } from 'node:fs';
import { isJsonObject } from '#core/json.ts';
import type { TrainingEvent, TrainingJob } from '#core/trainer.ts';
import type { News, NewsEvent } from './hosted-service.ts';
import { openLines } from './kept-lines.ts';

interface Told {
  readonly key: string;
  readonly event: TrainingEvent;
}

/** What the service itself chose, as far as it says. */
export interface TrainingPlan {
  readonly totalSteps?: number;
  readonly epochs?: number;
}

/** The events of a job at a service, each told once over all processes that watch it: one line of JSON each, with its key. */
export class HostedEvents {
  readonly #file: string;
  readonly #told: Told[];
  readonly #keys: Set<string>;
  readonly #job: TrainingJob;
  readonly #prefix: string;
  readonly #onEvent: (event: TrainingEvent) => void;

  /** `prefix` stands before the names of checkpoints, so that the base's provider answers with them. */
  constructor(file: string, job: TrainingJob, prefix: string, onEvent: (event: TrainingEvent) => void) {
    this.#file = file;
    this.#job = job;
    this.#prefix = prefix;
    this.#onEvent = onEvent;
    this.#told = openLines(file).filter(isTold);
    this.#keys = new Set(this.#told.map(({ key }) => key));
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  /** True where any of them was new. */
  tell(news: readonly News[], plan: TrainingPlan = {}): boolean {
    let any = false;
    for (const item of news) {
      if (this.#keys.has(item.key)) continue;
      const told = { key: item.key, event: this.#whole(item, plan) };
      // on disk first: an event told twice is worse than one that a killed process did not show
      appendFileSync(this.#file, `${JSON.stringify(told)}\n`, { mode: 0o600 });
      this.#keys.add(item.key);
      this.#told.push(told);
      this.#onEvent(told.event);
      any = true;
    }
    return any;
  }

  say(key: string, level: 'info' | 'warning' | 'error', message: string): void {
    this.tell([{ key, event: { type: 'message', level, message } }]);
  }

  all(): readonly TrainingEvent[] {
    return this.#told.map(({ event }) => event);
  }

  /** Steps of which a loss was told. */
  steps(): readonly number[] {
    return this.#told.flatMap(({ event }) => (event.type === 'step' ? [event.step] : []));
  }

  /** By the task's metric where it was taken, else by the validation loss, against other steps: a checkpoint tells its loss again. */
  #isBest({ step, metric, validationLoss }: Extract<NewsEvent, { readonly type: 'evaluation' }>): boolean {
    const others = this.#told.flatMap(({ event }) => (event.type === 'evaluation' && event.step !== step ? [event] : []));
    if (metric !== undefined) return others.every((other) => other.metric === undefined || metric >= other.metric);
    if (validationLoss === undefined) return false;
    return others.every((other) => other.validationLoss === undefined || validationLoss < other.validationLoss);
  }

  #whole({ event }: News, plan: TrainingPlan): TrainingEvent {
    if (event.type === 'message') return event;
    if (event.type === 'evaluation') {
      const { checkpoint, isWholeName = false, ...rest } = event;
      const name = checkpoint === undefined || isWholeName ? checkpoint : `${this.#prefix}${checkpoint}`;
      return { ...rest, best: this.#isBest(event), ...(name === undefined ? {} : { checkpoint: { model: name } }) };
    }
    const total = Math.max(event.step, event.totalSteps ?? plan.totalSteps ?? plannedSteps(this.#job) ?? 0);
    const epochs = this.#job.hyperparameters.epochs ?? plan.epochs;
    return { ...event, totalSteps: total, epoch: event.epoch ?? (epochs === undefined || total === 0 ? 0 : (event.step / total) * epochs) };
  }
}

/** Steps as asked for; undefined where the service chooses epochs or batch. */
function plannedSteps({ train, hyperparameters: { epochs, batchSize } }: TrainingJob): number | undefined {
  return epochs === undefined || batchSize === undefined ? undefined : epochs * Math.ceil(train.length / batchSize);
}

function isTold(line: unknown): line is Told {
  return isJsonObject(line) && typeof line['key'] === 'string' && isJsonObject(line['event']);
}
