import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MeasuredRow, PrepareInput } from '#core/approach.ts';
import type { DataRow } from '#core/data-row.ts';
import type { Example } from '#core/example.ts';
import { examples, inputFor, never } from './approach-contract.fixture.ts';
import { fineTuned } from './fine-tuned.ts';
import { hybrid } from './hybrid.ts';
import { scriptedModel } from './reasoning.fixture.ts';
import { openPool } from './retrieval-pool.ts';
import { askedOf, lessIsBetter, notingContext } from './tuned.fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rung-hybrid-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const withStrong = (options: PrepareInput['options']): PrepareInput => ({
  ...inputFor(options),
  roles: { base: 'test', strong: 'large' },
});

describe('the forms of the rung hybrid', () => {
  it('are named where another is asked for, and refuse what belongs to another form', () => {
    expect(() => hybrid.checkOptions({ form: 'mixture' })).toThrow(
      expect.objectContaining({ exitCode: 2, hint: 'It must be one of: overlays, content, router, distillation.' }),
    );
    for (const form of ['content', 'router', 'distillation']) {
      expect(() => hybrid.checkOptions({ form, overlays: ['winter'] })).toThrow(/overlays/);
      expect(() => hybrid.checkOptions({ form, epochs: 2 })).not.toThrow();
      expect(() => hybrid.checkOptions({ form, epochs: 0 })).toThrow(/epochs/);
    }
    expect(() => hybrid.checkOptions({ form: 'distillation', as: { rung: 'hybrid' } })).toThrow(/teacher/);
    expect(() => hybrid.checkOptions({ form: 'distillation', as: { rung: 'few-shot', nonsense: 1 } })).toThrow(/nonsense/);
  });

  it('forecast their calls', () => {
    const answers = fineTuned.forecast!(inputFor({ epochs: 2 }));
    const overlaid = hybrid.forecast!(inputFor({ epochs: 2 }));
    expect(overlaid.inputTokens).toBeGreaterThan(answers.inputTokens);
    expect(hybrid.forecast!(inputFor({ form: 'content', epochs: 2 })).prepareCalls).toBe(answers.prepareCalls + 20);
    const distilled = hybrid.forecast!(withStrong({ form: 'distillation', as: 'zero-shot' }));
    expect(distilled.others).toEqual([expect.objectContaining({ model: 'strong', prepareCalls: 30, callsPerAnswer: 0 })]);
    expect(hybrid.forecast!(withStrong({ form: 'router' })).others?.map(({ model }) => model)).toContain('large');
  });
});

describe('the form content', () => {
  // one document for each day of the month, saying what its weather is
  const days = Array.from({ length: 40 }, (_, day) => ({ day, weather: ['sun', 'rain', 'snow', 'fog', 'hail'][day % 5] as string }));
  const documents = days.map(({ day, weather }) => ({ id: `day${day}.md`, text: `On day ${day} there is ${weather}.` }));
  const rows = days.map(({ day, weather }): Example => {
    return { id: `d${day}`, input: `What is there on day ${day}?`, expected: weather, tags: [], source: 'human' };
  });
  const input: PrepareInput = {
    ...inputFor({ form: 'content', retrieval: { passages: 1, layout: 'plain' } }),
    knowledge: documents,
    train: rows.slice(0, 25),
    validation: rows.slice(25),
  };
  const ofText = { ...input, task: { ...input.task, output: { kind: 'text' as const } } };

  /** A model that reads the passage, or one that says what it was trained on. */
  const contextOf = (reads: boolean) => {
    const noted = notingContext(folder, () => undefined);
    const context = {
      ...noted.context,
      async measure(manifest: (typeof noted.measured)[0], asked: readonly Example[]): Promise<MeasuredRow[]> {
        const pool = await openPool(manifest, noted.context.artefacts);
        return asked.map((example) => {
          const [shown] = pool.find(example.input as string, 1);
          const known = days.find(({ day }) => example.id === `d${day}`)?.weather ?? '';
          const text = reads ? (/there is (\w+)/.exec(shown?.text ?? '')?.[1] ?? '') : known;
          const answer = { text, value: text, strict: true, calls: [], retrieved: shown === undefined ? [] : [shown.id] };
          return { example, answer, score: Number(text === example.expected), latencyMs: null };
        });
      },
    };
    return { ...noted, context };
  };

  it('trains what fine-tuned trains with passages, and follows changed documents where it reads them', async () => {
    const noted = contextOf(true);
    const manifest = await hybrid.prepare(ofText, noted.context);
    await fineTuned.prepare({ ...ofText, options: { retrieval: { passages: 1, layout: 'plain' } } }, noted.context);
    expect(noted.jobs[0]).toEqual(noted.jobs[1]);
    expect(manifest).toMatchObject({ approach: 'hybrid', model: { adapter: 'a_1' } });
    expect(manifest.state['notes']).toEqual([
      expect.stringMatching(
        /^With 15 facts exchanged .* followed them in 15 of 15 .* kept the fact from before in 0 of 15 .* right in 15 of 15/,
      ),
    ]);
  });

  it('tells where it recalls instead of reading', async () => {
    const manifest = await hybrid.prepare(ofText, contextOf(false).context);
    expect(manifest.state['notes']).toEqual([expect.stringMatching(/followed them in 0 of 15 .* kept the fact from before in 15 of 15/)]);
  });

  it('looks up without being told how, and says what it lacks', () => {
    expect(hybrid.skip!({ ...ofText, knowledge: [], options: { form: 'content' } })).toContain('no documents');
    expect(hybrid.skip!({ ...ofText, options: { form: 'content' } })).toBeUndefined();
    expect(hybrid.usesKnowledge!({ form: 'content' })).toBe(true);
  });
});

