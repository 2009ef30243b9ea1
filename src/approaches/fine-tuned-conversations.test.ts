import { describe, expect, it } from 'vitest';
import type { ApproachContext, PrepareInput } from '#core/approach.ts';
import type { Persona } from '#core/task-brief.ts';
import type { SupervisedJob } from '#core/trainer.ts';
import { contextWith, inputFor } from './approach-contract.fixture.ts';
import { fineTuned } from './fine-tuned.ts';
import { scriptedModel } from './reasoning.fixture.ts';

const persona: Persona = {
  name: 'Coach',
  role: '',
  traits: ['calm'],
  responsePattern: [],
  vocabulary: { use: [], avoid: ['hustle'] },
  rules: ['no questions'],
  examples: [{ user: 'I did it.', assistant: 'Well done.' }],
};

function voiced(options: PrepareInput['options']): PrepareInput {
  const input = inputFor(options);
  return { ...input, roles: { base: 'test', strong: 'big' }, task: { ...input.task, output: { kind: 'text' }, persona } };
}

async function jobOf(input: PrepareInput, answer = 'Take a break. ?'): Promise<{ job: SupervisedJob; asked: string[] }> {
  const asked: string[] = [];
  const model = scriptedModel(() => answer);
  const context = contextWith('unused', model);
  let job: SupervisedJob | undefined;
  const noting: ApproachContext = {
    ...context,
    model: async ({ model: name }) => {
      asked.push(name);
      return model;
    },
    train: (given, ...rest) => {
      job = given as SupervisedJob;
      return context.train(given, ...rest);
    },
  };
  await fineTuned.prepare(input, noting);
  return { job: job!, asked };
}

describe('conversations of the rung fine-tuned', () => {
  it('are added to the training rows, under the prompt that is asked with; never to the validation rows', async () => {
    const plain = await jobOf(voiced({}));
    const { job } = await jobOf(voiced({ conversations: 12, persona: 'minimal' }));
    expect(job.train.length).toBe(plain.job.train.length + 12);
    expect(job.validation.length).toBe(plain.job.validation.length);
    expect(job.hyperparameters).toEqual({});
    for (const { messages } of job.train.slice(-12)) {
      expect(messages[0]).toMatchObject({ role: 'system', content: expect.stringContaining('You speak as Coach. Be calm.') });
      expect(messages.at(-1)?.role).toBe('assistant');
    }
    expect((await jobOf(voiced({ conversations: true }))).job.train.length).toBe(plain.job.train.length * 2);
  });

  it('ask a teacher where one is named, and leave its answers out that break a rule', async () => {
    const { job, asked } = await jobOf(voiced({ conversations: 500, teacher: 'strong' }));
    expect(asked).toContain('big');
    expect(JSON.stringify(job.train)).not.toContain('Take a break');
    const good = await jobOf(voiced({ conversations: 500, teacher: 'strong' }), 'Take a break.');
    expect(JSON.stringify(good.job.train)).toContain('Take a break.');
    const calls = (options: PrepareInput['options']) => fineTuned.forecast!(voiced(options)).prepareCalls;
    expect(calls({ conversations: true, teacher: 'strong' })).toBeGreaterThan(calls({ conversations: true }));
  });

  it('need a persona and answers in words, and say so', () => {
    expect(fineTuned.skip!(inputFor({ conversations: true }))).toContain('persona.yaml');
    const labels = voiced({ conversations: true });
    expect(fineTuned.skip!({ ...labels, task: { ...labels.task, output: { kind: 'labels', labels: ['a', 'b'] } } })).toContain('text');
    expect(fineTuned.skip!(voiced({ conversations: true }))).toBeUndefined();
  });

  it('refuse options that do nothing or do not fit', () => {
    expect(() => fineTuned.checkOptions({ teacher: 'strong' })).toThrow(/teacher/);
    expect(() => fineTuned.checkOptions({ conversations: 0 })).toThrow(/conversations/);
    expect(() => fineTuned.checkOptions({ conversations: true, retrieval: {} })).toThrow(/retrieval/);
    expect(() => fineTuned.checkOptions({ persona: 'long' })).toThrow(/persona/);
  });
});
