import { describe, expect, it } from 'vitest';
import type { Situation } from '#core/situation.ts';
import { rulesOfThumb } from './index.ts';

const answerOf = (id: string, situation: Situation) => rulesOfThumb.find((rule) => rule.id === id)!.answer(situation);

describe('every source', () => {
  it.each(rulesOfThumb)('$id says nothing where nothing is answered, and names what it asks', (rule) => {
    expect(rule.answer({})).toBeUndefined();
    expect(rule.borders.every(({ figure }) => rule.asks.includes(figure))).toBe(true);
  });
});

describe('the persona guide', () => {
  it.each<[Situation, string | undefined]>([
    [{ requestsPerMonth: 9_999 }, 'prompt'],
    [{ requestsPerMonth: 10_000 }, 'either'],
    [{ requestsPerMonth: 100_000 }, 'either'],
    [{ requestsPerMonth: 100_001 }, 'fine-tune'],
    [{ requirementChangesPerMonth: 4 }, 'prompt'],
    [{ requirementChangesPerMonth: 3.9 }, 'either'],
    [{ requirementChangesPerMonth: 1.1 }, 'either'],
    [{ requirementChangesPerMonth: 1 }, 'fine-tune'],
    [{ publicFacing: true }, 'fine-tune'],
    [{ publicFacing: false }, undefined],
    [{ consistency: 'critical' }, 'fine-tune'],
    [{ consistency: 'important' }, undefined],
    [{ personas: 2 }, 'hybrid'],
    [{ personas: 1 }, undefined],
    [{ expertise: 'prompting' }, 'prompt'],
    [{ expertise: 'ml' }, undefined],
    [{ prototype: true }, 'prompt'],
  ])('%j: %s', (situation, answer) => expect(answerOf('persona-guide', situation)?.answer).toBe(answer));

  it('names both sides where its lines contradict each other', () => {
    const said = answerOf('persona-guide', { requestsPerMonth: 5_000, publicFacing: true });
    expect(said).toMatchObject({ answer: 'either', because: ['requestsPerMonth', 'publicFacing'] });
    expect(said?.leans).toBeUndefined();
    expect(said?.why).toBe('For a prompt: 5,000 requests a month are under 10,000; for tuning: it faces the public.');
  });

  it('takes the side with more votes, and a hybrid for tuning with several personas', () => {
    const low = { requestsPerMonth: 5_000, publicFacing: true } as const;
    expect(answerOf('persona-guide', { ...low, prototype: true })?.answer).toBe('prompt');
    expect(answerOf('persona-guide', { ...low, consistency: 'critical' })?.answer).toBe('fine-tune');
    expect(answerOf('persona-guide', { ...low, personas: 3 })?.answer).toBe('hybrid');
    expect(answerOf('persona-guide', { ...low, personas: 3, prototype: true, expertise: 'prompting' })?.answer).toBe('prompt');
  });
});

describe("the practitioner's checklist", () => {
  it.each<[Situation, string | undefined]>([
    [{ labelledExamples: 99 }, 'prompt'],
    [{ labelledExamples: 100 }, 'either'],
    [{ labelledExamples: 499 }, 'either'],
    [{ labelledExamples: 500 }, 'fine-tune'],
    [{ requestsPerMonth: 99_999 }, 'prompt'],
    [{ requestsPerMonth: 100_000 }, 'either'],
    [{ requestsPerMonth: 500_000 }, 'either'],
    [{ requestsPerMonth: 500_001 }, 'fine-tune'],
    [{ requirementChangesPerMonth: 1.5 }, 'prompt'],
    [{ requirementChangesPerMonth: 1 }, undefined],
    [{ prototype: true }, 'prompt'],
    [{ personas: 2 }, 'prompt'],
    [{ frontierModel: true }, 'prompt'],
    [{ promptingPlateaued: true }, 'fine-tune'],
    [{ strictFormat: true }, 'fine-tune'],
    [{ domainTerminology: true }, 'fine-tune'],
    [{ latencyCritical: true }, 'fine-tune'],
    [{ strictFormat: true, knowledge: 'changing' }, 'hybrid'],
    [{ strictFormat: true, knowledge: 'changing', prototype: true, frontierModel: true, labelledExamples: 3 }, 'prompt'],
  ])('%j: %s', (situation, answer) => expect(answerOf('practitioners-checklist', situation)?.answer).toBe(answer));
});

