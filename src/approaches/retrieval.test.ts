import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApproachContext, PrepareInput } from '#core/approach.ts';
import type { CallableModel, Manifest } from '#core/candidate.ts';
import type { KnowledgeDocument } from '#core/knowledge.ts';
import type { ModelRequest } from '#core/model.ts';
import type { Output } from '#core/output.ts';
import type { SupervisedJob } from '#core/trainer.ts';
import { contextWith, inputFor, never } from './approach-contract.fixture.ts';
import { fineTuned } from './fine-tuned.ts';
import { retrieval } from './retrieval.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rung-retrieval-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const knowledge: readonly KnowledgeDocument[] = [
  { id: 'house.md', text: '# Opening\n\nThe house opens at nine.\n\n# Fees\n\nA month costs twelve.' },
  { id: 'pets.md', text: '# Pets\n\nDogs wait outside the house.' },
];

function modelThatSays(...texts: readonly string[]): CallableModel & { requests: ModelRequest[] } {
  const requests: ModelRequest[] = [];
  return {
    name: 'test',
    can: {},
    requests,
    async generate(request) {
      requests.push(request);
      const text = texts[Math.min(requests.length, texts.length) - 1] as string;
      const usage = { inputTokens: 1, cachedInputTokens: 0, outputTokens: 1 };
      return { response: { text, finishReason: 'stop', usage }, call: { model: 'test', usage, cost: 1, latencyMs: 1, cached: false } };
    },
  };
}

function input(options: PrepareInput['options'] = {}, output: Output = { kind: 'text' }): PrepareInput {
  const base = inputFor(options);
  return { ...base, knowledge, task: { ...base.task, instructions: 'Answer.', output } };
}

async function ask(question: string, model: CallableModel, options: PrepareInput['options'] = {}, output?: Output) {
  const context = contextWith(folder, model);
  const candidate = await retrieval.restore(await retrieval.prepare(input(options, output), context), context);
  return candidate.answer(question, { signal: never });
}

const system = (request: ModelRequest | undefined) => request?.messages[0]?.content ?? '';

describe('the prompt', () => {
  it('numbers the passages, the best first, under the rule to keep to them', async () => {
    const model = modelThatSays('twelve [1]');
    const answer = await ask('What does a month cost?', model, { passages: 1 });
    expect(system(model.requests[0])).toBe(
      'Answer.\nAnswer only from these passages. If the answer is not in them, say exactly: not in the documents\n' +
        'End with the numbers of the passages that the answer comes from, as [1].\n[1] Fees\nA month costs twelve.',
    );
    expect(answer.retrieved).toEqual(['house.md#fees/1']);
  });

  it('can leave numbers, titles and citations out', async () => {
    const model = modelThatSays('nine');
    await ask('When does the house open?', model, { layout: 'plain', passages: 2, unanswerable: 'unknown' });
    expect(system(model.requests[0])).toBe(
      'Answer.\nAnswer only from these passages. If the answer is not in them, say exactly: unknown\n' +
        'The house opens at nine.\nDogs wait outside the house.',
    );
  });

  it('says so where no passage was found', async () => {
    const model = modelThatSays('not in the documents');
    const answer = await ask('???', model);
    expect(system(model.requests[0])).toMatch(/No passage was found\.$/);
    expect(answer.retrieved).toEqual([]);
  });

  it('asks for no text that a label or JSON could not be', async () => {
    const model = modelThatSays('sun');
    await ask('the house', model, {}, { kind: 'labels', labels: ['sun', 'rain'] });
    expect(system(model.requests[0])).not.toMatch(/say exactly|numbers of the passages/);
    await ask('the house', model, { unanswerable: 'rain' }, { kind: 'labels', labels: ['sun', 'rain'] });
    expect(system(model.requests[1])).toMatch(/say exactly: rain/);
  });
});

describe('the answer', () => {
  const stepsOf = async (text: string) => {
    const answer = await ask('When does the house open?', modelThatSays(text), { passages: 2 });
    return { answer, steps: Object.fromEntries((answer.steps ?? []).map((step) => [step.name, step.text])) };
  };

  it('is parted from its citations, which are checked against the passages shown', async () => {
    const { answer, steps } = await stepsOf('At nine [2, 1] [7].');
    expect(answer).toMatchObject({ text: 'At nine.', value: 'At nine.', retrieved: ['house.md#opening/1', 'pets.md#pets/1'] });
    expect(steps).toMatchObject({ cited: 'pets.md#pets/1\nhouse.md#opening/1', 'cited-unknown': '7' });
    expect(steps['passages']).toBe('[1] Opening\nThe house opens at nine.\n[2] Pets\nDogs wait outside the house.');
  });

  it('is marked where it says that the documents do not tell', async () => {
    expect((await stepsOf('Not in the documents.')).steps).toMatchObject({ unanswerable: 'Not in the documents.' });
    expect((await stepsOf('The house is not in the documents')).steps).not.toHaveProperty('unanswerable');
  });
});

describe('reranking', () => {
  const question = 'the house opens, dogs, month';
  const order = async (text: string) => {
    const model = modelThatSays(text, 'nine');
    const answer = await ask(question, model, { passages: 1, rerank: true });
    return { answer, model, first: (await ask(question, modelThatSays('nine'), { passages: 3 })).retrieved ?? [] };
  };

  it('asks once for an order, shows the first of it and bills both calls', async () => {
    const { answer, model, first } = await order('3, 1');
    expect(answer.retrieved).toEqual([first[2]]);
    expect(answer.calls).toHaveLength(2);
    expect(answer.steps?.[0]).toEqual({ name: 'rerank', text: '3, 1' });
    expect(model.requests[0]?.messages[1]?.content).toContain(`Question: ${question}`);
  });

  it.each(['I cannot say.', '', '9', '0, 1', 'The 2 best are 1 and 3'])(
    'keeps the order of the search where the answer is %j, and tells',
    async (text) => {
      const { answer, first } = await order(text);
      expect(answer.retrieved).toEqual([first[0]]);
      expect(answer.steps?.[0]).toEqual({ name: 'rerank-unreadable', text, fault: 'It is no list of the numbers of passages.' });
    },
  );
});

