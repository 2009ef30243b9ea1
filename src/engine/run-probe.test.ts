import { describe, expect, it } from 'vitest';
import type { Answer, Candidate } from '#core/candidate.ts';
import type { Example } from '#core/example.ts';
import { defineMetric } from '#core/metric.ts';
import { ModelError } from '#core/model-error.ts';
import { defineProbe, type Probe, type ProbeOutcome } from '#core/probe.ts';
import { Budget, BudgetEndedError } from './budget.ts';
import { manualClock, never } from './engine.fixture.ts';
import { Meter } from './meter.ts';
import { type RunProbeOptions, runProbe } from './run-probe.ts';
import { summariseProbe } from './summarise-probe.ts';

const examples: readonly Example[] = [{ id: 'e1', input: 'hello', tags: [], source: 'human' }];
const measures = [{ id: 'level', summary: 'A level.', better: 'higher' as const }];

const faults = defineMetric({
  id: 'faults',
  summary: 'Faults, of ten.',
  better: 'lower',
  scale: 'mean',
  onError: 1,
  score: (_example, answer) => ({ value: Number(answer.text) / 10 }),
});

/** Asks three questions, one after another, and scores each. */
const three: Probe = defineProbe({
  id: 'three',
  summary: 'Three questions.',
  measures,
  checkOptions: () => {},
  async run(candidate, { examples, score }, { signal, progress }) {
    const outcomes: ProbeOutcome[] = [];
    for (let done = 1; done <= 3; done++) {
      const answer = await candidate.answer(`question ${done}`, { signal }).catch((error: unknown) => {
        signal.throwIfAborted();
        return ModelError.is(error) ? undefined : Promise.reject(error);
      });
      if (answer !== undefined) outcomes.push({ measure: 'level', score: (await score!(examples[0]!, answer))! });
      progress({ done, total: 3 });
    }
    return { probe: 'three', outcomes, cases: [] };
  },
});

function optionsWith(answer: (nth: number) => string): RunProbeOptions & { asked(): number } {
  let asked = 0;
  const candidate: Candidate = {
    id: 'c_000000000000',
    manifest: { schema: 'rung.candidate/1', approach: 'x', name: 'x', model: null, state: {}, artefacts: {} },
    async answer(): Promise<Answer> {
      const text = answer(++asked);
      return { text, value: text, strict: true, calls: [{ model: 'm', usage: null, cost: 1, latencyMs: 10 * asked, cached: false }] };
    },
  };
  const task = { name: 't', instructions: '', prompt: {}, output: { kind: 'text' as const } };
  const run = { clock: manualClock(), budget: new Budget({}), meter: new Meter() };
  const fixed = {
    probe: three,
    task,
    metrics: [faults],
    examples,
    options: {},
    overlays: [],
    folder: '/',
    seed: 1,
    confidence: 0.95,
    concurrency: 2,
  };
  return { ...fixed, candidate, run, progress: () => {}, stopping: never, abort: never, asked: () => asked };
}

describe('running a probe', () => {
  it('scores by the leading metric with the better side up, and tells the times', async () => {
    const report = await runProbe(optionsWith(() => '5'));
    expect(report.metrics['level']).toMatchObject({ value: 0.5, n: 3 });
    expect(report.latencyMs?.p50.value).toBe(20);
    expect(report).toMatchObject({
      probe: 'three',
      candidate: 'c_000000000000',
      better: { level: 'higher' },
      spent: { calls: 0, failures: 0 },
    });
  });

  it('goes on where one question brings no answer, and counts it', async () => {
    const report = await runProbe(
      optionsWith((nth) => {
        if (nth === 2) throw new ModelError({ kind: 'timeout', message: 'slow' });
        return '5';
      }),
    );
    expect(report.metrics['level']?.n).toBe(2);
    expect(report.spent.failures).toBe(1);
  });

  it('ends with the error that ends a run: a budget, a refused key', async () => {
    for (const error of [new BudgetEndedError('1 call'), new ModelError({ kind: 'unauthorised', message: 'no key' })]) {
      const options = optionsWith(() => {
        throw error;
      });
      await expect(runProbe(options)).rejects.toBe(error);
      expect(options.asked()).toBe(1);
    }
  });

  it('says so where nothing at all was answered, with the first reason', async () => {
    const options = optionsWith(() => {
      throw new ModelError({ kind: 'network', message: 'no route' });
    });
    await expect(runProbe(options)).rejects.toMatchObject({ code: 'probe-unanswered', message: expect.stringContaining('no route') });
  });

  it('is interrupted between questions, with the exit code of an interruption', async () => {
    const stopping = new AbortController();
    const options = optionsWith((nth) => {
      if (nth === 2) stopping.abort();
      return '1';
    });
    const probe = defineProbe({
      ...three,
      run: (candidate, input, { signal, progress }) => three.run(throwing(candidate, signal), input, { signal, progress }),
    });
    await expect(runProbe({ ...options, probe, stopping: stopping.signal })).rejects.toMatchObject({ code: 'interrupted', exitCode: 130 });
    expect(options.asked()).toBe(2);
  });
});

