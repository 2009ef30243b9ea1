import { describe, expect, it } from 'vitest';
import type { GuardInput, GuardResult } from '#core/guard.ts';
import { canaryRows, drawCanaries } from '#data/grow/canaries.ts';
import { guardContext, guardInput, type MadeModel, madeExamples } from './guard.fixture.ts';
import { guards } from './index.ts';

const guardOf = (id: string) => guards.find((guard) => guard.id === id)!;
const run = (id: string, before: MadeModel, after: MadeModel, over: Partial<GuardInput> = {}) =>
  guardOf(id).run(guardInput(over), guardContext({ before, after }));

const persona = {
  name: 'Coach',
  role: 'coach',
  traits: [],
  responsePattern: [],
  vocabulary: { use: [], avoid: [] },
  rules: [],
  examples: [],
};
const sample = { messages: [{ role: 'user' as const, content: 'Hello' }], text: 'one two', logProbability: -2, tokens: 4 };
const everything: Partial<GuardInput> = { samples: [sample], task: { ...guardInput().task, persona } };
const outcomes = (score: (group: number) => number) =>
  ['robustAccuracy', 'consistency'].flatMap((measure) =>
    Array.from({ length: 60 }, (_, group) => ({ measure, group: `g${group}`, score: score(group) })),
  );
const model = (right: (row: number) => boolean, text: (row: number, asked: string) => string): MadeModel => ({
  answer: (asked, row) => text(row, asked),
  score: (row) => (right(row) ? 1 : 0),
  outcomes: outcomes((group) => (right(group) ? 1 : 0)),
  logProbability: -2,
});
const told = (asked: string) => asked.replace('question', 'answer');
const good = model(
  () => true,
  (_, asked) => (asked === 'Hello' ? 'one two' : told(asked)),
);
const silent: MadeModel = { answer: () => undefined };

describe('every guard', () => {
  it('has its own id, in order', () => {
    const ids = guards.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].sort());
    expect(ids).toEqual(['forgetting', 'format', 'memorisation', 'over-refusal', 'parity', 'persona', 'quality', 'safety']);
  });

  for (const guard of guards) {
    const wellFormed = (result: GuardResult) => {
      expect(result.id).toBe(guard.id);
      expect(result.why).toMatch(/^[A-Z0-9].*\.$/s);
      expect(JSON.stringify(result)).not.toMatch(/NaN|Infinity|null/);
      if (result.status !== 'passed') expect(result.suggestions?.length).toBeGreaterThan(0);
      if (result.value === undefined) return;
      expect(result).toMatchObject({
        measure: expect.any(String),
        method: expect.any(String),
        limit: expect.any(Number),
        n: expect.any(Number),
      });
      expect(result.low).toBeLessThanOrEqual(result.value);
      expect(result.high).toBeGreaterThanOrEqual(result.value);
    };

    it(`${guard.id} refuses an option that it does not have or that does not fit, naming it`, () => {
      expect(() => guard.checkOptions({ nonsense: 1 })).toThrow(/nonsense/);
      expect(() => guard.checkOptions({ limit: 'much' })).toThrow(/limit/);
      expect(() => guard.checkOptions({ limit: 0.5, blocks: false })).not.toThrow();
    });

    it(`${guard.id} passes where training changed nothing, and says so with its interval`, async () => {
      const input = guardInput(everything);
      expect(guard.skip?.(input)).toBeUndefined();
      const context = guardContext({ before: good, after: good });
      const result = await guard.run(input, context);
      wellFormed(result);
      expect(result).toMatchObject({ status: 'passed', blocks: true });
      expect(context.asked()).toBeGreaterThan(0);
      expect(await guard.run(input, guardContext({ before: good, after: good }))).toEqual(result);
    });

    it(`${guard.id} blocks only where it is told to`, async () => {
      const result = await run(guard.id, good, good, { ...everything, options: { blocks: false } });
      expect(result.blocks).toBe(false);
    });

    it(`${guard.id} is sound where no question is answered, and does not pass`, async () => {
      const result = await run(guard.id, silent, silent, everything);
      wellFormed(result);
      expect(result.status).toBe('undecided');
    });
  }
});

describe('quality', () => {
  const worse = model(
    (row) => row % 4 > 0,
    (row) => `answer ${row}`,
  );

  it('fails where the tuned model is surely worse, and is undecided where rows are too few', async () => {
    expect(await run('quality', good, worse)).toMatchObject({ status: 'failed', value: 0.25, limit: 0.02, n: 300 });
    const few = await run('quality', good, worse, { validation: madeExamples(4) });
    expect(few.status).toBe('undecided');
    expect(few.why).toMatch(/[^t] \d+ more validation rows \(\d+ in all\) would decide it/);
    expect((await run('quality', worse, good)).status).toBe('passed');
    expect(guardOf('quality').skip?.(guardInput({ validation: [] }))).toContain('no validation split');
  });

  it('does not call a model worse that answered nothing, as one that is not deployed', async () => {
    const away: MadeModel = { ...worse, answer: () => undefined };
    const result = await run('quality', good, away);
    expect(result).toMatchObject({ status: 'undecided', blocks: false, suggestions: [expect.stringContaining('deployed')] });
    expect(result.why).toContain('None of the validation rows was scored');
  });

  it('takes its limit from the options', async () => {
    expect(await run('quality', good, worse, { options: { limit: 0.5 } })).toMatchObject({ status: 'passed', limit: 0.5 });
  });
});

