import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApproachContext, PrepareInput } from '#core/approach.ts';
import type { CallableModel } from '#core/candidate.ts';
import type { SupervisedJob } from '#core/trainer.ts';
import { contextWith, inputFor, never, notingModel } from './approach-contract.fixture.ts';
import { embeddingModel } from './embedding.fixture.ts';
import { fewShot } from './few-shot.ts';
import { fineTuned } from './fine-tuned.ts';
import { retrieval } from './retrieval.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rung-search-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Answers with one model and makes vectors with the other. */
function contextFor(vectors: CallableModel = embeddingModel(), answers = notingModel()): ApproachContext {
  return { ...contextWith(folder, answers), model: async ({ model }) => (model === 'vectors' ? vectors : answers) };
}

function inputOf(options: PrepareInput['options']): PrepareInput {
  const base = inputFor(options);
  return {
    ...base,
    roles: { base: 'test', near: 'vectors' },
    task: { ...base.task, output: { kind: 'text' } },
    knowledge: [
      { id: 'house.md', text: '# Opening\n\nThe house opens at nine.\n\n# Fees\n\nA month costs twelve.\n\n# Pets\n\nDogs wait outside.' },
    ],
  };
}

describe('passages by meaning', () => {
  const ask = async (options: PrepareInput['options'], question: string, vectors = embeddingModel()) => {
    const context = contextFor(vectors);
    const manifest = await retrieval.prepare(inputOf({ passages: 1, ...options }), context);
    const candidate = await retrieval.restore(JSON.parse(JSON.stringify(manifest)), context);
    return { manifest, vectors, answer: await candidate.answer(question, { signal: never }) };
  };

  it('are found where no word is shared; the vector of the question is a call that is billed', async () => {
    const { answer, manifest, vectors } = await ask({ search: 'meaning', embeddings: 'near' }, 'May my poodle come?');
    expect(answer.retrieved).toEqual(['house.md#pets/1']);
    expect(answer.calls.map(({ model, cost }) => [model, cost])).toEqual([
      ['vectors', 7],
      ['test', 1],
    ]);
    expect(manifest.state['retrieval']).toMatchObject({ search: 'meaning', embeddings: 'vectors' });
    expect(vectors.embedded).toEqual([
      ['Opening\nThe house opens at nine.', 'Fees\nA month costs twelve.', 'Pets\nDogs wait outside.'],
      ['May my poodle come?'],
    ]);
    expect((await ask({ search: 'words' }, 'May my poodle come?')).answer.retrieved).toEqual([]);
  });

  it('are joined with words where only a model for vectors is named', async () => {
    const { answer, manifest } = await ask({ embeddings: 'vectors' }, 'What is the charge for a month?');
    expect(manifest.state['retrieval']).toMatchObject({ search: 'both' });
    expect(answer.retrieved).toEqual(['house.md#fees/1']);
  });

  it('need no call for a question without words', async () => {
    const { answer, vectors } = await ask({ search: 'meaning', embeddings: 'near' }, ' ');
    expect(answer).toMatchObject({ retrieved: [], calls: [{ model: 'test' }] });
    expect(vectors.embedded).toHaveLength(1);
  });

  it('are kept with their vectors, so that a candidate embeds only the question', async () => {
    const here = contextFor();
    const manifest = await retrieval.prepare(inputOf({ embeddings: 'near' }), here);
    const elsewhere = { ...contextFor(), artefacts: contextWith(join(folder, 'elsewhere'), notingModel()).artefacts };
    const path = await here.artefacts.path(manifest.artefacts['passages'] as string);
    await elsewhere.artefacts.put(path);
    expect((await readFile(join(path, 'vectors.txt'), 'utf8')).trimEnd().split('\n')).toHaveLength(3);
    const [one, two] = [await retrieval.restore(manifest, here), await retrieval.restore(manifest, elsewhere)];
    expect(await two.answer('the hound', { signal: never })).toEqual(await one.answer('the hound', { signal: never }));
  });

  it('are what a tune learns from, too', async () => {
    const jobs: SupervisedJob[] = [];
    const vectors = embeddingModel();
    const context: ApproachContext = {
      ...contextFor(vectors),
      train: async (job) => {
        jobs.push(job as SupervisedJob);
        return { model: { model: 'tuned' }, hyperparameters: {}, events: [], bestStep: 1, seconds: 1 };
      },
    };
    const asked = inputOf({ retrieval: { search: 'meaning', embeddings: 'near', passages: 1 } });
    const train = asked.train.map((row) => ({ ...row, input: 'Is the door unlocked?' }));
    await fineTuned.prepare({ ...asked, train }, context);
    expect(jobs[0]?.train[0]?.messages[0]?.content).toContain('The house opens at nine.');
    // the passages, then every question once
    expect(vectors.embedded.map(({ length }) => length)).toEqual([3, 1 + asked.validation.length]);
  });

  it('keep the candidate they had where only words are looked at', async () => {
    const made = async (options: PrepareInput['options']) => (await retrieval.prepare(inputOf(options), contextFor())).state['retrieval'];
    expect(await made({})).toEqual(await made({ search: 'fused' }));
    expect(await made({ search: 'both' })).toEqual(await made({ search: 'fused' }));
    expect(await made({ search: 'words' })).toEqual(await made({ search: 'bm25' }));
  });

  it('are forecast with the calls that make vectors', () => {
    const forecast = (options: PrepareInput['options']) => retrieval.forecast?.(inputOf(options));
    expect(forecast({ embeddings: 'near' })).toMatchObject({ prepareCalls: 1, callsPerAnswer: 2 });
    expect(forecast({ embeddings: 'near', rerank: true, repair: 1, passages: [1, 2] })).toMatchObject({
      prepareCalls: 1 + 2 * 10 * 4,
      callsPerAnswer: 4,
    });
  });
});