function throwing(candidate: Candidate, signal: AbortSignal): Candidate {
  return {
    ...candidate,
    answer: async (input, options) => {
      signal.throwIfAborted();
      return candidate.answer(input, options);
    },
  };
}

describe('the summary of a probe', () => {
  const options = { confidence: 0.95, seed: 1, options: {} };
  const summary = (outcomes: readonly ProbeOutcome[]) => summariseProbe(three, { probe: 'three', outcomes, cases: [] }, options);
  const turns = [1, 5, 10, 20, 50];

  it('finds the slope over ln x that the outcomes were made with', () => {
    const outcomes = Array.from({ length: 12 }, (_, group) =>
      turns.map((x) => ({ measure: 'level', score: 0.9 - 0.15 * Math.log(x) + 0.01 * (group % 4), x, group: `g${group}` })),
    ).flat();
    const { metrics, series, better } = summary(outcomes);
    expect(metrics['levelSlope']?.value).toBeCloseTo(-0.15, 10);
    expect(metrics['levelSlope']?.high).toBeLessThan(0);
    expect(better['levelSlope']).toBe('higher');
    expect(series.map(({ x, n }) => [x, n])).toEqual(turns.map((x) => [x, 12]));
    expect(series[0]?.value).toBeCloseTo(0.915, 10);
    expect(metrics['level']?.method).toContain('12 clusters');
  });

  it('gives no slope where nothing varies, nor where groups were seen once', () => {
    const flat = ['a', 'b'].flatMap((group) => turns.map((x) => ({ measure: 'level', score: 1, x, group })));
    expect(summary(flat).metrics).not.toHaveProperty('levelSlope');
    expect(summary(turns.map((x, at) => ({ measure: 'level', score: at % 2, x }))).metrics).not.toHaveProperty('levelSlope');
  });

  it('takes times as times: their mean, never under 0', () => {
    const timed: Probe = { ...three, measures: [{ id: 'level', summary: 'A time.', better: 'lower', unit: 'ms' }] };
    const outcomes = [10, 12, 900].map((score) => ({ measure: 'level', score }));
    const { metrics, units } = summariseProbe(timed, { probe: 'three', outcomes, cases: [] }, options);
    expect(units).toEqual({ level: 'ms' });
    expect(metrics['level']).toMatchObject({ low: 0, n: 3, method: 't' });
    expect(metrics['level']?.value).toBeCloseTo(922 / 3, 10);
  });

  it('leaves out what was not measured, and counts the cases of each family', () => {
    const cases = [
      { id: '1', family: 'a', passed: true, reason: '' },
      { id: '2', family: 'a', passed: false, reason: '' },
      { id: '3', passed: false, reason: '' },
    ];
    const { metrics, series, families } = summariseProbe(three, { probe: 'three', outcomes: [], cases }, options);
    expect([metrics, series]).toEqual([{}, []]);
    expect(families).toEqual([{ family: 'a', passed: expect.objectContaining({ value: 0.5, n: 2 }) }]);
  });
});
