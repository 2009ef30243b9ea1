import { describe, expect, it } from 'vitest';
import { ModelError } from '#core/model-error.ts';
import { inputFor, task } from './approach-contract.fixture.ts';
import { decomposition } from './decomposition.ts';
import { answerOf, form, scriptedModel } from './reasoning.fixture.ts';

const steps = ['List the signs.', 'Decide.'];

describe('a chain of steps', () => {
  it('asks for one after the other in one conversation, and reads the last', async () => {
    const model = scriptedModel((_, index) => ['grey, cold', 'rain'][index] as string);
    const answer = await answerOf(decomposition, model, { options: { steps } });
    expect(answer).toMatchObject({ value: 'rain', text: 'rain', strict: true, calls: [{}, {}] });
    expect(answer.steps).toEqual([
      { name: 'List the signs.', text: 'grey, cold' },
      { name: 'Decide.', text: 'rain' },
    ]);
    const [first, second] = model.requests;
    expect(first?.messages[0]?.content).toContain('Step 1 of 2: List the signs.');
    expect(second?.messages.slice(0, 2)).toEqual(first?.messages);
    expect(second?.messages.at(-1)?.content).toBe(
      'Step 2 of 2: Decide.\nGive the answer alone, without explanation. Answer with one of: sun, rain.',
    );
  });

  it('shows by name which step failed', async () => {
    const model = scriptedModel((_, index) => (index === 0 ? ' ' : { text: 'either', finishReason: 'length' }));
    const answer = await answerOf(decomposition, model, { options: { steps } });
    expect(answer.value).toBeUndefined();
    expect(answer.steps).toEqual([
      { name: 'List the signs.', text: ' ', fault: 'It is empty.' },
      { name: 'Decide.', text: 'either', fault: 'It must name exactly one of: sun, rain.' },
    ]);
    const cut = scriptedModel((_, index) => (index === 0 ? { text: 'grey, co', finishReason: 'length' } : 'rain'));
    expect((await answerOf(decomposition, cut, { options: { steps, stepTokens: 16 } })).steps?.[0]).toEqual({
      name: 'List the signs.',
      text: 'grey, co',
      fault: 'It was cut off at 16 tokens.',
    });
  });

  it('says in which step a call failed', async () => {
    const model = scriptedModel((_, index) => {
      if (index === 1) throw new ModelError({ kind: 'rejected', message: 'No.', status: 400 });
      return 'grey';
    });
    const failing = answerOf(decomposition, model, { options: { steps } });
    await expect(failing).rejects.toMatchObject({ code: 'model-rejected', status: 400, message: 'The step "Decide." failed: No.' });
  });

  it('asks again for the last step only', async () => {
    const model = scriptedModel((_, index) => ['', 'both', 'rain'][index] as string);
    const answer = await answerOf(decomposition, model, { options: { steps, repair: 1 } });
    expect(answer).toMatchObject({ value: 'rain', calls: [{}, {}, {}] });
    expect(answer.steps?.map(({ name, fault }) => [name, fault])).toEqual([
      ['List the signs.', 'It is empty.'],
      ['Decide., attempt 1', 'It must name exactly one of: sun, rain.'],
      ['Decide.', undefined],
    ]);
  });
});

describe('a form, field by field', () => {
  const fieldOf = (system: string | undefined) => /only the field "(\w+)"/.exec(system ?? '')?.[1] as string;
  const answers: Record<string, string> = { mood: '{"mood": "bad"}', score: '{"score": 2}', note: '{}' };

  it('asks for each field with its own schema and puts them together', async () => {
    const model = scriptedModel(({ messages }) => answers[fieldOf(messages[0]?.content)] as string, { jsonSchema: true });
    const answer = await answerOf(decomposition, model, { output: form });
    expect(answer).toMatchObject({ value: { mood: 'bad', score: 2 }, strict: true, calls: [{}, {}, {}] });
    expect(answer.steps?.map(({ name }) => name)).toEqual(['mood', 'score', 'note']);
    expect(model.requests[0]?.jsonSchema).toEqual({ type: 'object', properties: { mood: { enum: ['good', 'bad'] } }, required: ['mood'] });
  });

  it('leaves out a field that cannot be used, and names it', async () => {
    const model = scriptedModel(({ messages }) => ({ ...answers, score: '{"score": "two"}' })[fieldOf(messages[0]?.content)] as string);
    const answer = await answerOf(decomposition, model, { output: form });
    expect(answer).toMatchObject({ value: { mood: 'bad' }, strict: false });
    expect(answer.steps?.[1]).toEqual({
      name: 'score',
      text: '{"score": "two"}',
      fault: 'Its JSON does not fit the schema: its "score" must be integer.',
    });
    const none = await answerOf(
      decomposition,
      scriptedModel(() => 'no idea'),
      { output: form },
    );
    expect(none).toMatchObject({ value: undefined, strict: false });
  });

  it('takes no field from JSON that was cut off, even where it could be mended', async () => {
    const model = scriptedModel(({ messages }) => {
      const field = fieldOf(messages[0]?.content);
      return field === 'note' ? { text: '{"note": "It was a lo', finishReason: 'length' } : (answers[field] as string);
    });
    const answer = await answerOf(decomposition, model, { output: form });
    expect(answer).toMatchObject({ value: { mood: 'bad', score: 2 }, strict: false });
    expect(answer.steps?.at(-1)).toMatchObject({ name: 'note', fault: expect.stringMatching(/^It was cut off at \d+ tokens\.$/) });
  });

  it('asks again for a field with what was wrong', async () => {
    const model = scriptedModel(({ messages }) => {
      const field = fieldOf(messages[0]?.content);
      return field === 'score' && messages.length < 4 ? '{"score": "two"}' : (answers[field] as string);
    });
    const answer = await answerOf(decomposition, model, { output: form, options: { repair: 1 } });
    expect(answer).toMatchObject({ value: { mood: 'bad', score: 2 }, calls: [{}, {}, {}, {}] });
  });

  it('skips a schema whose fields cannot stand alone', () => {
    const schema = { type: 'object', properties: { a: { type: 'string' }, b: { $ref: '#/properties/a' } } };
    const skipped = decomposition.skip?.({ ...inputFor(), task: { ...task, output: { kind: 'json', schema } } });
    expect(skipped).toMatch(/^The field "b" cannot be asked for apart: .*steps/);
  });
});

it('forecasts every call', () => {
  const calls = (options: Parameters<typeof inputFor>[0], output = task.output) =>
    decomposition.forecast?.({ ...inputFor(options), task: { ...task, output } })?.callsPerAnswer;
  expect([calls({}), calls({ steps: ['a', 'b', 'c'], repair: 1 }), calls({}, form), calls({ repair: 1 }, form)]).toEqual([2, 4, 3, 6]);
});

it.each([{ steps: [] }, { steps: ['one'] }, { steps: ['one', ' '] }, { steps: 'a' }, { stepTokens: 1 }])('refuses %j', (options) => {
  expect(() => decomposition.checkOptions(options)).toThrow(expect.objectContaining({ exitCode: 2 }));
});