describe('the flow chart', () => {
  const yes = { labelledExamples: 500, consistency: 'critical', requestsPerMonth: 10_000, accuracyNeeded: 0.91 } as const;

  it.each<[string, Situation, string, RegExp]>([
    ['no examples', { ...yes, labelledExamples: 499 }, 'prompt', /^499 labelled examples are under 500, so prompt\.$/],
    ['consistency not critical', { ...yes, consistency: 'important' }, 'prompt', /consistency is important, not critical, so prompt/],
    ['little volume', { ...yes, requestsPerMonth: 9_999 }, 'prompt first', /9,999 requests a month are under 10,000, so try prompts first/],
    ['accuracy of 90 % and no more', { ...yes, accuracyNeeded: 0.9 }, 'either', /not above 90 %, so prompting might do/],
    ['four times yes', yes, 'fine-tune', /so tune\.$/],
  ])('%s', (_, situation, answer, why) => {
    const said = answerOf('flow-chart', situation);
    expect(said?.answer).toBe(answer);
    expect(said?.why).toMatch(why);
  });

  it('passes an open question only where both of its ends are the same', () => {
    expect(answerOf('flow-chart', { consistency: 'nice' })).toMatchObject({ answer: 'prompt', because: ['consistency'] });
    expect(answerOf('flow-chart', { consistency: 'nice' })?.why).toContain('whatever the answer to labelledExamples');
    expect(answerOf('flow-chart', { ...yes, labelledExamples: undefined })).toBeUndefined();
    expect(answerOf('flow-chart', { ...yes, accuracyNeeded: undefined })).toBeUndefined();
    expect(answerOf('flow-chart', { requestsPerMonth: 5 })).toBeUndefined();
    expect(answerOf('flow-chart', { labelledExamples: 5 })?.answer).toBe('prompt');
  });
});

describe('data needed', () => {
  it.each<[number, string]>([
    [0, 'not enough to tune'],
    [49, 'not enough to tune'],
    [50, 'enough for style or format'],
    [199, 'enough for style or format'],
    [200, 'enough for a moderate task'],
    [999, 'enough for a moderate task'],
    [1_000, 'enough for a domain'],
    [4_999, 'enough for a domain'],
    [5_000, 'enough for a large change of behaviour'],
  ])('%i labels: %s', (labelledExamples, answer) => expect(answerOf('data-needed', { labelledExamples })?.answer).toBe(answer));

  it('holds them against what is to be learnt', () => {
    expect(answerOf('data-needed', { labelledExamples: 300, domainTerminology: true })).toMatchObject({
      answer: 'enough for a moderate task, not for a domain',
      leans: 'prompting',
      because: ['labelledExamples', 'domainTerminology'],
    });
    const format = answerOf('data-needed', { labelledExamples: 60, strictFormat: true });
    expect(format?.answer).toBe('enough for style or format');
    expect(format?.leans).toBeUndefined();
  });
});

describe('facts or behaviour', () => {
  it.each<[Situation, string | undefined]>([
    [{ knowledge: 'changing' }, 'retrieval'],
    [{ knowledge: 'static' }, 'retrieval'],
    [{ knowledge: 'none' }, undefined],
    [{ strictFormat: true, requirementChangesPerMonth: 1 }, 'fine-tune'],
    [{ strictFormat: true, requirementChangesPerMonth: 1.1 }, undefined],
    [{ strictFormat: true }, undefined],
    [{ knowledge: 'changing', personas: 1, requirementChangesPerMonth: 0.5 }, 'retrieval and fine-tune'],
    [{ knowledge: 'changing', personas: 1, requirementChangesPerMonth: 2 }, 'retrieval'],
  ])('%j: %s', (situation, answer) => expect(answerOf('facts-or-behaviour', situation)?.answer).toBe(answer));

  it('says where behaviour that is asked for is not known to be stable', () => {
    expect(answerOf('facts-or-behaviour', { knowledge: 'changing', strictFormat: true })?.why).toContain('was not said');
  });
});
