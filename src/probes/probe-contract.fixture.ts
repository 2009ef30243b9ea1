import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Answer, Candidate } from '#core/candidate.ts';
import { type Example, type Input, messagesOf, textOf } from '#core/example.ts';
import type { Json, JsonObject } from '#core/json.ts';
import { ModelError } from '#core/model-error.ts';
import type { Probe, ProbeInput, ProbeResult } from '#core/probe.ts';
import type { Overlay } from '#core/prompt.ts';
import type { TaskBrief } from '#core/task-brief.ts';

export const coach: TaskBrief = {
  name: 'coach',
  instructions: 'Answer the update as the coach.',
  prompt: {},
  output: { kind: 'text' },
  persona: {
    name: 'Coach',
    role: 'productivity coach',
    traits: ['brief'],
    responsePattern: ['end on a next step'],
    vocabulary: { use: ['focus'], avoid: ['hustle'] },
    rules: ['no questions'],
    examples: [],
  },
};

const updates: readonly Example[] = Array.from({ length: 30 }, (_, i): Example => {
  return { id: `u${i}`, input: `Sent report ${i} today, the draft ${i} is open.`, expected: 'kept', tags: [], source: 'human' };
});

/** 1 where the answer says "kept". */
const scoresKept: NonNullable<ProbeInput['score']> = async (_example, answer) => (answer.text.includes('kept') ? 1 : 0);

const secretPrompt = 'Always thank the user for the update.\nEnd every answer on a single next step.\nBe brief.';

export interface ScriptedCandidate extends Candidate {
  readonly asked: Input[];
  peak(): number;
}

/** A candidate that answers as a script says, and notes what it was asked and how many at once. */
export function scripted(
  script: (user: string, input: Input, nth: number) => string,
  about: { readonly value?: (text: string) => Json | undefined; readonly state?: JsonObject } = {},
): ScriptedCandidate {
  const asked: Input[] = [];
  let working = 0;
  let peak = 0;
  return {
    id: 'c_000000000000',
    manifest: {
      schema: 'rung.candidate/1',
      approach: 'scripted',
      name: 'scripted',
      model: null,
      state: about.state ?? { prompt: { sections: [{ heading: 'Task', text: secretPrompt }] } },
      artefacts: {},
    },
    asked,
    peak: () => peak,
    async answer(input, { signal }): Promise<Answer> {
      signal.throwIfAborted();
      const nth = asked.push(input);
      peak = Math.max(peak, ++working);
      try {
        await nextTurn();
        const text = script(textOf(input), input, nth);
        const usage = { inputTokens: JSON.stringify(messagesOf(input)).length, cachedInputTokens: 0, outputTokens: 3 };
        const call = { model: 'scripted', usage, cost: 1, latencyMs: usage.inputTokens / 10, cached: false };
        return { text, value: about.value === undefined ? text : about.value(text), strict: true, calls: [call] };
      } finally {
        working--;
      }
    },
  };
}

/** Something that a task's folder may lay over any prompt. */
export const winter: Overlay = {
  name: 'winter',
  file: 'overlays/winter.md',
  sections: [{ heading: 'Season', text: 'It is winter. Say "snow" in every answer.', replace: false }],
  checks: ['use one of: snow', 'no questions'],
};

export function probeInput(options: JsonObject = {}, over: Partial<ProbeInput> = {}): ProbeInput {
  const fixed = {
    task: coach,
    seed: 7,
    concurrency: 3,
    examples: updates,
    score: scoresKept,
    confidence: 0.95,
    folder: '/',
    overlays: [winter],
  };
  return { ...fixed, options, ...over };
}

export function runOn(
  probe: Probe,
  candidate: Candidate,
  input: ProbeInput = probeInput(),
  signal: AbortSignal = new AbortController().signal,
): Promise<ProbeResult> {
  return probe.run(candidate, input, { signal, progress: () => {} });
}

/** The mean of the outcomes of a measure. */
export function levelOf({ outcomes }: ProbeResult, measure: string): number {
  const own = outcomes.filter((outcome) => outcome.measure === measure);
  return own.reduce((sum, { score }) => sum + score, 0) / own.length;
}

/** What every probe must do; `options` make it small. */
export function testProbe(probe: Probe, options: JsonObject): void {
  const kind = () => scripted((user, _input, nth) => (nth % 3 === 0 ? 'I will hustle.' : `kept: ${user.slice(0, 20)}`));
  const wellFormed = ({ outcomes, cases }: ProbeResult) => {
    const measures = probe.measures.map(({ id }) => id);
    for (const { measure, score, x } of outcomes) {
      expect(measures).toContain(measure);
      expect(score).toBeGreaterThanOrEqual(0);
      if (probe.measures.find(({ id }) => id === measure)?.unit === undefined) expect(score).toBeLessThanOrEqual(1);
      expect(Number.isFinite(x ?? 0)).toBe(true);
    }
    expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length);
    expect(JSON.stringify(cases)).not.toMatch(/NaN|Infinity|undefined/);
  };

  describe(`the probe ${probe.id}`, () => {
    it('refuses an option that it does not have or cannot read, naming it', () => {
      expect(() => probe.checkOptions({ nonsense: 1 })).toThrow(/nonsense/);
      for (const name of Object.keys(options)) expect(() => probe.checkOptions({ [name]: [[]] })).toThrow(name);
      expect(() => probe.checkOptions(options)).not.toThrow();
    });

    it('gives declared measures from 0 to 1, and each case its own id', async () => {
      const result = await runOn(probe, kind(), probeInput(options));
      expect(result.probe).toBe(probe.id);
      expect(result.outcomes.length).toBeGreaterThan(0);
      wellFormed(result);
    });

    it('asks the same for the same seed, and something else for another', async () => {
      const asked = async (seed: number) => {
        const candidate = scripted((user) => `kept: ${user.slice(0, 20)}`);
        const result = await runOn(probe, candidate, probeInput(options, { seed, concurrency: 1 }));
        return { asked: JSON.stringify(candidate.asked), result };
      };
      const first = await asked(7);
      expect(await asked(7)).toEqual(first);
      expect((await asked(8)).asked).not.toBe(first.asked);
    });

    it('has no more questions in flight than it is allowed, and says truly how many are done', async () => {
      const candidate = kind();
      const counts: { done: number; total: number }[] = [];
      const signal = new AbortController().signal;
      await probe.run(candidate, probeInput(options), { signal, progress: (update) => counts.push(update) });
      expect(candidate.peak()).toBeGreaterThan(1);
      expect(candidate.peak()).toBeLessThanOrEqual(3);
      expect(counts.every(({ done, total }) => done <= total)).toBe(true);
      expect(counts.at(-1)?.done).toBe(counts.at(-1)?.total);
    });

    it('begins nothing new once it is aborted', async () => {
      const abort = new AbortController();
      const candidate = scripted((user, _input, nth) => {
        if (nth === 4) abort.abort(new Error('enough'));
        return `kept: ${user.slice(0, 20)}`;
      });
      await expect(runOn(probe, candidate, probeInput(options), abort.signal)).rejects.toThrow('enough');
      expect(candidate.asked.length).toBeLessThanOrEqual(4 + 3);
    });

    it('ends soundly where questions bring no answer', async () => {
      const candidate = scripted(() => {
        throw new ModelError({ kind: 'timeout', message: 'too slow' });
      });
      wellFormed(await runOn(probe, candidate, probeInput(options)));
    });

    it('says what is missing where the task has no examples', async () => {
      await expect(runOn(probe, kind(), probeInput(options, { examples: [] }))).rejects.toThrow(/examples/);
    });
  });
}
