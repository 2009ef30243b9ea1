import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Answer } from '#core/candidate.ts';
import type { Example } from '#core/example.ts';
import type { Json } from '#core/json.ts';
import type { Output } from '#core/output.ts';
import type { Persona, TaskBrief } from '#core/task-brief.ts';
import { metrics } from './index.ts';

/** What every metric of the room keeps to, whatever it measures. */

const voice: Persona = {
  name: 'Coach',
  role: 'productivity coach',
  traits: [],
  responsePattern: [],
  vocabulary: { use: [], avoid: ['hustle'] },
  rules: ['at most 12 words'],
  examples: [],
};

function brief(output: Output): TaskBrief {
  return { name: 'task', instructions: 'Answer.', prompt: {}, output, persona: voice };
}

const outputs: readonly Output[] = [
  { kind: 'labels', labels: ['billing', 'shipping'] },
  { kind: 'json', schema: { type: 'object', properties: { product: { type: 'string' } }, required: ['product'] } },
  { kind: 'text' },
];

function answer(text: string, value: Json | undefined, strict = true): Answer {
  return { text, value, strict, calls: [], recordedScores: { recorded: 0.5 } };
}

const answers: readonly Answer[] = [
  answer('billing', 'billing'),
  answer('It is billing.', 'billing', false),
  answer('returns', 'returns'),
  answer('', undefined, false),
  answer('{"product":"lamp"}', { product: 'lamp' }),
  answer('[1, null]', [1, null]),
  answer('💡 '.repeat(500), undefined, false),
];

const expectations: readonly (Json | undefined)[] = [
  'billing',
  { product: 'lamp', tags: ['a'], size: { width: 1 } },
  [],
  null,
  '',
  undefined,
];

describe.each(metrics.map((metric) => ({ id: metric.id, metric })))('metric $id', ({ metric }) => {
  it('has a name that can be written in a task file, and says what it measures', () => {
    expect(metric.id).toMatch(/^[a-z][A-Za-z0-9]*$/);
    expect(metric.summary).toMatch(/^[A-Z].*\.$/);
    expect(['higher', 'lower']).toContain(metric.better);
    expect([metric.score, metric.judge, metric.summarise].some((way) => way !== undefined)).toBe(true);
  });

  it('scores a row that brought no answer within its scale', () => {
    expect([0, null]).toContain(metric.onError);
  });

  it('gives a score within its scale, or null with a reason, for whatever it meets, the same every time', () => {
    if (metric.score === undefined) return;
    for (const output of outputs) {
      for (const expected of expectations) {
        const example: Example = { id: 'e', input: 'Where is my invoice?', expected, tags: [], source: 'human' };
        for (const given of answers) {
          const score = metric.score(example, given, { task: brief(output) });
          expect(metric.score(example, given, { task: brief(output) })).toEqual(score);
          if (score.value === null) {
            expect(score.reason).toBeTruthy();
            continue;
          }
          expect(score.value).toBeGreaterThanOrEqual(0);
          expect(score.value).toBeLessThanOrEqual(1);
          if (metric.scale === 'proportion') expect([0, 1]).toContain(score.value);
          if (score.value < 1 && metric.id !== 'recorded') expect(score.reason).toBeTruthy();
        }
      }
    }
  });

  it('summarises label pairs within 0 and 1, whatever their order', () => {
    const summarise = metric.summarise;
    if (summarise === undefined) return;
    const pairs = [
      { expected: 'billing', answered: 'billing' },
      { expected: 'billing', answered: 'shipping' },
      { expected: 'shipping', answered: undefined },
    ];
    const value = summarise(pairs);
    expect(value).toBeGreaterThanOrEqual(0);
    expect(value).toBeLessThanOrEqual(1);
    expect(summarise(pairs.toReversed())).toBe(value);
    expect(summarise([])).toBe(0);
  });
});

describe('the room', () => {
  it('lists every metric file once, sorted', () => {
    const ids = metrics.map((metric) => metric.id);
    expect(ids).toEqual([...new Set(ids)].sort());
    const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
    const support = ['index.ts', 'judge-asking.ts', 'judge-verdict.ts', 'neutral-paraphrases.ts', 'passage-tags.ts', 'voice-classifier.ts'];
    expect(files.filter((file) => !support.includes(file)).length).toBe(metrics.length);
  });
});
