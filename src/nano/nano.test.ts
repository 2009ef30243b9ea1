import { appendFile, cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GenerateRequest, type Nano, openNano } from './index.ts';
import { linearModules } from './linear-layers.ts';
import { loraLayout, toAdapter } from './lora-layout.ts';
import { writePeftFolder } from './peft-folder.ts';
import { makeTinyModel, randomFloats, type TinyModel } from './tiny-model.fixture.ts';

let model: TinyModel;
let adapter: string;
let one: Nano;
let two: Nano;

beforeAll(async () => {
  model = await makeTinyModel();
  adapter = join(model.folder, 'adapter');
  const settings = { rank: 4, alpha: 8, dropout: 0, targetModules: linearModules };
  const { slots, size } = loraLayout(model.config, settings);
  const lora = toAdapter(randomFloats(size, 0.2, 3), slots, settings, '');
  await writePeftFolder(adapter, lora, { ...settings, baseModel: 'tiny' }, model.config);
  one = await openNano({ folder: model.folder, workers: 1 });
  two = await openNano({ folder: model.folder, workers: 2, prefixCacheBytes: 300_000 });
});
afterAll(async () => {
  await Promise.all([one.close(), two.close()]);
  await rm(model.folder, { recursive: true, force: true });
});

const ask = (content: string, more: Partial<GenerateRequest> = {}): GenerateRequest => ({
  messages: [
    { role: 'system', content: 'You are a small model that has read nothing.' },
    { role: 'user', content },
  ],
  maxOutputTokens: 12,
  ...more,
});

test('knows when the first token came, which is before the answer', async () => {
  const begun = performance.now();
  const [short, long] = [
    await one.generate(ask('go on', { maxOutputTokens: 1 })),
    await one.generate(ask('go on', { maxOutputTokens: 60 })),
  ];
  const took = performance.now() - begun;
  for (const { firstTokenMs } of [short, long]) expect(firstTokenMs).toBeGreaterThan(0);
  expect(short.firstTokenMs + long.firstTokenMs).toBeLessThan(took);
});

test('an answer does not depend on batch, worker, order or cache', async () => {
  const request = fc.record({
    content: fc.string({ maxLength: 60 }),
    maxOutputTokens: fc.integer({ min: 1, max: 50 }),
    temperature: fc.constantFrom(0, 0.8),
    topP: fc.constantFrom(1, 0.9),
    seed: fc.nat(100),
    adapter: fc.constantFrom(undefined, adapter),
  });
  const answers = fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 24 }), async (requests) => {
    const all = requests.map(({ content, ...more }) => ask(content, { ...more, logProbabilities: true }));
    const strip = ({ cachedInputTokens: _, firstTokenMs: __, ...rest }: Awaited<ReturnType<Nano['generate']>>) => rest;
    const together = (await Promise.all(all.map((each) => two.generate(each)))).map(strip);
    for (const [index, each] of all.entries()) expect(strip(await one.generate(each))).toEqual(together[index]);
  });
  await fc.assert(answers, { numRuns: 12 });
});

test('logits are bit-equal whether a sequence is computed alone, beside others, or behind its answer', async () => {
  const tokens = one.encode('The same tokens, over and over and over again, to cross a chunk or two.'.repeat(4));
  const alone = await one.logits({ tokens });
  const beside = await Promise.all([two.logits({ tokens: tokens.slice(3) }), two.logits({ tokens }), two.logits({ tokens: [5, 6] })]);
  expect(beside[1]).toEqual(alone);
  expect((await two.logits({ tokens: tokens.slice(0, 77) })).at(-1)).toEqual(alone[76]);
});

test('generated log-probabilities are those of scoring the same answer', async () => {
  const request = ask('hello', { maxOutputTokens: 1, logProbabilities: true });
  const [first] = (await one.generate(request)).logProbabilities!;
  const scored = await one.score({ messages: request.messages, completion: 'ok' });
  expect(scored.tokens.at(-1)).toBe('<|end|>');
  expect(scored.tokens.length).toBe(scored.logProbabilities.length);
  const total = (await one.logits({ tokens: one.encode(one.render(request.messages, { addGenerationPrompt: true })) })).at(-1)!;
  const sum = Math.log(total.reduce((all, logit) => all + Math.exp(logit), 0));
  expect(first!.logProbability).toBeCloseTo(Math.max(...total) - sum, 4);
  expect(scored.logProbabilities.every((value) => value < 0)).toBe(true);
});

