import { describe, expect, it } from 'vitest';
import type { Answer } from '#core/candidate.ts';
import type { Example } from '#core/example.ts';
import { grounded } from './grounded.ts';
import { retrieved } from './retrieved.ts';

const context = { task: { name: 't', instructions: 'i', prompt: {}, output: { kind: 'text' as const } } };

function example(tags: readonly string[], expected?: string): Example {
  return { id: 'e', input: 'q', tags, source: 'human', ...(expected === undefined ? {} : { expected }) };
}

function answer(text: string, shown: Readonly<Record<string, string>> = {}, unanswerable = false): Answer {
  const steps = [{ name: 'passages', text: Object.values(shown).join('\n') }, ...(unanswerable ? [{ name: 'unanswerable', text }] : [])];
  return { text, value: text, strict: true, calls: [], retrieved: Object.keys(shown), steps };
}

const plain: Answer = { text: 'nine', value: 'nine', strict: true, calls: [] };
const shown = { 'house.md#fees/1': 'A month costs 12.', 'pets.md/1': 'Dogs wait outside.' };
const scored = (metric: typeof retrieved, row: Example, given: Answer) => metric.score!(row, given, context).value;

describe('retrieved', () => {
  it.each([
    [['passage:house.md#fees/1'], 1],
    [['passage:house.md#fees/2'], 0],
    [['document:pets.md'], 1],
    [['document:house.md'], 1],
    [['document:house'], 0],
    [['document:other.md', 'document:pets.md'], 1],
    [['unanswerable'], null],
  ])('scores %j as %j', (tags, value) => {
    expect(scored(retrieved, example(tags), answer('x', shown))).toBe(value);
  });

  it('leaves out what was answered without looking anything up, and is 0 where nothing was found', () => {
    expect(scored(retrieved, example(['document:pets.md']), plain)).toBeNull();
    expect(scored(retrieved, example(['document:pets.md']), answer('x'))).toBe(0);
  });
});

describe('grounded', () => {
  const told = example(['document:house.md'], '12');
  const untold = example(['unanswerable'], 'unknown');

  it('is 1 for an answer whose telling words all stand in the passages, right or not', () => {
    expect(scored(grounded, told, answer('12', shown))).toBe(1);
    expect(scored(grounded, told, answer('It costs 12 a month.', shown))).toBe(1);
    expect(scored(grounded, told, answer('Dogs', shown))).toBe(1);
    expect(grounded.score!(told, answer('It costs 13.', shown), context)).toEqual({ value: 0, reason: 'not in the passages shown: 13' });
    expect(scored(grounded, told, answer('', shown))).toBe(0);
  });

  it('wants it said that the passages do not tell exactly where none shown does', () => {
    expect(scored(grounded, untold, answer('unknown', shown, true))).toBe(1);
    expect(scored(grounded, untold, answer('Dogs', shown))).toBe(0);
    expect(scored(grounded, told, answer('unknown', shown, true))).toBe(0);
    expect(scored(grounded, told, answer('unknown', { 'pets.md/1': 'Dogs wait.' }, true))).toBe(1);
  });

  it('goes by the expected text where no tag says where the answer stands', () => {
    expect(scored(grounded, example([], '12'), answer('unknown', shown, true))).toBe(0);
    expect(scored(grounded, example([], '13'), answer('unknown', shown, true))).toBe(1);
    expect(scored(grounded, example([]), answer('12', shown))).toBeNull();
    expect(scored(grounded, told, plain)).toBeNull();
  });
});
