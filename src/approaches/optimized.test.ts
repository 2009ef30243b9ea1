import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RungError } from '#core/errors.ts';
import { testApproach } from './approach-contract.fixture.ts';
import { deskInput, deskRows, measuringContext, ruledModel } from './optimized.fixture.ts';
import { optimise, optimized } from './optimized.ts';
import { readTrials } from './optimized-history.ts';
import { slicesOf } from './optimized-settings.ts';

testApproach(optimized);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rung-optimized-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Answers right where an example is shown whose topic the question has; else always "post". */
const imitator = () =>
  ruledModel((_system, question, messages) => {
    const topic = /my (\w+)/.exec(question)?.[1] ?? '';
    const at = messages.slice(0, -1).findIndex(({ role, content }) => role === 'user' && content.includes(topic));
    return at < 0 ? 'post' : (messages[at + 1]?.content ?? 'post');
  });

/** Answers right where the prompt says a word of the question beside its label; else always "post". */
const reader = () =>
  ruledModel((system, question) => {
    const topic = /my (\w+)/.exec(question)?.[1] ?? '';
    return system.split('\n').some((line) => line.startsWith('- money:') && line.includes(topic)) ? 'money' : 'post';
  });

describe('the search', () => {
  it('finds looked-up examples for a model that imitates, and says what it gained', async () => {
    const { manifest, history } = await optimise(deskInput({ calls: 300 }), measuringContext(folder, imitator()));
    const best = history.trials[history.best]!;
    expect(best.value?.value).toBe(1);
    expect(manifest.state['nearest'] ?? manifest.state['shots']).not.toEqual([]);
    expect(best.gain).toMatchObject({ n: best.rows, method: expect.stringContaining('betting') });
    expect(best.gain!.low).toBeLessThanOrEqual(best.gain!.value);
    expect(history.held).toMatchObject({ passed: true, chosen: history.best });
    expect(history.plateau).toMatchObject({ reached: true, why: 'no row that was measured fails' });
  });

  it('defines the labels for a model that reads definitions, and names how the baseline failed', async () => {
    const { manifest, history } = await optimise(deskInput({ calls: 600 }), measuringContext(folder, reader()));
    expect(history.trials[0]!.failures).toEqual([{ name: 'money read as post', rows: expect.any(Number), of: 24 }]);
    expect(history.trials[history.best]!.value?.value).toBe(1);
    expect(JSON.stringify(manifest.state['prompt'])).toContain('invoice');
    const dropped = history.trials.filter(({ kept }) => !kept);
    expect(dropped.length).toBeGreaterThan(0);
    expect(dropped.every(({ why, hypothesis }) => why !== '' && hypothesis !== '')).toBe(true);
  });

  it('keeps the baseline where nothing helps, never asks more than it may, and says so at every step', async () => {
    const model = ruledModel(() => 'post');
    const context = measuringContext(folder, model);
    const { history } = await optimise(deskInput({ calls: 150 }), context);
    expect(history.best).toBe(0);
    expect(history.calls).toBe(model.calls);
    expect(model.calls).toBeLessThanOrEqual(150);
    expect(context.said.every(({ done, total }) => total === 150 && done !== undefined && done <= 150)).toBe(true);
    const done = context.said.map((each) => each.done ?? 0);
    expect(done).toEqual([...done].sort((a, b) => a - b));
  });

  it('tries no change twice', async () => {
    const { history } = await optimise(
      deskInput({ calls: 2000, trials: 60 }),
      measuringContext(
        folder,
        ruledModel(() => 'post'),
      ),
    );
    const tried = history.trials.slice(1).map(({ hypothesis, change }) => `${hypothesis}\n${change}`);
    expect(new Set(tried).size).toBe(tried.length);
    expect(history.notes.at(-1)).toContain('drawn anew');
  });

  it('takes the same path for the same seed', async () => {
    const once = await optimise(deskInput({ calls: 300 }), measuringContext(folder, reader()));
    const again = await optimise(deskInput({ calls: 300 }), measuringContext(folder, reader()));
    expect(again.history).toEqual(once.history);
    expect(again.manifest).toEqual(once.manifest);
  });

  it('ends with the best so far where the budget of the run ends, and the rung itself does not settle for that', async () => {
    const cutOffAfter = (calls: number) => {
      const model = imitator();
      const context = measuringContext(folder, model);
      const measure: typeof context.measure = async (manifest, examples) => {
        if (model.calls + examples.length > calls) throw new RungError({ code: 'budget-ended', message: 'The budget ended.', exitCode: 6 });
        return context.measure(manifest, examples);
      };
      return { ...context, measure };
    };
    const { history, cutOff } = await optimise(deskInput(), cutOffAfter(90));
    expect(cutOff).toMatchObject({ code: 'budget-ended' });
    expect(history).toMatchObject({ ended: 'budget', best: 1 });
    const nothing = await optimise(deskInput(), cutOffAfter(0));
    expect(nothing.history).toMatchObject({ ended: 'budget', best: 0, trials: [{ n: 0, value: null }] });
    await expect(optimized.prepare(deskInput(), cutOffAfter(90))).rejects.toThrow('budget ended');
  });

  it('says where the held-back rows do not favour a winner that all rows together do', async () => {
    const input = deskInput({ calls: 300 });
    const { held } = slicesOf(input, 300);
    const unlucky = new Set(held.map((row) => row.input));
    // shown examples help on the rows of the search alone
    const model = ruledModel((_system, question, messages) =>
      messages.length > 2 && !unlucky.has(question) && /invoice|refund|bank/.test(question) ? 'money' : 'post',
    );
    const { history, manifest } = await optimise(input, measuringContext(folder, model));
    expect(history.held).toMatchObject({ rows: 15, gain: { value: 0 }, winner: 1, passed: true });
    expect(history.held!.why).toContain('not better there, but on all rows together');
    expect(manifest.state['nearest']).toBeDefined();
  });
});