test('the prefix cache is used, and reports what it saved', async () => {
  const nano = await openNano({ folder: model.folder, workers: 1 });
  const first = await nano.generate(ask('first question'));
  const second = await nano.generate(ask('second question'));
  expect(first.cachedInputTokens).toBe(0);
  expect(second.cachedInputTokens).toBeGreaterThan(40);
  expect(second.cachedInputTokens).toBeLessThan(second.inputTokens);
  // Requests that come together wait for the first one's beginning.
  const third = await Promise.all(['a', 'b', 'c'].map((text) => nano.generate({ ...ask(text), adapter })));
  expect(third.filter(({ cachedInputTokens }) => cachedInputTokens > 40)).toHaveLength(2);
  await nano.close();
});

test('memory stays flat over hundreds of requests', async () => {
  const nano = await openNano({ folder: model.folder, workers: 1, prefixCacheBytes: 200_000 });
  const round = async (from: number): Promise<number> => {
    await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        nano.generate(
          ask(`${from + index} ${'x'.repeat(index)}`, { maxOutputTokens: 1 + (index % 40), adapter: index % 3 ? undefined : adapter }),
        ),
      ),
    );
    const [usage] = await nano.usage();
    expect(usage!.prefixCacheBytes).toBeLessThanOrEqual(200_000);
    return usage!.bytesInUse - usage!.prefixCacheBytes;
  };
  const after = [await round(0), await round(1000), await round(2000)];
  // What the cache does not hold is weights and buffers; blocks may round up to their size classes.
  expect(Math.max(...after) - Math.min(...after)).toBeLessThan(60_000);
  await nano.close();
});

test('stop strings, length and the end of the context end an answer', async () => {
  const free = await one.generate(ask('go on', { maxOutputTokens: 30 }));
  const middle = free.text.slice(4, 6);
  const stopped = await one.generate(ask('go on', { maxOutputTokens: 30, stop: ['never-said', middle] }));
  expect(stopped).toMatchObject({ finishReason: 'stop', text: free.text.slice(0, free.text.indexOf(middle)) });
  const long = await one.generate(ask('x'.repeat(150), { maxOutputTokens: 10_000 }));
  expect(long).toMatchObject({ finishReason: 'length' });
  expect(long.inputTokens + long.outputTokens).toBeLessThanOrEqual(one.contextLength);
});

test('sampling follows its seed', async () => {
  const draw = async (seed: number) => (await one.generate(ask('draw', { temperature: 1.2, seed, maxOutputTokens: 20 }))).text;
  expect(await draw(1)).toBe(await draw(1));
  expect(await draw(1)).not.toBe(await draw(2));
});

test('an adapter changes the answers, and only of those who ask for it', async () => {
  const answer = async (folder?: string) =>
    (await one.generate(ask('who are you?', { adapter: folder, logProbabilities: true }))).logProbabilities;
  const plain = await answer();
  expect(await answer(adapter)).not.toEqual(plain);
  expect(await answer()).toEqual(plain);
});

test('an aborted request leaves queue and worker, and the others go on', async () => {
  const controller = new AbortController();
  const kept = Array.from({ length: 5 }, (_, index) => one.generate(ask(`kept ${index}`)));
  const dropped = Array.from({ length: 60 }, (_, index) =>
    one.generate(ask(`dropped ${index}`, { maxOutputTokens: 200 }), { signal: controller.signal }),
  );
  controller.abort(new Error('enough'));
  for (const result of await Promise.allSettled(dropped))
    expect(result).toMatchObject({ status: 'rejected', reason: { message: 'enough' } });
  expect(await Promise.all(kept)).toHaveLength(5);
  await expect(one.generate(ask('late'), { signal: AbortSignal.abort(new Error('too late')) })).rejects.toThrow('too late');
});

