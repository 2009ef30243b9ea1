import { describe, expect, it } from 'vitest';
import type { ModelRequest } from '#core/model.ts';
import { inputFor, task } from './approach-contract.fixture.ts';
import { answerOf, form, scriptedModel } from './reasoning.fixture.ts';
import { reasoning } from './reasoning.ts';

const isFormatting = ({ messages }: ModelRequest) => messages.at(-1)?.content.startsWith('Now give the answer') === true;

describe('reasoning and answer in one call', () => {
  it.each([
    ['Grey means wet.\nAnswer: rain', 'rain', true],
    ['Answer: sun? No.\n**Final answer:** rain', 'rain', true],
    ['It is cold.\n\n# Answer:\n"Rain."', 'rain', false],
    ['rain', 'rain', true],
  ])('reads %j', async (text, value, strict) => {
    expect(
      await answerOf(
        reasoning,
        scriptedModel(() => text),
      ),
    ).toMatchObject({ value, strict });
  });

  it.each([
    ['It could rain.', 'No line begins with "Answer:" and holds an answer.'],
    ['The answer: sun is not given here, rain', 'No line begins with "Answer:" and holds an answer.'],
    ['Thinking.\nAnswer:', 'No line begins with "Answer:" and holds an answer.'],
    [{ text: 'It is rain, for', finishReason: 'length' as const }, 'It was cut off before a line that begins with "Answer:".'],
  ])('guesses nothing from %j', async (told, problem) => {
    const answer = await answerOf(
      reasoning,
      scriptedModel(() => told),
    );
    expect(answer).toMatchObject({ value: undefined, strict: false });
    expect(answer.steps).toEqual([expect.objectContaining({ name: 'reasoning', fault: problem })]);
  });

  it('keeps the reasoning apart from the answer', async () => {
    const answer = await answerOf(
      reasoning,
      scriptedModel(() => 'Grey means wet.\nAnswer: rain'),
    );
    expect(answer).toMatchObject({ text: 'rain', steps: [{ name: 'reasoning', text: 'Grey means wet.' }] });
  });

  it('asks again for the missing line, and counts the call', async () => {
    const model = scriptedModel((_, index) => (index === 0 ? 'It could rain.' : 'Answer: rain'));
    const answer = await answerOf(reasoning, model, { options: { repair: 1 } });
    expect(answer).toMatchObject({ value: 'rain', calls: [{}, {}] });
    expect(model.requests[1]?.messages.at(-1)?.content).toContain('No line begins with "Answer:"');
  });
});

describe('the answer in a second call', () => {
  const told = (request: ModelRequest) =>
    isFormatting(request) ? '{"mood": "bad", "score": 2}' : 'Grey and cold: a bad mood, two of ten.';

  it('is what a JSON output gets: the reasoning is free, the form is held to the schema', async () => {
    const model = scriptedModel(told, { jsonSchema: true });
    const answer = await answerOf(reasoning, model, { output: form });
    expect(answer).toMatchObject({ value: { mood: 'bad', score: 2 }, strict: true, calls: [{}, {}] });
    expect(answer.steps).toEqual([{ name: 'reasoning', text: 'Grey and cold: a bad mood, two of ten.' }]);
    const [first, second] = model.requests;
    expect(first?.jsonSchema).toBeUndefined();
    expect(first?.messages[0]?.content).toContain('in this form: Answer with JSON: {"mood"');
    expect(second).toMatchObject({ jsonSchema: form.kind === 'json' ? form.schema : {}, temperature: 0 });
    expect(second?.messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user']);
  });

  it('can be had in one call, too', async () => {
    const model = scriptedModel(() => 'Bad {mood}.\nAnswer:\n```json\n{"mood": "bad", "score": 2}\n```', { jsonSchema: true });
    expect(await answerOf(reasoning, model, { output: form, options: { format: 'same' } })).toMatchObject({
      value: { mood: 'bad', score: 2 },
    });
    expect(model.requests[0]?.jsonSchema).toBeUndefined();
  });

  it('asks again only for the form', async () => {
    const texts = ['A bad mood.', '{"mood": "sad", "score": 2}', '{"mood": "bad", "score": 2}'];
    const script = (_: ModelRequest, index: number) => texts[index] as string;
    expect((await answerOf(reasoning, scriptedModel(script), { output: form })).value).toEqual({ mood: 'sad', score: 2 });
    const unmended = await answerOf(reasoning, scriptedModel(script), { output: form });
    expect(unmended.steps?.at(-1)).toMatchObject({ name: 'answer', fault: expect.stringContaining('its "mood" is "sad"') });
    const model = scriptedModel(script);
    const answer = await answerOf(reasoning, model, { output: form, options: { repair: 2 } });
    expect(answer).toMatchObject({ value: { mood: 'bad', score: 2 }, calls: [{}, {}, {}] });
    expect(model.requests[2]?.messages.at(-1)?.content).toContain('its "mood" is "sad"');
  });
});

describe('the forecast', () => {
  it.each([
    [{}, task.output, 1],
    [{ repair: 2 }, task.output, 3],
    [{ format: 'second' }, task.output, 2],
    [{}, form, 2],
  ])('of %j counts every call', (options, output, callsPerAnswer) => {
    expect(reasoning.forecast?.({ ...inputFor(options), task: { ...task, output } })).toMatchObject({ prepareCalls: 0, callsPerAnswer });
  });

  it('makes room for the reasoning', () => {
    const tokens = (reasoningTokens: number) => reasoning.forecast?.(inputFor({ reasoningTokens }))?.outputTokens ?? 0;
    expect(tokens(500) - tokens(100)).toBe(400);
  });
});

it.each([{ format: 'third' }, { reasoningTokens: 0 }, { repair: 9 }])('refuses %j and says what it must be', (options) => {
  expect(() => reasoning.checkOptions(options)).toThrow(
    expect.objectContaining({
      exitCode: 2,
      message: expect.stringContaining(Object.keys(options)[0] as string),
      hint: expect.stringMatching(/^It must be ./),
    }),
  );
});
