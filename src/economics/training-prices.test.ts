import { expect, test } from 'vitest';
import { billionsOf, findTrainingPrice } from './training-prices.ts';

test.each([
  ['meta-llama/Meta-Llama-3.1-8B-Instruct-Reference', 8],
  ['accounts/fireworks/models/llama-v3p1-70b-instruct', 70],
  ['Qwen/Qwen2.5-0.5B', 0.5],
  ['accounts/fireworks/models/qwen2p5-1p5b', 1.5],
  ['mistralai/Mixtral-8x7B-Instruct-v0.1', 56],
  ['Qwen/Qwen3-30B-A3B', 30],
  ['gpt-4o-mini', undefined],
  ['deepseek-v3', undefined],
  ['bert-base', undefined],
])('%s has %s billion weights', (model, billions) => {
  expect(billionsOf(model)).toBe(billions);
});

test.each([
  ['openai', 'gpt-4o-mini-2024-07-18', 'supervised', 3],
  ['openai', 'ft:gpt-4o-mini-2024-07-18:acme::abc123', 'supervised', 3],
  ['openai', 'gpt-4.1-2025-04-14', 'supervised', 25],
  ['openai', 'gpt-4.1-mini', 'preference', 5],
  ['openai', 'gpt-9', 'supervised', undefined],
  ['together', 'meta-llama/Llama-3.1-8B', 'supervised', 0.48],
  ['together', 'meta-llama/Llama-3.3-70B', 'supervised', 2.9],
  ['together', 'meta-llama/Llama-3.1-405B', 'supervised', undefined],
  ['together', 'meta-llama/Llama-3.1-8B', 'preference', undefined],
  ['fireworks', 'accounts/fireworks/models/llama-v3p1-8b-instruct', 'preference', 1],
  ['fireworks', 'accounts/fireworks/models/qwen3-480b', 'supervised', 10],
  ['mistral', 'open-mistral-7b', 'supervised', undefined],
])('%s trains %s by %s at %s dollars per million', (service, model, method, price) => {
  const found = findTrainingPrice(service, model, method);
  expect(found?.perMillion).toBe(price);
  if (found !== undefined) expect([found.asOf, found.source.length > 20]).toEqual([expect.stringMatching(/^202\d-\d\d-\d\d$/), true]);
});
