import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Output } from '#core/output.ts';
import { readAnswer } from './read-answer.ts';

const labels: Output = { kind: 'labels', labels: ['billing', 'not billing', 'Ça va'] };
const form: Output = { kind: 'json', schema: {} };

describe('reading a label', () => {
  it.each([
    ['billing', 'billing', true],
    [' billing\n', 'billing', true],
    ['Billing.', 'billing', false],
    ['"billing"', 'billing', false],
    ['The answer is: Ça va', 'Ça va', false],
    ['not billing!', 'not billing', false],
    ['shipping', undefined, false],
    ['', undefined, false],
  ])('%j is %j, strict %j', (text, value, strict) => {
    expect(readAnswer(labels, text)).toEqual({ value, strict });
  });

  it('takes two labels for no answer', () => {
    expect(readAnswer({ kind: 'labels', labels: ['a', 'b'] }, 'a or b').value).toBeUndefined();
  });
});

describe('reading JSON', () => {
  it.each([
    ['{"a": 1}', { a: 1 }, true],
    ['```json\n{"a": 1}\n```', { a: 1 }, false],
    ['Here you are: {"a": {"b": [1, 2]}} as asked', { a: { b: [1, 2] } }, false],
    ["{a: 'x',}", { a: 'x' }, false],
    ['{"a": "cut o', { a: 'cut o' }, false],
    ['[1, 2]', undefined, false],
    ['none', undefined, false],
  ])('%j', (text, value, strict) => {
    expect(readAnswer(form, text)).toEqual({ value, strict });
  });

  it('gives back any object that was written as JSON, and never throws', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const text = JSON.stringify(value);
        expect(readAnswer(form, text)).toEqual({ value: JSON.parse(text), strict: true });
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => void readAnswer(form, text)));
    fc.assert(fc.property(fc.string(), (text) => void readAnswer(form, `{${text}`)));
  });
});
