import { describe, expect, it } from 'vitest';
import { candidateId } from '#core/candidate.ts';
import { contextWith, inputFor, notingModel } from './approach-contract.fixture.ts';
import { answerOf, form, scriptedModel } from './reasoning.fixture.ts';
import { structured } from './structured.ts';

it('keeps the ids of candidates from before it had options', async () => {
  for (const options of [{}, { repair: 0 }])
    expect(candidateId(await structured.prepare(inputFor(options), contextWith('unused', notingModel())))).toBe('c_cb5c77780373');
});

it('appends what to avoid to the constraints', async () => {
  const model = notingModel();
  await answerOf(structured, model, { options: { avoid: ['quote prices', 'Never apologise.'] } });
  expect(model.requests[0]?.messages[0]?.content).toContain(
    '- Do not guess.\n- Do not quote prices.\n- Never apologise.\n- Choose exactly one label.',
  );
});

describe('repair', () => {
  it('is not tried unless told', async () => {
    const model = scriptedModel(() => 'fog');
    const answer = await answerOf(structured, model);
    expect(answer).toMatchObject({ value: undefined, calls: [{}] });
    expect(answer.steps).toBeUndefined();
  });

  it.each([
    ['fog', 'It must name exactly one of: sun, rain.'],
    ['sun or rain', 'It must name exactly one of: sun, rain.'],
  ])('says of %j what was wrong', async (wrong, why) => {
    const model = scriptedModel((_, index) => (index === 0 ? wrong : 'rain'));
    const answer = await answerOf(structured, model, { options: { repair: 1 } });
    expect(answer).toMatchObject({ value: 'rain', strict: true, calls: [{}, {}] });
    expect(answer.steps).toEqual([{ name: 'attempt 1', text: wrong, fault: why }]);
    const turns = model.requests[1]?.messages.slice(-2);
    expect(turns).toEqual([
      { role: 'assistant', content: wrong },
      { role: 'user', content: `That answer cannot be used. ${why} Answer again, in the form that was asked for.` },
    ]);
  });

  it('holds JSON to the schema, and stops at its limit', async () => {
    const model = scriptedModel(
      (_, index) => ['nothing', '{"mood": "bad"}', '{"mood": "bad", "score": 1.5}', 'unreached'][index] as string,
    );
    const answer = await answerOf(structured, model, { output: form, options: { repair: 2 } });
    expect(answer).toMatchObject({ value: { mood: 'bad', score: 1.5 }, calls: [{}, {}, {}] });
    expect(model.requests.map(({ messages }) => messages.at(-1)?.content).slice(1)).toEqual([
      expect.stringContaining('It holds no JSON object.'),
      expect.stringContaining("it must have required property 'score'"),
    ]);
  });

  it('counts in the forecast', () => {
    expect(structured.forecast?.(inputFor({ repair: 2 }))).toMatchObject({ callsPerAnswer: 3 });
  });
});

it.each([{ avoid: [] }, { avoid: 'x' }, { avoid: [''] }, { repair: -1 }, { repair: 1.5 }])('refuses %j', (options) => {
  expect(() => structured.checkOptions(options)).toThrow(expect.objectContaining({ exitCode: 2 }));
});