describe('preparing', () => {
  it('tries several numbers of passages on the validation split only where told; ties go to the fewest', async () => {
    const asked: unknown[] = [];
    const context = (score: (passages: number) => number): ApproachContext => ({
      ...contextWith(folder, modelThatSays('x')),
      evaluate: async ({ state }: Manifest) => {
        const { passages } = state['retrieval'] as { passages: number };
        asked.push(passages);
        return score(passages);
      },
    });
    const chosen = async (options: PrepareInput['options'], score: (passages: number) => number) =>
      (await retrieval.prepare(input(options), context(score))).state['retrieval'];
    expect(await chosen({ passages: [5, 1, 3] }, (passages) => (passages === 3 ? 1 : 0))).toMatchObject({ passages: 3 });
    expect(asked).toEqual([1, 3, 5]);
    expect(await chosen({ passages: [5, 2] }, () => 0.5)).toMatchObject({ passages: 2 });
    asked.length = 0;
    expect(await chosen({}, () => 1)).toMatchObject({ passages: 3, search: 'fused' });
    expect(asked).toEqual([]);
  });

  it('gives a candidate that shows the same passages where the documents are not', async () => {
    const here = contextWith(folder, modelThatSays('nine'));
    const manifest = await retrieval.prepare(input(), here);
    const elsewhere = contextWith(join(folder, 'elsewhere'), modelThatSays('nine'));
    await elsewhere.artefacts.put(await here.artefacts.path(manifest.artefacts['passages'] as string));
    const [one, two] = [await retrieval.restore(manifest, here), await retrieval.restore(JSON.parse(JSON.stringify(manifest)), elsewhere)];
    const answer = await one.answer('the house', { signal: never });
    expect(answer.retrieved).toContain('pets.md#pets/1');
    expect(await two.answer('the house', { signal: never })).toEqual(answer);
    const changed = await retrieval.prepare({ ...input(), knowledge: knowledge.slice(1) }, here);
    expect(changed.artefacts).not.toEqual(manifest.artefacts);
  });

  it('is passed over where there are no documents', () => {
    expect(retrieval.skip?.(input())).toBeUndefined();
    expect(retrieval.skip?.({ ...input(), knowledge: [] })).toContain('knowledge/');
    expect(fineTuned.skip?.({ ...input({ retrieval: {} }), knowledge: [] })).toContain('knowledge/');
    expect(fineTuned.skip?.({ ...input(), knowledge: [] })).toBeUndefined();
  });

  it('forecasts both calls of a reranked answer and those of the choice', () => {
    const forecast = (options: PrepareInput['options']) => retrieval.forecast?.(input(options));
    expect(forecast({})).toMatchObject({ prepareCalls: 0, callsPerAnswer: 1 });
    expect(forecast({ passages: [1, 2], rerank: true })).toMatchObject({ prepareCalls: 2 * 10 * 2, callsPerAnswer: 2 });
    expect(forecast({ passages: 3 })?.inputTokens).toBeGreaterThan(forecast({ passages: 1 })?.inputTokens ?? 0);
  });

  it.each([
    { passages: 0 },
    { passages: [] },
    { passages: 'many' },
    { search: 'google' },
    { unanswerable: ' ' },
    { layout: 'plain', cite: true },
  ])('refuses %j', (options) => {
    expect(() => retrieval.checkOptions(options)).toThrow();
  });
});

describe('a tune with passages', () => {
  const jobOf = async (options: PrepareInput['options']) => {
    const jobs: SupervisedJob[] = [];
    const context: ApproachContext = {
      ...contextWith(folder, modelThatSays('sun')),
      train: async (job) => {
        jobs.push(job as SupervisedJob);
        return { model: { model: 'tuned' }, hyperparameters: {}, events: [], bestStep: 1, seconds: 1 };
      },
    };
    return { manifest: await fineTuned.prepare(input(options), context), job: jobs[0] as SupervisedJob, context };
  };

  it('learns from the prompts that it is then asked with', async () => {
    const model = modelThatSays('nine');
    const { manifest, job, context } = await jobOf({ epochs: 2, retrieval: { passages: 1 } });
    expect(job.hyperparameters).toEqual({ epochs: 2 });
    const candidate = await fineTuned.restore(manifest, { ...context, model: async () => model });
    const first = job.train[0]!;
    const answer = await candidate.answer(first.messages.at(-2)!.content, { signal: never });
    expect(model.requests[0]?.messages).toEqual(first.messages.slice(0, -1));
    expect(answer.steps?.map(({ name }) => name)).toEqual(['passages']);
  });

  it('keeps the manifest that it had where the option is absent', async () => {
    const { manifest, job } = await jobOf({ epochs: 2 });
    expect(manifest).toEqual({
      schema: 'rung.candidate/1',
      approach: 'fine-tuned',
      name: 'rung',
      model: { model: 'tuned' },
      state: {
        prompt: { headed: false, sections: [{ heading: 'Task', text: 'Answer.' }] },
        output: { kind: 'text' },
        maxOutputTokens: 1024,
        shots: [],
      },
      artefacts: {},
    });
    expect(job.hyperparameters).toEqual({ epochs: 2 });
    expect(() => fineTuned.checkOptions({ retrieval: { rerank: true } })).toThrow(/rerank/);
  });
});
