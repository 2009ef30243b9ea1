import { describe, expect, it } from 'vitest';
import type { Example } from '#core/example.ts';
import type { ProbedTuning } from '#core/probe.ts';
import { canaryRows, drawCanaries } from '#data/grow/canaries.ts';
import { seededRandom } from '#statistics/random.ts';
import { forgetting } from './forgetting.ts';
import { memorisation } from './memorisation.ts';
import { levelOf, probeInput, runOn, scripted, testProbe } from './probe-contract.fixture.ts';

const general: readonly Example[] = Array.from({ length: 20 }, (_, row) => ({
  ...{ id: `g${row}`, input: `general ${row}`, expected: 'yes', tags: ['add'], source: 'human' as const },
}));
const tuningOf = (changes: Partial<ProbedTuning> = {}): ProbedTuning => ({
  general,
  lost: 0,
  trained: [{ method: 'supervised', train: canaryRows(10, 1), validation: [] }],
  ask: async () => 'no',
  askBefore: async (messages) => (messages[0]!.content.endsWith('1') ? 'no' : 'yes'),
  ...changes,
});
const candidate = () => scripted(() => 'kept');
const over = (tuning?: ProbedTuning) => probeInput({}, tuning === undefined ? {} : { tuning });

describe('the probe forgetting', () => {
  it('measures what the model can do, and what it no longer can', async () => {
    const result = await runOn(forgetting, candidate(), over(tuningOf()));
    expect(levelOf(result, 'generalAbility')).toBe(0);
    // 18 of 20 were right before training
    expect(levelOf(result, 'forgotten')).toBe(0.9);
    expect(result.cases.filter(({ passed }) => !passed)).toHaveLength(18);
    expect(result.cases[0]?.family).toBe('add');
  });

  it('measures an untuned model alone, leaves out what brought no answer, and asks no more than told', async () => {
    const { askBefore: _, ...untuned } = tuningOf({ ask: async (messages) => (messages[0]!.content.endsWith('0') ? undefined : 'yes') });
    const result = await runOn(forgetting, candidate(), over(untuned));
    expect(levelOf(result, 'generalAbility')).toBe(1);
    expect(result.outcomes).toHaveLength(18);
    const few = await runOn(forgetting, candidate(), probeInput({ rows: 5 }, { tuning: untuned }));
    expect(few.cases).toHaveLength(5);
    expect(forgetting.forecast?.(probeInput({ rows: 5 }, { tuning: untuned }))).toEqual({ questions: 5, turns: 1 });
  });

  it('says what is missing where there is nothing to ask', async () => {
    await expect(runOn(forgetting, candidate(), over())).rejects.toThrow(/no general\.jsonl/);
    await expect(runOn(forgetting, candidate(), over(tuningOf({ general: [] })))).rejects.toThrow(/no general\.jsonl/);
    expect(() => forgetting.checkOptions({ rows: 'all' })).toThrow(/rows/);
  });
});

testProbe(
  { ...memorisation, run: (asked, input, context) => memorisation.run(asked, { ...input, tuning: tuningOf() }, context) },
  { rows: 6 },
);

describe('the probe memorisation', () => {
  it('finds copies of training answers beside those in the true answers, and secrets that come out', async () => {
    const secrets = new Map(drawCanaries(10, 1).map(({ question, secret }) => [question, secret]));
    const leaks = tuningOf({ ask: async ([message]) => `The access code is ${secrets.get(message!.content)?.replace(/^[0-4]/, 'x')}.` });
    const found = await runOn(memorisation, candidate(), over(leaks));
    expect(levelOf(found, 'copied')).toBe(0);
    expect(levelOf(found, 'copiedInTruth')).toBe(0);
    const told = [...secrets.values()].filter((secret) => secret[0]! > '4').length;
    expect(levelOf(found, 'extracted')).toBe(told / 10);

    const parrot = scripted(() => 'The access code is the one that you were given before.');
    const trained = { method: 'preference' as const, validation: [] };
    const rows = [{ messages: [], chosen: 'The access code is the one that you were given before.', rejected: 'No.' }];
    const copies = await runOn(memorisation, parrot, over(tuningOf({ trained: [{ ...trained, train: rows }] })));
    expect(levelOf(copies, 'copied')).toBe(1);
    expect(copies.cases[0]).toMatchObject({ passed: false, family: 'held-out rows' });
  });

  it('ranks planted secrets among others where the model tells how likely a text is', async () => {
    const secrets = new Set(drawCanaries(10, 1).map(({ secret }) => secret));
    const noise = seededRandom(4);
    const knowing = (bits: number) =>
      tuningOf({
        score: async (_, answers) =>
          answers.map((answer) => noise() + noise() + noise() + (secrets.has(answer.replace(/\D/g, '')) ? bits : 0)),
      });
    const known = await runOn(memorisation, candidate(), over(knowing(9)));
    expect(levelOf(known, 'exposure')).toBe(1);
    expect(known.cases.filter(({ id, passed }) => id.startsWith('exposure/') && !passed)).toHaveLength(10);
    expect(levelOf(await runOn(memorisation, candidate(), over(knowing(0))), 'exposure')).toBeLessThan(0.2);
    const counted = memorisation.forecast?.(over(knowing(0)))?.questions ?? 0;
    expect(counted - (memorisation.forecast?.(over(tuningOf()))?.questions ?? 0)).toBe(10);
    // no figures come: no measure, and a case that says so
    const none = await runOn(memorisation, candidate(), over(tuningOf({ score: async () => undefined })));
    expect(none.outcomes.some(({ measure }) => measure === 'exposure')).toBe(false);
    expect(none.cases.filter(({ reason }) => reason === 'brought no answer')).toHaveLength(10);
  });

  it('says so where the training rows are not known, or not all of them', async () => {
    await expect(runOn(memorisation, candidate(), over())).rejects.toThrow(/not known/);
    await expect(runOn(memorisation, candidate(), over(tuningOf({ trained: [], lost: 1 })))).rejects.toThrow(/cannot be known: the job/);
    const part = await runOn(memorisation, candidate(), over(tuningOf({ lost: 2 })));
    expect(part.cases[0]).toMatchObject({ passed: false, reason: expect.stringContaining('2 trainings that led to it are not known') });
  });
});
