import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Situation } from '#core/situation.ts';
import type { Persona } from '#core/task-brief.ts';
import { priorsOf, priorVerdict, situationOf } from './prior.ts';
import { madeTask } from './verdict.fixture.ts';

const versions = { rung: '1.0.0', node: '24' };

const anySituation: fc.Arbitrary<Situation> = fc.record(
  {
    requestsPerMonth: fc.oneof(fc.constantFrom(0, 10_000, 100_000, 500_000, 1e12), fc.double({ min: 0, max: 1e15, noNaN: true })),
    labelledExamples: fc.oneof(fc.constantFrom(0, 50, 100, 200, 500, 1000, 5000), fc.nat()),
    requirementChangesPerMonth: fc.double({ min: 0, max: 1e6, noNaN: true }),
    publicFacing: fc.boolean(),
    consistency: fc.constantFrom('nice' as const, 'important' as const, 'critical' as const),
    accuracyNeeded: fc.double({ min: 0, max: 1, noNaN: true }),
    personas: fc.nat(),
    latencyCritical: fc.boolean(),
    domainTerminology: fc.boolean(),
    strictFormat: fc.boolean(),
    promptingPlateaued: fc.boolean(),
    frontierModel: fc.boolean(),
    knowledge: fc.constantFrom('static' as const, 'changing' as const, 'none' as const),
    expertise: fc.constantFrom('prompting' as const, 'ml' as const),
    prototype: fc.boolean(),
  },
  { requiredKeys: [] },
);

describe('priorVerdict', () => {
  it('is a whole document of readable text for any answers', () => {
    fc.assert(
      fc.property(anySituation, (situation) => {
        const verdict = priorVerdict(situation, versions);
        const text = JSON.stringify(verdict);
        expect(JSON.parse(text)).toEqual(verdict);
        expect(text).not.toMatch(/NaN|undefined|Infinity/);
        expect(verdict).toMatchObject({ schema: 'rung.verdict/1', status: 'prior', chosen: null, rungs: [] });
        expect(verdict.sentence).toMatch(/nothing has been measured, so run rung climb before deciding\.$/);
        expect(verdict.assumptions).toHaveLength(Object.keys(situation).length);
        // every source either speaks or says what it lacks
        expect(verdict.prior.length + verdict.warnings.length - 1).toBe(5);
        expect(new Set(verdict.triggers.map(({ id }) => id)).size).toBe(verdict.triggers.length);
      }),
    );
  });

  it('has triggers that have not fired, and at each of which a source answers otherwise', () => {
    fc.assert(
      fc.property(anySituation, (situation) => {
        for (const { condition, now, fired } of priorVerdict(situation, versions).triggers) {
          const bound = Number(condition.bound);
          const holds = { '<': Number(now) < bound, '<=': Number(now) <= bound, '>': Number(now) > bound, '>=': Number(now) >= bound };
          expect([fired, holds[condition.operator]]).toEqual([false, false]);
          // as far beyond as leaves it short of the next threshold of any source
          const beyond = bound + { '<': -1e-6, '<=': 0, '>': 1e-6, '>=': 0 }[condition.operator];
          const justShort = bound + { '<': 0, '<=': 1e-6, '>': 0, '>=': -1e-6 }[condition.operator];
          const answers = (value: number) =>
            priorsOf({ ...situation, [condition.figure]: value }).map(({ source, answer }) => source + answer);
          expect(answers(beyond)).not.toEqual(answers(justShort));
        }
      }),
    );
  });

  it('gives the volumes at which the answers turn', () => {
    const { triggers } = priorVerdict({ requestsPerMonth: 50_000 }, versions);
    expect(triggers.map(({ when }) => when)).toEqual([
      'requestsPerMonth < 10000',
      'requestsPerMonth > 100000',
      'requestsPerMonth >= 100000',
      'requestsPerMonth > 500000',
    ]);
    expect(triggers[1]).toMatchObject({ id: 'prior-volume-above-100000', now: 50_000, fired: false });
    expect(triggers[1]?.then).toBe('Persona guide says "fine-tune" instead of "either"');
  });

  it('sums up for a manager: the majority, the other side, and what to do', () => {
    const { sentence } = priorVerdict(
      { labelledExamples: 20, requestsPerMonth: 2_000, consistency: 'critical', requirementChangesPerMonth: 0.5 },
      versions,
    );
    expect(sentence).toBe(
      "By rules of thumb alone, prompt: 3 of 5 lean to prompting (Practitioner's checklist, Flow chart, Data needed) and 2 to tuning (Persona guide, Facts or behaviour); nothing has been measured, so run rung climb before deciding.",
    );
    expect(priorVerdict({}, versions).sentence).toMatch(/^No rule of thumb can say anything/);
    expect(priorVerdict({ publicFacing: true, labelledExamples: 10 }, versions).sentence).toContain('1 to tuning (Persona guide)');
    expect(priorVerdict({ publicFacing: true, frontierModel: true }, versions).sentence).toContain('prompting and tuning are tied');
    expect(priorVerdict({ personas: 2, publicFacing: true }, versions).sentence).toContain('prompting and tuning are tied');
    expect(priorVerdict({ knowledge: 'changing' }, versions).sentence).toContain('prompt, with retrieval for the facts: 1 of 1 leans');
  });

  it('hashes the answers: the same answers, the same hash', () => {
    const hash = (situation: Situation) => priorVerdict(situation, versions).criteria.hash;
    expect(hash({ personas: 1, publicFacing: true })).toBe(hash({ publicFacing: true, personas: 1, expertise: undefined }));
    expect(hash({ personas: 1 })).not.toBe(hash({ personas: 2 }));
  });
});

