import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Approach, ApproachContext, PrepareInput } from '#core/approach.ts';
import { type CallableModel, candidateId } from '#core/candidate.ts';
import type { DataRow } from '#core/data-row.ts';
import { type Example, textOf } from '#core/example.ts';
import type { ModelRequest } from '#core/model.ts';
import type { PromptLibrary } from '#core/prompt.ts';
import type { TaskBrief } from '#core/task-brief.ts';
import { openArtefacts } from '#stores/artefacts.ts';

export const task: TaskBrief = {
  name: 'weather',
  instructions: 'Say what the weather is.',
  prompt: { role: 'You watch the sky.', context: 'It is autumn.', constraints: ['Do not guess.'] },
  output: { kind: 'labels', labels: ['sun', 'rain'] },
};

const words = { sun: ['bright', 'warm', 'dry', 'golden', 'clear'], rain: ['wet', 'grey', 'cold', 'dripping', 'soaked'] };

export const examples: readonly Example[] = Array.from({ length: 40 }, (_, i): Example => {
  const expected = i % 2 === 0 ? 'sun' : 'rain';
  const list = words[expected];
  return { id: `e${i}`, input: `${list[i % 5]} and ${list[(i >> 1) % 5]} on day ${i}`, expected, tags: [], source: 'human' };
});

export const never: AbortSignal = new AbortController().signal;

/** A model that answers "sun" and notes what it was asked. */
export function notingModel(): CallableModel & { requests: ModelRequest[] } {
  const requests: ModelRequest[] = [];
  return {
    name: 'test',
    can: {},
    requests,
    async generate(request) {
      requests.push(request);
      const usage = { inputTokens: 1, cachedInputTokens: 0, outputTokens: 1 };
      return {
        response: { text: 'sun', finishReason: 'stop', usage },
        call: { model: 'test', usage, cost: 1, latencyMs: 1, cached: false },
      };
    },
  };
}

export function contextWith(folder: string, model: CallableModel): ApproachContext {
  return {
    artefacts: openArtefacts(folder),
    signal: never,
    model: async () => model,
    progress: () => {},
    bestScore: 1,
    measure: async (_manifest, rows) => rows.map((example) => ({ example, score: null, latencyMs: null })),
    evaluate: async (manifest) => JSON.stringify(manifest).length % 7,
    train: async (job) => ({ model: { model: job.base.model }, hyperparameters: {}, events: [], bestStep: 1, seconds: 1 }),
  };
}

/** One version and one overlay, for the rungs that need them. */
const library: PromptLibrary = {
  versions: [
    {
      name: 'v1',
      file: 'prompts/v1.md',
      author: 'person',
      prompt: { headed: true, sections: [{ heading: 'Task', text: '{{instructions}} One of: {{labels}}.' }] },
      shots: [{ input: 'wet', answer: 'rain' }],
      scores: [],
    },
  ],
  overlays: [
    { name: 'winter', file: 'overlays/winter.md', checks: [], sections: [{ heading: 'Context', text: 'It is winter.', replace: false }] },
  ],
};

/** A file of preferences, for the rungs that need one. */
const pairs: readonly DataRow[] = examples.slice(0, 12).map(({ input }, at) => ({
  line: at + 1,
  turns: [{ role: 'user', content: textOf(input) }],
  preference: { chosen: [{ role: 'assistant', content: 'sun' }], rejected: [{ role: 'assistant', content: 'rain' }] },
}));

export function inputFor(options: PrepareInput['options'] = {}): PrepareInput {
  return {
    task,
    train: examples.slice(0, 30),
    validation: examples.slice(30),
    knowledge: [],
    confidence: 0.95,
    prompts: library,
    roles: { base: 'test' },
    model: { model: 'test' },
    name: 'rung',
    options,
    seed: 1,
    files: { rows: { 'pairs.jsonl': pairs }, documents: {} },
  };
}

/** What every rung must do. */
export function testApproach(approach: Approach, options: PrepareInput['options'] = {}): void {
  describe(`the rung ${approach.id}`, () => {
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'rung-approach-'));
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));

    it('refuses an option that it does not have, naming it', () => {
      expect(() => approach.checkOptions({ nonsense: 1 })).toThrow(/nonsense/);
    });

    it('freezes the same manifest from the same input', async () => {
      const first = await approach.prepare(inputFor(options), contextWith(folder, notingModel()));
      const second = await approach.prepare(inputFor(options), contextWith(folder, notingModel()));
      expect(second).toEqual(first);
      expect(first).toMatchObject({ schema: 'rung.candidate/1', approach: approach.id, name: 'rung' });
    });

    it('answers byte for byte the same after its manifest went through JSON to another folder', async () => {
      const here = notingModel();
      const there = notingModel();
      const manifest = await approach.prepare(inputFor(options), contextWith(folder, here));
      const elsewhere = await mkdtemp(join(tmpdir(), 'rung-elsewhere-'));
      try {
        const context = contextWith(elsewhere, there);
        for (const id of Object.values(manifest.artefacts)) await context.artefacts.put(await contextWith(folder, here).artefacts.path(id));
        const original = await approach.restore(manifest, contextWith(folder, here));
        const restored = await approach.restore(JSON.parse(JSON.stringify(manifest)), context);
        expect(restored.id).toBe(original.id);
        expect(restored.id).toBe(candidateId(manifest));
        here.requests.length = 0;
        there.requests.length = 0;
        for (const example of examples) {
          const [one, two] = [
            await original.answer(example.input, { signal: never }),
            await restored.answer(example.input, { signal: never }),
          ];
          expect(two).toEqual(one);
        }
        expect(JSON.stringify(there.requests)).toBe(JSON.stringify(here.requests));
      } finally {
        await rm(elsewhere, { recursive: true, force: true });
      }
    });

    it('reads the answer as the output of the task', async () => {
      const context = contextWith(folder, notingModel());
      const candidate = await approach.restore(await approach.prepare(inputFor(options), context), context);
      const { value } = await candidate.answer('bright and warm', { signal: never });
      expect(value).toBe('sun');
    });
  });
}
