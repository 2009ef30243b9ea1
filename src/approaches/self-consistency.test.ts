import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { examples, inputFor, task } from './approach-contract.fixture.ts';
import { answerOf, form, scriptedModel } from './reasoning.fixture.ts';
import { selfConsistency } from './self-consistency.ts';
import { isDecided, tally, winnerOf } from './self-consistency-vote.ts';

const votes = (...texts: string[]) => scriptedModel((_, index) => texts[index] ?? 'no more votes');
const samplesOf = (model: { requests: readonly { sample?: number }[] }) => model.requests.map(({ sample = 0 }) => sample);
const plain = { prompt: 'plain' };

describe('self-consistency', () => {
  it('takes the commonest answer, and keeps the votes', async () => {
    const model = votes('sun', 'rain', 'sun', 'rain', 'rain');
    const answer = await answerOf(selfConsistency, model, { options: plain });
    expect(answer).toMatchObject({ value: 'rain', text: 'rain', strict: true, confidence: 3 / 5 });
    expect(answer.calls).toHaveLength(5);
    expect(answer.steps?.map(({ name, text }) => `${name}: ${text}`)).toEqual([
      'vote 1: sun',
      'vote 2: rain',
      'vote 3: sun',
      'vote 4: rain',
      'vote 5: rain',
    ]);
    expect(model.requests.every(({ temperature }) => temperature === 0.7)).toBe(true);
  });

  it('stops when the rest cannot change the answer', async () => {
    const model = votes('rain', 'rain', 'rain');
    expect(await answerOf(selfConsistency, model, { options: plain })).toMatchObject({ value: 'rain', confidence: 1 });
    expect(model.requests).toHaveLength(3);
  });

  it('stops where the rest will hardly change it, if told', async () => {
    // 1 − I½(5, 1) = 1 − 2⁻⁵ = 0.969 after four equal votes, 0.9375 after three
    const model = votes(...Array<string>(20).fill('rain'));
    await answerOf(selfConsistency, model, { options: { ...plain, votes: 20, stop: 'likely' } });
    expect(model.requests).toHaveLength(4);
  });

  it('gives votes and repeats of a row samples of their own', async () => {
    const seen = [];
    for (const sample of [0, 1, 2]) {
      const model = votes('sun', 'rain', 'sun', 'rain', 'sun');
      await answerOf(selfConsistency, model, { options: plain, sample });
      seen.push(...samplesOf(model));
    }
    expect(seen).toEqual(Array.from({ length: 15 }, (_, index) => index));
  });

  it('breaks ties by first sight, and counts what cannot be read for nothing', async () => {
    const model = votes('fog', 'rain', 'sun', 'snow', 'hail');
    expect(await answerOf(selfConsistency, model, { options: plain })).toMatchObject({ value: 'rain', confidence: 1 / 5 });
    const none = await answerOf(selfConsistency, votes('a', 'b', 'c', 'd', 'e'), { options: plain });
    expect(none).toMatchObject({ value: undefined, strict: false });
    expect(none.confidence).toBeUndefined();
    expect(none.steps?.[1]).toEqual({ name: 'vote 2', text: 'b', fault: 'It holds no answer that can be counted.' });
    expect(none.calls).toHaveLength(5);
  });

  it('votes over reasoned answers unless told, by value and not by wording', async () => {
    const model = scriptedModel((_, index) => (index % 2 ? '{"score": 2, "mood": "bad"}' : 'Bad, two of ten.'));
    const answer = await answerOf(selfConsistency, model, { output: form, options: { votes: 3 } });
    expect(answer).toMatchObject({ value: { mood: 'bad', score: 2 }, confidence: 1 });
    expect(model.requests.map(({ temperature, sample = 0 }) => [temperature, sample])).toEqual([
      [0.7, 0],
      [0, 0],
      [0.7, 1],
      [0, 1],
    ]);
  });

  it('skips free texts, whose answers are hardly ever equal', () => {
    const long = { ...examples[0]!, expected: 'word '.repeat(40) };
    const input = { ...inputFor(), task: { ...task, output: { kind: 'text' as const } } };
    expect(selfConsistency.skip?.({ ...input, train: [long], validation: [] })).toContain('hardly ever equal');
    expect(selfConsistency.skip?.(input)).toBeUndefined();
    expect(selfConsistency.skip?.({ ...inputFor(), train: [], validation: [] })).toBeUndefined();
  });

  it('forecasts every vote', () => {
    const calls = (options: Parameters<typeof inputFor>[0]) => selfConsistency.forecast?.(inputFor(options))?.callsPerAnswer;
    expect([calls({}), calls({ votes: 9, prompt: 'plain' }), calls({ format: 'second' })]).toEqual([5, 9, 10]);
  });

  it.each([{ votes: 2 }, { temperature: 0 }, { ...plain, format: 'same' }, { stopAt: 0.9 }, { stop: 'likely', stopAt: 1 }])(
    'refuses %j',
    (options) => {
      expect(() => selfConsistency.checkOptions(options)).toThrow(expect.objectContaining({ exitCode: 2 }));
    },
  );
});

describe('stopping early', () => {
  const ballots = fc.array(fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }), { minLength: 1, maxLength: 9 });

  it('never changes the answer that all votes would have given', () => {
    fc.assert(
      fc.property(ballots, (cast) => {
        let counted = 1;
        while (!isDecided(tally(cast.slice(0, counted)), cast.length - counted, { stop: 'certain', stopAt: 0.95 })) counted++;
        expect(winnerOf(tally(cast.slice(0, counted)))?.value).toBe(winnerOf(tally(cast))?.value);
      }),
    );
  });

  it('asks for no more votes where likely is enough than where it must be certain, and for no fewer the surer it must be', () => {
    fc.assert(
      fc.property(ballots, fc.integer({ min: 0, max: 4 }), fc.double({ min: 0.51, max: 0.99, noNaN: true }), (cast, left, stopAt) => {
        const tallies = tally(cast);
        const likely = isDecided(tallies, left, { stop: 'likely', stopAt });
        if (isDecided(tallies, left, { stop: 'certain', stopAt })) expect(likely).toBe(true);
        if (isDecided(tallies, left, { stop: 'likely', stopAt: (1 + stopAt) / 2 })) expect(likely).toBe(true);
      }),
    );
  });

  it('never waits for votes that could not have changed it', () => {
    fc.assert(
      fc.property(ballots, fc.integer({ min: 0, max: 4 }), (cast, left) => {
        const now = winnerOf(tally(cast))?.value;
        // the worst that can come: all that is left for one other answer
        const turned = [0, 1, 2, 3, 4].some((value) => winnerOf(tally([...cast, ...Array<number>(left).fill(value)]))?.value !== now);
        expect(isDecided(tally(cast), left, { stop: 'certain', stopAt: 0.95 })).toBe(!turned);
      }),
    );
  });
});