describe('the form router', () => {
  it('is a cascade of the tuned model and the role strong, restored from its manifest alone', async () => {
    const noted = notingContext(folder, (manifest, { expected }) => (manifest.approach === 'zero-shot' ? (expected as string) : 'sun'));
    const manifest = await hybrid.prepare(withStrong({ form: 'router', epochs: 3, loss: 0.5 }), noted.context);
    const alone = notingContext(folder, () => 'sun');
    await fineTuned.prepare(inputFor({ epochs: 3 }), alone.context);
    expect(noted.jobs).toEqual(alone.jobs);
    expect(manifest).toMatchObject({
      approach: 'hybrid',
      model: { adapter: 'a_1' },
      state: { cheap: { approach: 'fine-tuned' }, strong: { approach: 'zero-shot', model: { model: 'large' } }, routing: { loss: 0.5 } },
    });
    const model = scriptedModel(() => 'rain');
    const candidate = await hybrid.restore(JSON.parse(JSON.stringify(manifest)), { ...noted.context, model: async () => model });
    expect((await candidate.answer('grey', { signal: never })).value).toBe('rain');
  });

  it('is skipped without a strong model', () => {
    expect(hybrid.skip!(inputFor({ form: 'router' }))).toContain('strong');
    expect(hybrid.otherModels!({ form: 'router' }, { base: 'test', strong: 'large' })).toEqual(['strong']);
  });
});