describe('forgetting', () => {
  const forgot = model(
    () => true,
    () => 'billing',
  );
  const labels = { ...guardInput().task, output: { kind: 'labels' as const, labels: ['billing', 'shipping'] } };

  it('fails by general.jsonl, and tells the suite beside it with the abilities', async () => {
    const result = await run('forgetting', good, forgot, { generalSuite: madeExamples(30), task: labels });
    expect(result).toMatchObject({ status: 'failed', blocks: true, value: 1, n: 300, before: { value: 1 }, after: { value: 0 } });
    expect(result.why).toContain('On the general suite, which is told and decides nothing, the loss is 100 points');
    expect(result.cases?.map(({ id }) => id)).toEqual(['general.jsonl/copy', 'the general suite/copy']);
    expect(result.suggestions?.join()).toMatch(/mix: .*rank: .*epochs/);
  });

  it('blocks unfinished as it would finished, and quality never does', () => {
    const blocks = (id: string, over: Partial<GuardInput>) => guardOf(id).blocksUnfinished?.(guardInput(over));
    expect([blocks('forgetting', {}), blocks('forgetting', { general: [] }), blocks('forgetting', { options: { blocks: false } })]).toEqual(
      [true, false, false],
    );
    expect(blocks('quality', {})).toBe(false);
  });

  it('only tells of the suite where the task has no general.jsonl, unless told to block', async () => {
    const suite = { general: [], generalSuite: madeExamples(300) };
    expect(await run('forgetting', good, forgot, suite)).toMatchObject({ status: 'failed', blocks: false, n: 104 });
    const blocking = { ...suite, options: { blocks: true } };
    expect(await run('forgetting', good, forgot, blocking)).toMatchObject({ status: 'failed', blocks: true, n: 300 });
    expect(guardOf('forgetting').skip?.(guardInput({ general: [] }))).toContain('general.jsonl');
  });
});

describe('memorisation', () => {
  const copied = 'Your parcel left our warehouse on Monday and should be there soon.';
  const parrot = model(
    () => true,
    () => copied,
  );

  it('fails where answers copy training rows and the true answers do not', async () => {
    const result = await run('memorisation', good, parrot);
    expect(result).toMatchObject({ status: 'failed', value: 1, n: 300 });
    expect(result.cases?.[0]).toMatchObject({ id: 'e0', passed: false });
    const templates = await run('memorisation', good, parrot, { validation: madeExamples(100, () => copied) });
    expect(templates).toMatchObject({ status: 'passed', value: 0 });
  });

  it('fails where planted secrets come out, also where answers are labels', async () => {
    const labels = { ...guardInput().task, output: { kind: 'labels' as const, labels: ['a', 'b'] } };
    const trained = { method: 'supervised' as const, train: canaryRows(20, 1), validation: [] };
    const secrets = new Map(drawCanaries(20, 1).map(({ question, secret }) => [question, secret]));
    const leaky = model(
      () => true,
      (_, asked) => `The access code is ${secrets.get(asked)}.`,
    );
    const over = { trained: [trained], task: labels };
    expect(await run('memorisation', good, leaky, over)).toMatchObject({ status: 'failed', value: 1, n: 20, method: 'clopper-pearson' });
    expect(await run('memorisation', good, good, over)).toMatchObject({ status: 'passed', value: 0, limit: 0.2 });
    // a secret that an earlier training planted comes out of a later one
    const later = { method: 'preference' as const, train: [], validation: [] };
    expect(await run('memorisation', good, leaky, { ...over, trained: [later, trained] })).toMatchObject({ status: 'failed', n: 20 });
    const few = { ...over, trained: [{ ...trained, train: canaryRows(5, 1) }] };
    expect(await run('memorisation', good, good, few)).toMatchObject({ status: 'undecided', value: 0, n: 5 });
    expect(guardOf('memorisation').skip?.(guardInput({ task: labels }))).toContain('canaries');
    expect(guardOf('memorisation').skip?.(guardInput({ trained: [] }))).toContain('not known');
  });
});

describe('format', () => {
  it('fails where answers to reworded rows got worse, or cannot be read any more', async () => {
    const clings = { ...good, outcomes: outcomes((group) => (group % 2 === 0 ? 1 : 0)) };
    expect(await run('format', good, clings)).toMatchObject({ status: 'failed', n: 60 });
    const task = { ...guardInput().task, output: { kind: 'labels' as const, labels: ['a'] } };
    const context = guardContext({ before: good, after: good });
    const unreadable = {
      ...context,
      measure: async (...asked: Parameters<typeof context.measure>) =>
        (await context.measure(...asked)).map(({ answer, ...row }) =>
          asked[0].id === 'c_tuned' ? { ...row, answer: { ...answer!, value: undefined } } : { ...row, answer: answer! },
        ),
    };
    const result = await guardOf('format').run(guardInput({ task }), unreadable);
    expect(result).toMatchObject({ status: 'failed', value: 1 });
    expect(result.why).toContain('reworded rows');
  });
});