test('what cannot be asked is refused with a code', async () => {
  await expect(one.generate(ask('x'.repeat(400)))).rejects.toMatchObject({
    code: 'context-exceeded',
    hint: expect.stringContaining('Shorten'),
  });
  await expect(one.generate(ask('x', { maxOutputTokens: 0 }))).rejects.toMatchObject({ code: 'request-options' });
  await expect(one.generate(ask('x', { adapter: join(model.folder, 'absent') }))).rejects.toMatchObject({ code: 'adapter-missing' });
  await expect(one.logits({ tokens: [1, 99_999] })).rejects.toMatchObject({ code: 'unknown-token' });
});

test('the fingerprint follows the content of the folder', async () => {
  const copy = `${model.folder}-copy`;
  await cp(model.folder, copy, { recursive: true });
  const fingerprint = async () => (await openNano({ folder: copy })).fingerprint;
  expect(await fingerprint()).toBe(one.fingerprint);
  await appendFile(join(copy, 'chat_template.jinja'), ' ');
  expect(await fingerprint()).not.toBe(one.fingerprint);
  await rm(copy, { recursive: true });
});

test('a folder that is not a model names the file at fault', async () => {
  const copy = `${model.folder}-broken`;
  await cp(model.folder, copy, { recursive: true });
  const open = () => openNano({ folder: copy });
  const weights = await readFile(join(copy, 'model.safetensors'));
  await writeFile(join(copy, 'model.safetensors'), weights.subarray(0, 5000));
  await expect(open()).rejects.toMatchObject({ code: 'tensors-unreadable', place: { file: join(copy, 'model.safetensors') } });
  await cp(join(model.folder, 'model.safetensors'), join(copy, 'model.safetensors'));
  await writeFile(join(copy, 'tokenizer.json'), '{"model": {"type": "none"}}');
  await expect(open()).rejects.toMatchObject({ code: 'model-unreadable' });
  await writeFile(join(copy, 'tokenizer.json'), '{');
  await expect(open()).rejects.toMatchObject({ code: 'model-unreadable', place: { file: join(copy, 'tokenizer.json') } });
  await writeFile(join(copy, 'config.json'), JSON.stringify({ model_type: 'gpt2' }));
  await expect(open()).rejects.toMatchObject({ code: 'model-unsupported' });
  await rm(join(copy, 'config.json'));
  await expect(open()).rejects.toMatchObject({ code: 'model-missing' });
  await rm(copy, { recursive: true });
});

test('a conversation trains on its assistant turns and their ends, all of them and nothing else', () => {
  const { tokens, mask } = one.trainedTokens([
    { role: 'system', content: 'be brief' },
    { role: 'user', content: 'one' },
    { role: 'assistant', content: 'ab' },
    { role: 'user', content: 'two' },
    { role: 'assistant', content: 'c' },
  ]);
  const texts = one.encode(' ab<|end|> c<|end|>');
  expect(tokens.filter((_, index) => mask[index])).toEqual(texts);
  expect(tokens).toEqual(
    one.encode('<|begin|><|system|>be brief<|end|><|user|>one<|end|><|assistant|>ab<|end|><|user|>two<|end|><|assistant|>c<|end|>'),
  );
});

test('characters that mark spans internally are ordinary text in a conversation', () => {
  const content = 'a \uE0F0 b \uE0F0\uE0F1 c';
  const { tokens, mask } = one.trainedTokens([
    { role: 'user', content },
    { role: 'assistant', content },
  ]);
  expect(tokens.filter((_, index) => mask[index])).toEqual(one.encode(`${content}<|end|>`));
});

test('a closed model refuses, and refuses what was still waiting', async () => {
  const nano = await openNano({ folder: model.folder, workers: 1 });
  const waiting = nano.generate(ask('waiting', { maxOutputTokens: 200 }));
  const refused = expect(waiting).rejects.toMatchObject({ code: 'nano-closed' });
  await nano.close();
  await refused;
  await expect(nano.generate(ask('after'))).rejects.toMatchObject({ code: 'nano-closed' });
});
