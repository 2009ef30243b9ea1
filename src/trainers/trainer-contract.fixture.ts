import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '#core/json.ts';
import type {
  BaseModel,
  Trainer,
  TrainerContext,
  TrainingData,
  TrainingEvent,
  TrainingJob,
  TrainingMethod,
  TrainingStatus,
} from '#core/trainer.ts';

/** A trainer under test, with a model that it can tune. */
export interface TrainerSubject {
  readonly trainer: Trainer;
  readonly base: BaseModel;
  readonly settings?: JsonObject;
  readonly environment?: Readonly<Record<string, string>>;
  /** True where a service tunes and answers under a new name: it makes no adapter, and a job goes on without the process that started it. */
  readonly hosted?: boolean;
  /** Training rows, where the trainer takes no fewer. */
  readonly rows?: number;
  /** Smallest numbers that still train, where the defaults below are too many for a test. */
  readonly hyperparameters?: TrainingJob['hyperparameters'];
  close(): Promise<void>;
}

const dataOf: { [method in TrainingMethod]: (train: number, validation: number) => TrainingData } = {
  supervised: (train, validation) => ({ method: 'supervised', ...rowsOf(conversation, train, validation) }),
  preference: (train, validation) => ({ method: 'preference', ...rowsOf(preference, train, validation) }),
  pretraining: (train, validation) => ({ method: 'pretraining', ...rowsOf(text, train, validation) }),
};

function rowsOf<Row>(row: (index: number) => Row, train: number, validation: number): { train: Row[]; validation: Row[] } {
  return {
    train: Array.from({ length: train }, (_, index) => row(index)),
    validation: Array.from({ length: validation }, (_, index) => row(Math.max(50, train) + index)),
  };
}

const preference = (index: number) => {
  const { messages } = conversation(index);
  return { messages: messages.slice(0, 2), chosen: index % 2 ? 'no' : 'yes', rejected: index % 2 ? 'yes' : 'no' };
};

const text = (index: number) => ({ text: `The number ${index} is ${index % 2 ? 'odd' : 'even'}. The next is ${index + 1}.` });

const conversation = (index: number) => ({
  messages: [
    { role: 'system' as const, content: 'Is it even?' },
    { role: 'user' as const, content: `number ${index}` },
    { role: 'assistant' as const, content: index % 2 ? 'no' : 'yes' },
  ],
});

/** An event without what a clock measured. */
function storyOf(event: TrainingEvent): unknown {
  return event.type === 'step'
    ? [event.step, event.trainLoss]
    : event.type === 'evaluation'
      ? [event.step, event.validationLoss]
      : event.message;
}