describe('examples by meaning', () => {
  const shown = async (options: PrepareInput['options']) => {
    const answers = notingModel();
    const context = contextFor(embeddingModel(), answers);
    const input = { ...inputFor({ selection: 'nearest', shots: 2, ...options }), roles: { near: 'vectors' } };
    const manifest = await fewShot.prepare(input, context);
    const candidate = await fewShot.restore(JSON.parse(JSON.stringify(manifest)), context);
    const answer = await candidate.answer('Take a parasol, it is dazzling.', { signal: never });
    const turns = answers.requests[0]?.messages.slice(1, -1) ?? [];
    return { manifest, answer, answers: turns.filter(({ role }) => role === 'assistant').map(({ content }) => content) };
  };

  it('are shown where no word is shared', async () => {
    const { answers, answer, manifest } = await shown({ search: 'meaning', embeddings: 'near' });
    expect(answers).toEqual(['sun', 'sun']);
    expect(answer.calls.map(({ model }) => model)).toEqual(['vectors', 'test']);
    expect(manifest.state['search']).toEqual({ search: 'meaning', embeddings: 'vectors' });
    expect((await shown({ search: 'both', embeddings: 'near' })).answers.at(-1)).toBe('sun');
  });

  it('can be looked up by pieces of words without any model', async () => {
    const { manifest, answer } = await shown({ search: 'both' });
    expect(manifest.state['search']).toEqual({ search: 'fused' });
    expect(answer.calls).toHaveLength(1);
    expect((await shown({ search: 'words' })).manifest.state['search']).toBeUndefined();
  });

  it('are forecast with the calls that make vectors', () => {
    const options = { selection: 'nearest', shots: 2, embeddings: 'near' };
    expect(fewShot.forecast?.({ ...inputFor(options) })).toMatchObject({ prepareCalls: 1, callsPerAnswer: 2 });
  });
});

describe('what cannot be searched', () => {
  it.each([retrieval, fewShot])('is told by a usage error where the model makes no vectors ($id)', async (approach) => {
    const options = approach === fewShot ? { selection: 'nearest', embeddings: 'test' } : { embeddings: 'test' };
    await expect(approach.prepare(inputOf(options), contextFor())).rejects.toMatchObject({
      code: 'no-embeddings',
      exitCode: 2,
      message: 'The model test makes no embeddings.',
      hint: expect.stringContaining('text-embedding-3-small'),
    });
  });

  it.each([
    [retrieval, { search: 'meaning' }, 'embeddings-missing'],
    [retrieval, { search: 'words', embeddings: 'near' }, 'option-idle'],
    [retrieval, { search: 'fused', embeddings: 'near' }, 'option-idle'],
    [fewShot, { selection: 'nearest', search: 'meaning' }, 'embeddings-missing'],
    [fewShot, { selection: 'fixed', search: 'words' }, 'option-idle'],
    [fewShot, { selection: 'balanced', embeddings: 'near' }, 'option-idle'],
    [fewShot, { shots: 'many', search: 'both' }, 'option-idle'],
    [fineTuned, { retrieval: { search: 'meaning' } }, 'embeddings-missing'],
  ])('is refused before anything is asked: $id', (approach, options, code) => {
    expect(() => approach.checkOptions(options)).toThrow(expect.objectContaining({ code, exitCode: 2 }));
  });
});
