import { describe, expect, it } from 'vitest';
import type { Answer } from '#core/candidate.ts';
import { RungError } from '#core/errors.ts';
import type { Example } from '#core/example.ts';
import type { Json } from '#core/json.ts';
import type { Output } from '#core/output.ts';
import { accuracy } from './accuracy.ts';
import { exact } from './exact.ts';
import { fieldAccuracy } from './field-accuracy.ts';
import { format } from './format.ts';
import { macroF1 } from './macro-f1.ts';
import { recorded } from './recorded.ts';

function example(expected: Json | undefined): Example {
  return { id: 'e', input: 'x', expected, tags: [], source: 'human' };
}

function answer(value: Json | undefined, more: Partial<Answer> = {}): Answer {
  return { text: typeof value === 'string' ? value : JSON.stringify(value ?? ''), value, strict: true, calls: [], ...more };
}

function context(output: Output) {
  return { task: { name: 't', instructions: 'i', prompt: {}, output } };
}

const labels = context({ kind: 'labels', labels: ['billing', 'shipping'] });
const text = context({ kind: 'text' });

describe('accuracy', () => {
  it('compares labels exactly and JSON without regard to key order', () => {
    expect(accuracy.score!(example('billing'), answer('billing'), labels).value).toBe(1);
    expect(accuracy.score!(example('billing'), answer('Billing'), labels).value).toBe(0);
    expect(accuracy.score!(example({ a: 1, b: [1, 2] }), answer({ b: [1, 2], a: 1 }), text).value).toBe(1);
    expect(accuracy.score!(example({ a: 1, b: [1, 2] }), answer({ b: [2, 1], a: 1 }), text).value).toBe(0);
    expect(accuracy.score!(example({ a: 1 }), answer({ a: 1, b: 2 }), text).value).toBe(0);
  });

  it('says what was expected and what came', () => {
    expect(accuracy.score!(example('billing'), answer('shipping'), labels).reason).toBe('expected billing, answered shipping');
    expect(accuracy.score!(example('billing'), answer(undefined), labels)).toMatchObject({ value: 0 });
    expect(accuracy.score!(example(undefined), answer('billing'), labels).value).toBeNull();
  });
});

describe('exact', () => {
  it('ignores white space around the text and nothing else', () => {
    expect(exact.score!(example('Yes, it is.'), answer('  Yes, it is.\n'), text).value).toBe(1);
    expect(exact.score!(example('Yes, it is.'), answer('yes, it is.'), text).value).toBe(0);
  });
});

describe('fieldAccuracy', () => {
  const expected = { product: 'lamp', sentiment: 'good', size: { width: 1, height: 2 } };

  it('counts the fields that are right, nested ones one by one', () => {
    const score = fieldAccuracy.score!(example(expected), answer({ product: 'lamp', size: { width: 1, height: 3 } }), text);
    expect(score).toEqual({ value: 0.5, reason: 'wrong or absent: sentiment, size.height' });
    expect(fieldAccuracy.score!(example(expected), answer(expected), text)).toEqual({ value: 1 });
  });

  it('gives nothing for what is not an object, and does not apply where none is expected', () => {
    expect(fieldAccuracy.score!(example(expected), answer('lamp'), text).value).toBe(0);
    expect(fieldAccuracy.score!(example('lamp'), answer({ product: 'lamp' }), text).value).toBeNull();
  });
});

describe('format', () => {
  const form = context({
    kind: 'json',
    schema: {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: { sentiment: { enum: ['good', 'bad'] }, mail: { type: 'string', format: 'email' } },
      required: ['sentiment'],
      additionalProperties: false,
    },
  });

  it('wants a label of the list and nothing around it', () => {
    expect(format.score!(example('billing'), answer('shipping'), labels).value).toBe(1);
    expect(format.score!(example('billing'), answer('billing', { strict: false }), labels).value).toBe(0);
    expect(format.score!(example('billing'), answer('returns'), labels).value).toBe(0);
  });

  it('wants JSON that fits the schema, and says what does not', () => {
    expect(format.score!(example(undefined), answer({ sentiment: 'good', mail: 'not one' }), form).value).toBe(1);
    const score = format.score!(example(undefined), answer({ sentiment: 'fine' }), form);
    expect(score.value).toBe(0);
    expect(score.reason).toContain('/sentiment');
    expect(format.score!(example(undefined), answer({ sentiment: 'good' }, { strict: false }), form).value).toBe(0);
  });

  it('names a schema that cannot be used', () => {
    const broken = context({ kind: 'json', schema: { type: 'objekt' } });
    expect(() => format.score!(example(undefined), answer({}), broken)).toThrowError(RungError);
  });
});

describe('macroF1', () => {
  it('equals scikit-learn: f1_score([a,b,c,a,b,c], [a,c,b,a,a,b], average="macro") is 0.2667', () => {
    const expected = ['a', 'b', 'c', 'a', 'b', 'c'];
    const answered = ['a', 'c', 'b', 'a', 'a', 'b'];
    const pairs = expected.map((label, row) => ({ expected: label, answered: answered[row] }));
    expect(macroF1.summarise!(pairs)).toBeCloseTo(0.8 / 3, 12);
  });

  it('counts a row without an answer as missed, and a rare label as much as a common one', () => {
    const pairs = [...Array.from({ length: 9 }, () => ({ expected: 'a', answered: 'a' })), { expected: 'b', answered: undefined }];
    expect(macroF1.summarise!(pairs)).toBe(0.5);
  });
});

describe('recorded', () => {
  it('takes the score that was recorded with the answer', () => {
    const of = (recordedScores: Record<string, number> | undefined) =>
      recorded.score!(example('x'), answer('x', { recordedScores }), text).value;
    expect(of({ recorded: 1, other: 0 })).toBe(1);
    expect(of({ cheap_correct: 0 })).toBe(0);
    expect(of({ one: 1, two: 0 })).toBeNull();
    expect(of({ recorded: 4 })).toBeNull();
    expect(of({ recorded: Number.NaN })).toBeNull();
    expect(of(undefined)).toBeNull();
  });
});
