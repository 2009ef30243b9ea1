import { describe, expect, it } from 'vitest';
import type { DetailedRung, DetailedVerdict } from './decide.ts';
import { diffVerdicts } from './record-diff.ts';
import { triggerOf } from './trigger-condition.ts';

function madeRung(rung: string, accuracy: number, changes: Partial<DetailedRung> = {}): DetailedRung {
  return {
    rung,
    candidate: `c_${rung}`,
    model: 'nano',
    metrics: { accuracy: { value: accuracy, low: accuracy - 0.03, high: accuracy + 0.03, n: 240, method: 'wilson' } },
    goals: { accuracy: accuracy >= 0.93 ? 'met' : 'not-met' },
    gain: null,
    setup: { dollars: 0, seconds: 1 },
    horizonCost: 360,
    service: {
      costPer1k: { value: 0.3, low: 0.29, high: 0.31, n: 240, method: 't' },
      latencyP95Ms: { value: 80, low: 70, high: null, n: 240, method: 'order' },
    },
    ...changes,
  };
}

function madeVerdict(changes: Partial<DetailedVerdict> = {}): DetailedVerdict {
  return {
    schema: 'rung.verdict/1',
    task: 'support',
    status: 'met',
    sentence: 'A sentence.',
    chosen: { rung: 'few-shot', candidate: 'c_few-shot' },
    undecided: null,
    floor: null,
    rungs: [madeRung('zero-shot', 0.8), madeRung('few-shot', 0.94)],
    plateau: { reached: false, at: null, signs: [], why: '', looked: [] },
    breakEven: [],
    learningCurve: null,
    triggers: [triggerOf('volume-below', { figure: 'requestsPerMonth', operator: '<', bound: 41_000 }, 100_000, '')],
    prior: [],
    reasoning: [],
    alternatives: [],
    assumptions: [],
    rowsSaved: { rows: 0, of: 480 },
    criteria: {
      hash: 'a'.repeat(64),
      goals: { accuracy: '>= 0.9' },
      confidence: 0.95,
      split: { train: 300, validation: 100, test: 240 },
      splitHash: 'b'.repeat(64),
      testLooks: 1,
      changed: false,
    },
    spent: { dollars: 0, calls: 0, cached: 0, retries: 0, failures: 0, seconds: 0 },
    versions: { rung: '0.1.0', node: '24.0.0' },
    warnings: [],
    ...changes,
  };
}

describe('diffVerdicts', () => {
  it('finds nothing between a verdict and itself', () => {
    const verdict = madeVerdict();
    expect(diffVerdicts(verdict, JSON.parse(JSON.stringify(verdict)))).toMatchObject({
      same: true,
      lines: [],
      rungs: [],
      status: null,
      goals: {},
    });
  });

  it('calls a change real only where the intervals are apart', () => {
    const after = madeVerdict({
      rungs: [
        madeRung('zero-shot', 0.9),
        madeRung('few-shot', 0.95, {
          service: {
            costPer1k: { value: 0.33, low: 0.32, high: 0.34, n: 240, method: 't' },
            latencyP95Ms: { value: 300, low: 250, high: null, n: 240, method: 'order' },
          },
        }),
      ],
    });
    const diff = diffVerdicts(madeVerdict(), after);
    const [zero, few] = diff.rungs;
    expect(zero?.figures['accuracy']).toMatchObject({ real: true, before: { value: 0.8, n: 240 }, after: { value: 0.9 } });
    expect(few?.figures['accuracy']?.real).toBe(false);
    expect(few?.figures['costPer1k']?.real).toBe(true);
    // an end that is not known reaches as far as can be
    expect(few?.figures['latencyP95Ms']?.real).toBe(false);
    expect(diff.lines).toContain(
      'zero-shot: Accuracy 80 % (77 % to 83 %, n 240) → 90 % (87 % to 93 %, n 240): a real change, the intervals are apart',
    );
    expect(diff.lines.filter((line) => line.endsWith('within the interval'))).toHaveLength(2);
  });

  it('says what became of the choice, the goals, the criteria and the triggers', () => {
    const before = madeVerdict();
    const after = madeVerdict({
      status: 'not-met',
      chosen: null,
      rungs: [before.rungs[1]!, madeRung('fine-tuned', 0.96)],
      criteria: { ...before.criteria, hash: 'c'.repeat(64), goals: { accuracy: '>= 0.97', format: '>= 0.98' } },
      triggers: [
        triggerOf('volume-below', { figure: 'requestsPerMonth', operator: '<', bound: 50_000 }, 40_000, ''),
        triggerOf('new-rung', { figure: 'newRungs', operator: '>', bound: 0 }, 0, ''),
      ],
    });
    const { same, lines, rungs, triggers } = diffVerdicts(before, after);
    expect(same).toBe(false);
    expect(lines).toEqual([
      'Status: met → not-met',
      'Chosen: few-shot → none',
      'Goal on accuracy: >= 0.9 → >= 0.97',
      'Goal on format compliance: none → >= 0.98',
      'Criteria: aaaaaaaaaaaa → cccccccccccc',
      'zero-shot: no longer on the ladder',
      'fine-tuned: new on the ladder',
      'Trigger volume-below has fired',
      'Trigger volume-below: requestsPerMonth < 41000 → requestsPerMonth < 50000',
      'New triggers: new-rung',
    ]);
    expect(rungs.map(({ rung, change }) => [rung, change])).toEqual([
      ['zero-shot', 'removed'],
      ['fine-tuned', 'added'],
    ]);
    expect(triggers.fired).toEqual(['volume-below']);
  });

  it('notes a rung that is skipped now and figures that went', () => {
    const skipped = madeRung('few-shot', 0.94, { metrics: {}, goals: {}, service: {}, horizonCost: undefined, skipped: 'no key' });
    const { lines } = diffVerdicts(madeVerdict(), madeVerdict({ rungs: [madeRung('zero-shot', 0.8), skipped] }));
    expect(lines).toContain('few-shot: skipped: no → no key');
    expect(lines).toContain('few-shot: Accuracy 94 % (91 % to 97 %, n 240) → not measured');
    expect(lines.join('\n')).not.toMatch(/NaN|undefined|null/);
  });
});
