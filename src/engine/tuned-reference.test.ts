import { describe, expect, it } from 'vitest';
import type { Manifest } from '#core/candidate.ts';
import type { JobRecord } from '#core/job.ts';
import type { Json, JsonObject } from '#core/json.ts';
import type { ModelReference } from '#core/model.ts';
import type { TrainingData } from '#core/trainer.ts';
import { beforeTraining, trainedOn, tunedReference } from './tuned-reference.ts';

const manifestOf = (model: ModelReference | null, state: JsonObject = {}): Manifest => ({
  ...{ schema: 'rung.candidate/1', approach: 'fine-tuned', name: 'fine-tuned' },
  ...{ model, state, artefacts: {} },
});
const jobOf = (base: string, model: ModelReference): JobRecord => ({
  ...{ schema: 'rung.job/1', id: 'ft_000000000000', trainer: 'nano', method: 'supervised', state: 'succeeded' },
  ...{ base: { model: base }, model, hyperparameters: {}, seed: 1, rows: { train: 1, validation: 0 }, createdAt: 0, cost: 0 },
});

describe('the tuned model of a candidate', () => {
  it('is one with an adapter, or one that a job made under a name of its own', () => {
    const adapted = { model: 'nano', adapter: 'a1' };
    expect(tunedReference(manifestOf(adapted), [])).toEqual({ tuned: adapted, base: { model: 'nano' }, jobs: [], isTraced: false });
    const named = { model: 'openai/ft:gpt-5-mini:x' };
    expect(tunedReference(manifestOf(named), [])).toBeUndefined();
    const job = jobOf('openai/gpt-5-mini', named);
    expect(tunedReference(manifestOf(named), [job])).toEqual({
      tuned: named,
      base: { model: 'openai/gpt-5-mini' },
      jobs: [job],
      isTraced: true,
    });
    expect(tunedReference(manifestOf({ model: 'nano' }), [job])).toBeUndefined();
    expect(tunedReference(manifestOf(null), [job])).toBeUndefined();
  });

  it('is found inside the parts of a candidate, and is put back to what it was', () => {
    const tuned = { model: 'nano', adapter: 'a1' };
    const state = { parts: [{ manifest: { model: tuned, note: 'kept' } }, { manifest: { model: { model: 'strong' } } }], threshold: 0.8 };
    const manifest = manifestOf(null, state);
    const found = tunedReference(manifest, [])!;
    expect(found.tuned).toEqual(tuned);
    const before = beforeTraining(manifest, found);
    const [first, second] = state.parts;
    expect(before.state).toEqual({ parts: [{ manifest: { ...first!.manifest, model: { model: 'nano' } } }, second], threshold: 0.8 });
    expect(tunedReference(before, [])).toBeUndefined();
  });

  it('goes back over several trainings to the model before the first', () => {
    const [first, second] = [{ model: 'openai/ft:a' }, { model: 'openai/ft:b' }];
    const jobs = [jobOf('openai/ft:a', second), jobOf('openai/small', first)];
    expect(tunedReference(manifestOf(second), jobs)).toEqual({ tuned: second, base: { model: 'openai/small' }, jobs, isTraced: true });
    // a service that gives a model back under its own name
    expect(tunedReference(manifestOf(first), [jobOf('openai/ft:a', first)])?.base).toEqual({ model: 'openai/ft:a' });
  });

  it('is known by its name where its job is not known any more, and is held against what the rung tunes', () => {
    const known = { base: 'openai/small', named: new Set(['openai/small', 'openai/strong']) };
    const [first, second] = [{ model: 'openai/ft:a' }, { model: 'openai/ft:b' }];
    const lost = { base: { model: 'openai/small' }, jobs: [], isTraced: false };
    expect(tunedReference(manifestOf(first), [], known)).toEqual({ tuned: first, ...lost });
    const parts = [manifestOf({ model: 'openai/strong' }), manifestOf(first)] as unknown as Json;
    expect(tunedReference(manifestOf({ model: 'openai/small' }, { parts }), [], known)?.tuned).toEqual(first);
    // what a task is about may look like a model's name, as in a row of phones
    const row = { input: { model: 'Foo 3' }, answer: 'old' };
    expect(tunedReference(manifestOf({ model: 'openai/small' }, { shots: [row] }), [], known)).toBeUndefined();
    expect(tunedReference(manifestOf({ model: 'openai/strong' }), [], known)).toBeUndefined();
    // the last training is known, and the one before it is not
    const jobs = [jobOf('openai/ft:a', second)];
    expect(tunedReference(manifestOf(second), jobs, known)).toEqual({ tuned: second, ...lost, jobs });
    const adapted = { ...jobOf('nano', { model: 'nano', adapter: 'a2' }), base: { model: 'nano', adapter: 'a1' } };
    expect(tunedReference(manifestOf({ model: 'nano', adapter: 'a2' }), [adapted])?.isTraced).toBe(false);
  });

  it('was trained on the rows of every training that it went through, as far as they are known', async () => {
    const read = { ...jobOf('nano', { model: 'nano', adapter: 'a1' }), id: 'ft_000000000001' };
    const tuned = { ...jobOf('nano', { model: 'nano', adapter: 'a2' }), id: 'ft_000000000002', base: { model: 'nano', adapter: 'a1' } };
    const found = tunedReference(manifestOf({ model: 'nano', adapter: 'a2' }), [read, tuned]);
    expect(found).toEqual({ tuned: tuned.model, base: { model: 'nano' }, jobs: [tuned, read], isTraced: true });
    const texts: TrainingData = { method: 'pretraining', train: [{ text: 'Read first.' }], validation: [] };
    const rows: TrainingData = { method: 'supervised', train: [], validation: [] };
    expect(await trainedOn(found, { data: async (id) => (id === read.id ? texts : rows) })).toEqual([rows, texts]);
    const lost = { data: async (id: string) => (id === read.id ? texts : Promise.reject(new Error('gone'))) };
    expect(await trainedOn(found, lost)).toEqual([texts]);
    expect(await trainedOn(undefined, lost)).toEqual([]);
  });
});
