import { describe, expect, it } from 'vitest';
import type { Manifest } from '#core/candidate.ts';
import type { JobRecord } from '#core/job.ts';
import { ModelError } from '#core/model-error.ts';
import type { TrainingData } from '#core/trainer.ts';
import { lostTrainings, probedTuning } from './probed-tuning.ts';
import type { TunedReference } from './tuned-reference.ts';

const manifest = { schema: 'rung.candidate/1', approach: 'made', name: 'made', model: { model: 'svc/ft' } } as unknown as Manifest;
const tuned = (changes: Partial<TunedReference> = {}): TunedReference => ({
  ...{ tuned: { model: 'svc/ft' }, base: { model: 'svc/base' }, jobs: [], isTraced: false },
  ...changes,
});
const data: TrainingData = { method: 'supervised', train: [], validation: [] };

type Score = () => Promise<{ readonly scores: readonly { readonly logProbability: number; readonly tokens: number }[] }>;

const options = (score?: Score) =>
  ({
    plan: { general: [] },
    models: {
      open: async () => ({ score }),
      callable: async ({ model }: { model: string }) => ({ score, generate: async () => ({ response: { text: `said by ${model}` } }) }),
    },
    jobs: { data: async () => data },
    abort: new AbortController().signal,
  }) as unknown as Parameters<typeof probedTuning>[2];

describe('what probes of tuning see', () => {
  it('is the model before training too where the job of a tuned one is gone, and that its rows are', async () => {
    const seen = await probedTuning(manifest, tuned(), options());
    expect(seen).toMatchObject({ trained: [], lost: 1 });
    expect(await seen?.ask([], 8)).toBe('said by svc/ft');
    expect(await seen?.askBefore?.([], 8)).toBe('said by svc/base');
    expect(seen?.score).toBeUndefined();
    expect(await probedTuning(manifest, undefined, options())).toMatchObject({ lost: 0 });
  });

  it('has how likely texts are where the model tells it, and nothing of it where none came', async () => {
    const told = await probedTuning(
      manifest,
      tuned(),
      options(async () => ({ scores: [{ logProbability: -2, tokens: 3 }] })),
    );
    expect(await told?.score?.([], ['a'])).toEqual([-2]);
    const away = async () => {
      throw new ModelError({ kind: 'rejected', message: 'Not now.' } as unknown as ConstructorParameters<typeof ModelError>[0]);
    };
    const silent = await probedTuning(manifest, tuned(), options(away));
    expect(await silent?.score?.([], ['a'])).toBeUndefined();
  });

  it('counts the trainings whose rows are lost', () => {
    const job = {} as JobRecord;
    expect(lostTrainings(tuned({ jobs: [job, job], isTraced: true }), [data])).toBe(1);
    expect(lostTrainings(tuned({ jobs: [job], isTraced: false }), [data])).toBe(1);
    expect(lostTrainings(tuned({ jobs: [job], isTraced: true }), [data])).toBe(0);
  });
});