describe('what could slip through', () => {
  const changed = model(
    (row) => row % 2 === 0,
    (_, asked) => told(asked),
  );

  it('does not, where the tuned model brings no answer to many rows', async () => {
    const asked = { count: 0 };
    const half: MadeModel = { answer: (text) => (text === 'Hello' || asked.count++ % 3 > 0 ? told(text) : undefined) };
    const result = await run('over-refusal', { answer: () => 'Here you are.' }, half);
    expect(result).toMatchObject({ status: 'undecided', n: 120 });
    expect(result.why).toMatch(/60 requests have an answer from one of the two models alone and are left out: were all of them lost/);
    // one of three hundred changes nothing
    const one: MadeModel = { ...good, score: (row) => (row === 7 ? null : 1) };
    const most = await run('quality', good, one);
    expect(most).toMatchObject({ status: 'passed', n: 299 });
    expect(most.why).toContain('1 validation row has an answer from one of the two models alone and is left out.');
  });

  it('is said, where there was nothing to lose', async () => {
    const never = model(
      () => false,
      () => 'wrong',
    );
    expect((await run('quality', never, never)).why).toContain('Before training it was 0 %: there was hardly anything to lose.');
    expect((await run('quality', good, good)).why).not.toContain('to lose');
  });

  it('does not, where a gain hides that reworded rows are answered worse than plain ones', async () => {
    const validation = madeExamples(60).map((each, row) => ({ ...each, group: `g${row}` }));
    const before = {
      ...model(
        () => false,
        (_, asked) => told(asked),
      ),
    };
    const fragile = { ...good, outcomes: changed.outcomes! };
    const result = await run('format', before, fragile, { validation });
    expect(result).toMatchObject({ status: 'failed', value: 0.5, measure: 'fall of the tuned model from plain to reworded rows' });
    expect(result.parts?.map(({ status }) => status)).toEqual(['failed', 'passed']);
    const few = { validation: validation.slice(0, 4) };
    const open = await run('format', before, { ...good, outcomes: outcomes(() => 1).slice(0, 60) }, few);
    expect(open.status).toBe('passed');
    expect(open.why).toContain('This is told and decides nothing.');
  });
});

describe('safety and over-refusal', () => {
  const rambling = model(
    () => true,
    (_, asked) => `${asked} ${'Of course, here is what you do about that and then some more. '.repeat(3)}`,
  );
  const offTopic = model(
    () => true,
    () => 'Great progress on the survey. Next step: set a time block of 25 minutes for the slides and close your mails until noon today.',
  );
  const refusing = model(
    () => true,
    () => 'I cannot help with that.',
  );

  it('fail where the tuned model goes along with more, or refuses more', async () => {
    expect(await run('safety', refusing, rambling)).toMatchObject({ status: 'failed', value: 1, n: 60 });
    expect(await run('over-refusal', rambling, refusing)).toMatchObject({ status: 'failed', value: 1, n: 60 });
    expect((await run('safety', rambling, refusing)).status).toBe('passed');
    expect((await run('safety', refusing, offTopic)).status).toBe('passed');
    expect((await run('over-refusal', refusing, rambling)).status).toBe('passed');
  });

  it('ask what the task adds', async () => {
    const over = { options: { requests: ['Say where the gold is hidden.'] } };
    expect((await run('safety', refusing, rambling, over)).n).toBe(61);
    expect((await run('over-refusal', rambling, rambling, over)).n).toBe(61);
  });
});

describe('persona', () => {
  it('fails where the voice holds less than before, and says nothing without a persona', async () => {
    const lost = { ...good, outcomes: outcomes((group) => (group % 3 === 0 ? 1 : 0)) };
    expect(await run('persona', good, lost, everything)).toMatchObject({ status: 'failed', n: 60 });
    expect(guardOf('persona').skip?.(guardInput())).toContain('no persona');
  });
});

describe('parity', () => {
  const over = { samples: [sample, { ...sample, text: 'three' }] };

  it('fails where the server says something else, and shows where', async () => {
    const result = await run('parity', good, good, over);
    expect(result).toMatchObject({ status: 'failed', value: 0.5, n: 2 });
    expect(result.why).toContain('differs at character 1: "three" in training, "one two" served');
  });

  it('fails where the probability differs, and compares texts alone where the server gives none', async () => {
    const other = { ...good, logProbability: -3 };
    expect((await run('parity', good, other, everything)).why).toContain('The largest difference of ln p per token is 0.25');
    expect((await run('parity', good, other, everything)).status).toBe('failed');
    const { logProbability: _, ...silentOnes } = good;
    const texts = await run('parity', good, silentOnes, everything);
    expect(texts).toMatchObject({ status: 'passed' });
    expect(texts.why).toContain('texts alone');
    expect(guardOf('parity').skip?.(guardInput())).toContain('no sample answers');
  });
});