describe('priorsOf', () => {
  const situation = { requestsPerMonth: 200_000, labelledExamples: 300, frontierModel: true } as const;
  const agreements = (measured?: Parameters<typeof priorsOf>[1]) =>
    Object.fromEntries(priorsOf(situation, measured).map(({ source, agrees }) => [source.split(' (')[0], agrees]));

  it('says where a measurement disagrees, and nothing where a rule takes no side', () => {
    expect(agreements({ status: 'met', chosenIsTuned: true })).toEqual({
      'Persona guide': true,
      "Practitioner's checklist": false,
      'Flow chart': false,
      'Data needed': undefined,
    });
    expect(agreements({ status: 'met', chosenIsTuned: false })['Persona guide']).toBe(false);
  });

  it.each([undefined, { status: 'undecided' as const }, { status: 'met' as const }])(
    'holds it against nothing where nothing was chosen',
    (measured) => {
      expect(Object.values(agreements(measured)).every((agrees) => agrees === undefined)).toBe(true);
    },
  );
});

describe('situationOf', () => {
  it('reads off a task what it already answers', () => {
    const task = madeTask({ accuracy: '>= 0.92', format: '>= 0.99', latencyP95Ms: '<= 800' }, { persona: { name: 'Ada' } as Persona });
    expect(situationOf(task, { labelledExamples: 120, promptingPlateaued: true })).toEqual({
      requestsPerMonth: 100_000,
      labelledExamples: 120,
      requirementChangesPerMonth: 0,
      publicFacing: false,
      accuracyNeeded: 0.92,
      personas: 1,
      latencyCritical: true,
      strictFormat: true,
      promptingPlateaued: true,
    });
  });

  it('leaves open what the task does not say, and lets its situation go first', () => {
    const task = madeTask(
      { costPer1k: '<= 1' },
      { situation: { personas: 3, strictFormat: false, expertise: undefined }, output: { kind: 'json', schema: {} } },
    );
    expect(situationOf(task, { labelledExamples: 0 })).toEqual({
      requestsPerMonth: 100_000,
      labelledExamples: 0,
      requirementChangesPerMonth: 0,
      publicFacing: false,
      personas: 3,
      strictFormat: false,
    });
  });
});
