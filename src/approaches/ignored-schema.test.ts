import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Approach } from '#core/approach.ts';
import type { Answer } from '#core/candidate.ts';
import { contextWith, inputFor, never } from './approach-contract.fixture.ts';
import { fewShot } from './few-shot.ts';
import { form, scriptedModel } from './reasoning.fixture.ts';
import { retrieval } from './retrieval.ts';
import { structured } from './structured.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rung-schema-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const rungs: readonly { approach: Approach; options: Readonly<Record<string, string | number>> }[] = [
  { approach: structured, options: {} },
  { approach: fewShot, options: { selection: 'fixed', shots: 2 } },
  { approach: fewShot, options: { selection: 'nearest', shots: 2 } },
  { approach: retrieval, options: { passages: 1 } },
];

/** A model that says it holds to schemas, and answers as it is told. */
async function answerOf(approach: Approach, options: Readonly<Record<string, string | number>>, texts: readonly string[]) {
  const model = scriptedModel((_, index) => texts[Math.min(index, texts.length - 1)] as string, { jsonSchema: true });
  const context = contextWith(folder, model);
  const plain = inputFor(options);
  const input = { ...plain, task: { ...plain.task, output: form }, knowledge: [{ id: 'a.md', text: 'Grey days are bad: two.' }] };
  const candidate = await approach.restore(await approach.prepare(input, context), context);
  return { model, answer: await candidate.answer('grey and cold', { signal: never }) };
}

const faultsIn = ({ steps = [] }: Answer) => steps.flatMap(({ name, fault }) => (fault === undefined ? [] : [`${name}: ${fault}`]));

describe.each(rungs)('a model that ignores the schema ($approach.id, $options)', ({ approach, options }) => {
  it('is held to it in the request, and told what was wrong until it holds to it', async () => {
    const { model, answer } = await answerOf(approach, { ...options, repair: 2 }, [
      'It is bad.',
      '{"mood": "sad", "score": 2}',
      '{"mood": "bad", "score": 2}',
    ]);
    expect(answer).toMatchObject({ value: { mood: 'bad', score: 2 }, strict: true, calls: [{}, {}, {}] });
    expect(faultsIn(answer)).toEqual([
      'attempt 1: It holds no JSON object.',
      'attempt 2: Its JSON does not fit the schema: its "mood" is "sad".',
    ]);
    for (const request of model.requests) expect(request.jsonSchema).toEqual(form.kind === 'json' ? form.schema : undefined);
    expect(model.requests[1]?.messages.at(-1)?.content).toContain('It holds no JSON object.');
  });

  it('is not believed where it never does: its answer stands as it is, and nothing is filled in', async () => {
    const { answer } = await answerOf(approach, { ...options, repair: 1 }, ['It is bad.']);
    expect(answer).toMatchObject({ text: 'It is bad.', value: undefined, strict: false, calls: [{}, {}] });
    const { answer: unrepaired } = await answerOf(approach, options, ['{"mood": "sad"}']);
    expect(unrepaired).toMatchObject({ value: { mood: 'sad' }, calls: [{}] });
  });

  it('is forecast with every call', () => {
    const plain = inputFor({ ...options, repair: 2 });
    expect(approach.forecast?.({ ...plain, task: { ...plain.task, output: form } })).toMatchObject({ callsPerAnswer: 3 });
  });
});