describe('rewriting', () => {
  const strong = (answer: string) => {
    const model = ruledModel((system, question, messages) =>
      messages[0]?.content.includes('You improve the system prompt')
        ? answer
        : system.includes('invoices') && /invoice|refund|bank/.test(question)
          ? 'money'
          : 'post',
    );
    return { model, input: { ...deskInput({ calls: 400, rewriter: 'strong' }), roles: { base: 'test', strong: 'other' } } };
  };

  it('takes over what the strong model writes where it does better', async () => {
    const text = 'Invoices, refunds and the bank go to money: think of invoices. Everything else goes to post.';
    const { model, input } = strong(`Here you are: {"sections": [{"heading": "Task", "text": "${text}"}]}`);
    const { manifest, history } = await optimise(input, measuringContext(folder, model));
    expect(history.trials[history.best]!.value?.value).toBe(1);
    expect(manifest.state['prompt']).toMatchObject({ sections: [{ heading: 'Task', text }] });
  });

  it.each([
    ['no sections', 'I would rather not.', 'no sections'],
    ['a label left out', '{"sections": [{"heading": "Task", "text": "Say post."}]}', 'leaves out labels: money'],
    ['a section without text', '{"sections": [{"heading": "Task", "text": "post money"}, {"heading": "x"}]}', 'cannot be read'],
  ])('drops %s with its reason', async (_name, answer, why) => {
    const { model, input } = strong(answer);
    const { history } = await optimise(input, measuringContext(folder, model));
    const dropped = history.trials.filter(({ kind }) => kind === 'rewriting');
    expect(dropped.length).toBeGreaterThan(0);
    expect(dropped[0]).toMatchObject({ kept: false, rows: 0, why: expect.stringContaining(why) });
  });
});

describe('what is kept', () => {
  it('reads the history back from the artefacts', async () => {
    const context = measuringContext(folder, imitator());
    const { manifest, history } = await optimise(deskInput({ calls: 100 }), context);
    expect(await readTrials(context.artefacts, manifest)).toEqual(history);
    expect(await readTrials(context.artefacts, { ...manifest, artefacts: {} })).toBeUndefined();
  });

  it('refuses options that it cannot read, and a task with too few rows', () => {
    for (const options of [{ calls: 3 }, { trials: 0 }, { pays: 2 }, { rewriter: '' }])
      expect(() => optimized.checkOptions(options)).toThrow();
    expect(optimized.skip?.({ ...deskInput(), validation: deskRows(0, 3) })).toContain('at least 8');
    expect(optimized.forecast?.(deskInput({ calls: 123 }))).toMatchObject({ prepareCalls: 123 });
  });
});