describe('the form distillation', () => {
  const unlabelled: readonly DataRow[] = Array.from({ length: 8 }, (_, at) => ({
    line: at + 1,
    turns: [{ role: 'user', content: `sky ${at}` }],
    ...(at === 7 && { split: 'test' as const }),
  }));
  const withInputs = (options: PrepareInput['options']): PrepareInput => ({
    ...withStrong({ form: 'distillation', as: 'zero-shot', inputs: 'inputs.jsonl', ...options }),
    files: { rows: { 'inputs.jsonl': unlabelled }, documents: {} },
  });
  const order = (example: Example) => examples.indexOf(examples.find(({ id }) => id === example.id) as Example);

  it('keeps the answers that the metric accepts, and learns them in place of the expected ones', async () => {
    // wrong on the first four rows, silent on the fifth, out of the form on the sixth
    const noted = notingContext(folder, (_, example) => {
      const at = order(example);
      if (at === 4) return undefined;
      return at === 5 ? 'It rains.' : at < 4 ? 'fog' : (example.expected as string);
    });
    const manifest = await hybrid.prepare(withStrong({ form: 'distillation', as: 'zero-shot', epochs: 2 }), noted.context);
    const [job] = noted.jobs;
    expect(askedOf(job!)).toEqual(examples.slice(6, 30).map(({ input }) => input));
    expect(noted.measured[0]).toMatchObject({ approach: 'zero-shot', model: { model: 'large' } });
    expect(manifest).toMatchObject({ approach: 'hybrid', model: { model: 'test', adapter: 'a_1' } });
    expect(manifest.state['notes']).toEqual([
      'large wrote the answers: 24 of 30 were kept; of the others 5 were not in the form, 1 brought no answer.',
    ]);
  });

  it('counts wrong answers of the form apart, and accepts less where told', async () => {
    const wrong = (accept: number) => {
      const noted = notingContext(folder, (_, example) => (order(example) < 10 ? 'sun' : (example.expected as string)));
      return hybrid.prepare(withStrong({ form: 'distillation', as: 'zero-shot', accept }), noted.context);
    };
    expect((await wrong(1)).state['notes']).toEqual(['large wrote the answers: 25 of 30 were kept; of the others 5 scored under 1.']);
    expect((await wrong(0)).state['notes']).toEqual(['large wrote the answers: 30 of 30 were kept.']);
  });

  it('takes accept in the units of the metric where less is better, and keeps the faultless without it', async () => {
    const kept = async (options: PrepareInput['options']) => {
      const noted = notingContext(folder, (_, example) => (order(example) < 10 ? 'sun' : (example.expected as string)));
      const input = withStrong({ form: 'distillation', as: 'zero-shot', ...options });
      return (await hybrid.prepare(input, lessIsBetter(noted.context))).state['notes'];
    };
    expect(await kept({})).toEqual(['large wrote the answers: 25 of 30 were kept; of the others 5 scored over 0.']);
    expect(await kept({ accept: 0.9 })).toEqual(['large wrote the answers: 25 of 30 were kept; of the others 5 scored over 0.9.']);
    expect(await kept({ accept: 1 })).toEqual(['large wrote the answers: 30 of 30 were kept.']);
  });

  it('never shows a teacher the expected answer of the row that it answers', async () => {
    const noted = notingContext(folder, (_, { expected }) => expected as string);
    const learnt = (shown: unknown) => examples.filter(({ input }) => JSON.stringify(shown).includes(JSON.stringify(input)));
    const asked: (readonly [shown: readonly Example[], rows: readonly Example[]])[] = [];
    const context = {
      ...noted.context,
      measure: (manifest: (typeof noted.measured)[0], rows: readonly Example[]) => {
        asked.push([learnt(manifest.state['shots']), rows]);
        return noted.context.measure(manifest, rows);
      },
    };
    await hybrid.prepare(withStrong({ form: 'distillation', as: { rung: 'few-shot', selection: 'fixed', shots: 8 } }), context);
    expect(asked.map(([shown, rows]) => [shown.length, rows.length])).toEqual([
      [8, 15],
      [8, 15],
    ]);
    for (const [shown, rows] of asked) expect(rows.filter((row) => shown.includes(row))).toEqual([]);
  });

  it('asks again where nothing can score an answer, and keeps what most draws say', async () => {
    const noted = notingContext(folder, ({ state }, example) => {
      if (example.expected !== undefined) return example.expected as string;
      const isDraw = state['draw'] !== undefined;
      return example.input === 'sky 3' && isDraw ? 'rain' : 'sun';
    });
    const manifest = await hybrid.prepare(withInputs({ votes: 2 }), noted.context);
    expect(askedOf(noted.jobs[0]!).filter((text) => text.startsWith('sky'))).toEqual([0, 1, 2, 4, 5, 6].map((at) => `sky ${at}`));
    expect(manifest.state['notes']).toEqual([
      'large wrote the answers: 36 of 37 were kept; of the others 1 did not agree with itself. No metric could score 6 of those kept: they were judged by their form and 2 draws each.',
    ]);
    const draws = [1, 2].map((sample) => ({ temperature: 0.7, sample }));
    expect(noted.measured.map(({ state }) => state['draw'])).toEqual([undefined, undefined, ...draws]);
  });

  it('says what it lacks, before and after asking', async () => {
    expect(hybrid.skip!(inputFor({ form: 'distillation' }))).toContain('role teacher or strong');
    expect(hybrid.skip!(withStrong({ form: 'distillation' }))).toBeUndefined();
    expect(hybrid.otherModels!({ form: 'distillation' }, { base: 'test', strong: 'large', teacher: 'larger' })).toEqual(['teacher']);
    const silent = notingContext(folder, () => undefined);
    await expect(hybrid.prepare(withStrong({ form: 'distillation', as: 'zero-shot' }), silent.context)).rejects.toMatchObject({
      code: 'rung-impossible',
      message: expect.stringContaining('0 of 30 were kept; of the others 30 brought no answer'),
    });
    const oneClass = notingContext(folder, () => 'sun');
    await expect(hybrid.prepare(withStrong({ form: 'distillation', as: 'zero-shot' }), oneClass.context)).rejects.toThrow(
      /same expected answer/,
    );
    expect([...silent.jobs, ...oneClass.jobs]).toEqual([]);
  });
});