/** What every trainer must do. `open` makes a new one, as a new process would. */
export function testTrainer(name: string, open: () => Promise<TrainerSubject>): void {
  describe(`the trainer ${name}`, () => {
    let subject: TrainerSubject;
    let scratch: string;
    beforeAll(async () => {
      subject = await open();
      scratch = await mkdtemp(join(tmpdir(), 'rung-trainer-'));
    });
    afterAll(async () => {
      await subject.close();
      await rm(scratch, { recursive: true, force: true });
    });

    const job = (method: TrainingMethod = 'supervised', rows = subject.rows ?? 20): TrainingJob => ({
      ...dataOf[method](rows, 4),
      base: { model: subject.base.name },
      hyperparameters: subject.hyperparameters ?? { epochs: 2, batchSize: 5, rank: 2 },
      seed: 1,
    });
    let folders = 0;
    const kept = new Map<string, string>();
    const context = (changes: Partial<TrainerContext> = {}): TrainerContext => ({
      base: subject.base,
      settings: subject.settings ?? {},
      environment: subject.environment ?? {},
      taskFolder: scratch,
      scratchFolder: join(scratch, `job-${++folders}`),
      async keep(folder) {
        const id = `artefact-${kept.size}`;
        kept.set(id, join(scratch, id));
        await cp(folder, join(scratch, id), { recursive: true });
        return id;
      },
      adapterFolder: async (artefact) => kept.get(artefact) as string,
      onEvent: () => {},
      signal: new AbortController().signal,
      ...changes,
    });
    const ended = async (
      trainer: Trainer,
      started: TrainingJob,
      given: TrainerContext,
      isToBeCancelled = () => false,
    ): Promise<TrainingStatus> => {
      const handle = await trainer.start(started, given);
      for (;;) {
        const status = await trainer.poll(handle, { waitMs: 50 });
        if (!['validating', 'queued', 'running'].includes(status.state)) return status;
        if (isToBeCancelled()) await trainer.cancel(handle);
      }
    };
    const learnt = (status: TrainingStatus) => status.outcome?.events.filter(({ type }) => type !== 'message').map(storyOf);

    it('says what it can tune', () => {
      expect(subject.trainer.methods.length).toBeGreaterThan(0);
      expect(subject.trainer.canTune(subject.base)).toBe(true);
      expect(subject.trainer.canTune({ name: 'nobody/has-this', kind: 'nobody', model: 'has-this', settings: {} })).toBe(false);
    });

    it('ends with a tuned model, having told of its steps and evaluations', async () => {
      const events: TrainingEvent[] = [];
      const asked: string[] = [];
      const status = await ended(
        subject.trainer,
        job(),
        context({
          onEvent: (event) => events.push(event),
          evaluate: async ({ adapter }) => {
            asked.push(adapter ?? '');
            return asked.length;
          },
        }),
      );
      expect(status.state, status.error).toBe('succeeded');
      if (subject.hosted) expect(status.outcome?.model.model).not.toBe(subject.base.name);
      else {
        expect(status.outcome?.model.model).toBe(subject.base.name);
        expect(kept.has(status.outcome?.model.adapter ?? '')).toBe(true);
      }
      expect(status.outcome?.events).toEqual(events);
      expect(events.some(({ type }) => type === 'step')).toBe(true);
      expect(events.filter((event) => event.type === 'evaluation' && event.metric !== undefined)).toHaveLength(asked.length);
      if (!subject.hosted) expect(asked.every((adapter) => kept.has(adapter))).toBe(true);
    });

    it('learns by every method that it names', async () => {
      for (const method of subject.trainer.methods) {
        const status = await ended(subject.trainer, job(method), context());
        expect(status.state, `${method}: ${status.error}`).toBe('succeeded');
        expect(status.outcome?.events.some(({ type }) => type === 'step')).toBe(true);
      }
    });

    it('is cancelled, and goes on with the same job where it was', async () => {
      const given = context();
      const controller = new AbortController();
      let steps = 0;
      // whoever stops watching a service's job does not stop the job
      const stop = () => (subject.hosted ? undefined : controller.abort());
      const watched = {
        ...given,
        signal: controller.signal,
        onEvent: ({ type }: TrainingEvent) => type === 'step' && ++steps === 6 && stop(),
      };
      const interrupted = await ended(subject.trainer, job(), watched, () => subject.hosted === true && steps >= 6);
      expect(interrupted.state).toBe('cancelled');
      // a service forgets what was cancelled: the same job is a new one there
      const whole = await ended(subject.trainer, job(), context());
      const again = await open();
      try {
        const status = await ended(again.trainer, job(), given);
        expect(status.state, status.error).toBe('succeeded');
        if (subject.hosted) expect(learnt(status)).toEqual(learnt(whole));
        else expect(status.outcome?.events.map(storyOf)).toEqual(whole.outcome?.events.map(storyOf));
      } finally {
        await again.close();
      }
    });

    it('fails with a sentence, not an exception, on rows that cannot be learnt', async () => {
      const status = await ended(subject.trainer, job('supervised', 0), context());
      expect(status).toMatchObject({ state: 'failed', error: expect.stringMatching(/\w+ \w+/) });
    });

    it('does not know a job of another process', async () => {
      expect(await subject.trainer.poll({ trainer: subject.trainer.id, job: 'ft_other' }, { waitMs: 0 })).toMatchObject({
        state: 'failed',
      });
    });
  });
}
