import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Model, ModelRequest } from '#core/model.ts';
import type { Provider } from '#core/provider.ts';
import { openNano } from '#nano/index.ts';
import { startHubServer } from '#testing/hub-server.ts';
import { createTransformersProvider } from './transformers.ts';

const { PATH, RUNG_PYTHON } = process.env;
const never = new AbortController().signal;
const shipped = join(import.meta.dirname, '../../models/nano');
const request = (content: string, more: Partial<ModelRequest> = {}): ModelRequest => ({
  messages: [{ role: 'user', content }],
  maxOutputTokens: 12,
  ...more,
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rung-transformers-'));
  await cp(shipped, join(folder, 'model'), { recursive: true });
});
afterAll(() => rm(folder, { recursive: true }));

const open = (provider: Provider, settings = {}, environment: Record<string, string | undefined> = { PATH, RUNG_PYTHON }): Promise<Model> =>
  provider.open({ model: '', settings: { model: 'model', ...settings }, taskFolder: folder, environment });

test('without any Python it says what to install, before anything is asked', async () => {
  await expect(open(createTransformersProvider(), {}, {})).rejects.toMatchObject({
    code: 'no-python',
    exitCode: 2,
    hint: expect.stringContaining('uv'),
  });
});

test('the fingerprint changes with the device and the data type, and not with the Python', async () => {
  const provider = createTransformersProvider();
  const python = { RUNG_PYTHON: process.execPath };
  const prints = await Promise.all(
    [{}, { dtype: 'bfloat16' }, { device: 'cpu' }, { chatTemplate: { enable_thinking: false } }, { today: '2026-03-01' }].map(
      async (settings) => (await open(provider, settings, python)).fingerprint,
    ),
  );
  expect(new Set(prints).size).toBe(5);
  expect((await open(provider, {}, { RUNG_PYTHON: '/bin/sh' })).fingerprint).toBe(prints[0]);
});

test.each([
  [{ chatTemplate: { messages: [] } }, /messages.* not for a task to set/],
  [{ chatTemplate: { 'a-b': 1 } }, /chatTemplate/],
  [{ today: '2026-02-30' }, /today/],
])('the settings %j of the chat template are refused', async (settings, message) => {
  const python = { RUNG_PYTHON: process.execPath };
  await expect(open(createTransformersProvider(), settings, python)).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringMatching(message),
  });
});

describe.skipIf(!RUNG_PYTHON)('with a Python that has what is needed (skipped where RUNG_PYTHON names none)', { timeout: 300_000 }, () => {
  test('says what the embedded runtime says of the same folder, with the same log-probabilities', async () => {
    const provider = createTransformersProvider();
    const nano = await openNano({ folder: shipped });
    const model = await open(provider);
    try {
      const questions = ['Say one word.', 'What is the capital of the sea?', 'a'];
      const answers = await Promise.all(questions.map((q) => model.generate(request(q, { logProbabilities: true }), { signal: never })));
      for (const [index, question] of questions.entries()) {
        const messages = [{ role: 'user' as const, content: question }];
        const expected = await nano.generate({ messages, maxOutputTokens: 12, logProbabilities: true });
        const answer = answers[index];
        expect(answer).toMatchObject({ text: expected.text, finishReason: expected.finishReason });
        expect(answer?.usage).toEqual({ inputTokens: expected.inputTokens, cachedInputTokens: 0, outputTokens: expected.outputTokens });
        for (const [place, { token, logProbability }] of expected.logProbabilities!.entries()) {
          expect(answer?.logProbabilities?.[place]?.token).toBe(token);
          expect(answer?.logProbabilities?.[place]?.logProbability).toBeCloseTo(logProbability, 3);
        }
      }
      const messages = [{ role: 'user' as const, content: 'Say one word.' }];
      const given = ['The access code is 12345678.', 'Hi', ''];
      const { scores } = await model.score!({ messages, answers: given }, { signal: never });
      for (const [at, completion] of given.entries()) {
        const own = await nano.score({ messages, completion });
        expect(scores[at]?.tokens).toBe(own.tokens.length);
        expect(scores[at]?.logProbability).toBeCloseTo(
          own.logProbabilities.reduce((sum, each) => sum + each, 0),
          2,
        );
      }
      const drawn = (sample: number) => model.generate(request('Say one word.', { temperature: 2, seed: 3, sample }), { signal: never });
      expect((await drawn(0)).text).toBe((await drawn(0)).text);
      expect(new Set((await Promise.all([0, 1, 2, 3, 4].map(drawn))).map(({ text }) => text)).size).toBeGreaterThan(1);
      const whole = (await model.generate(request('Say one word.'), { signal: never })).text;
      const cut = await model.generate(request('Say one word.', { stop: [whole.slice(-1)] }), { signal: never });
      expect(cut).toMatchObject({ text: whole.slice(0, whole.indexOf(whole.slice(-1))), finishReason: 'stop' });
      await expect(model.generate(request('word '.repeat(2_000)), { signal: never })).rejects.toMatchObject({ kind: 'context-exceeded' });
    } finally {
      await Promise.all([model.close?.(), nano.close()]);
    }
  });

  test('what a model thinks is no part of its answer, and its switch is that of the entry', async () => {
    await cp(shipped, join(folder, 'thinking'), { recursive: true });
    const turns = "{%- for m in messages -%}{{ '<|' + m.role + '|>' + m.content }}{%- endfor -%}";
    const opened = "{%- if not (enable_thinking is defined and enable_thinking is false) -%}{{ '<think>' }}{%- endif -%}";
    await writeFile(join(folder, 'thinking/chat_template.jinja'), turns + opened);
    const provider = createTransformersProvider();
    const thinking = await open(provider, { model: 'thinking' });
    const plain = await open(provider, { model: 'thinking', chatTemplate: { enable_thinking: false } });
    try {
      const drawn = request('a', { temperature: 2, seed: 3 });
      const [thought, said] = await Promise.all([thinking, plain].map((model) => model.generate(drawn, { signal: never })));
      // a thought that did not come to its end: nothing was answered yet
      expect(thought?.text).toBe('');
      expect(thought?.usage?.outputTokens).toBeGreaterThan(2);
      expect(said?.text).toMatch(/\S/);
      expect(said!.usage!.inputTokens).toBeLessThan(thought!.usage!.inputTokens);
    } finally {
      await Promise.all([thinking.close?.(), plain.close?.()]);
    }
  });

  test('an adapter that was trained on another commit of its base is refused with the revision to set', async () => {
    const [here, trained] = ['a'.repeat(40), 'b'.repeat(40)];
    const names = (await readdir(shipped)).filter((name) => /\.(json|jinja|safetensors)$/.test(name));
    const files = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await readFile(join(shipped, name))] as const)));
    const hub = await startHubServer({ 'small/open': { commits: { [here]: files }, refs: { main: here } } });
    const adapterFolder = join(folder, 'adapter');
    await mkdir(adapterFolder);
    await writeFile(join(adapterFolder, 'adapter_config.json'), JSON.stringify({ peft_type: 'LORA', revision: trained }));
    const environment = { PATH, RUNG_PYTHON, HF_ENDPOINT: hub.url, HF_HOME: join(folder, 'cache') };
    const provider = createTransformersProvider();
    const model = await provider.open({ model: 'small/open', settings: {}, taskFolder: folder, environment, adapterFolder });
    try {
      await expect(model.generate(request('a'), { signal: never })).rejects.toThrow(`revision: ${trained}`);
    } finally {
      await model.close?.();
      await hub.close();
    }
  });

  test.runIf(process.platform === 'linux')('its process ends with the one that started it', async () => {
    const script = `
      import { createTransformersProvider } from ${JSON.stringify(join(import.meta.dirname, 'transformers.ts'))};
      const options = { model: '', settings: { model: 'model' }, taskFolder: ${JSON.stringify(folder)}, environment: process.env };
      const model = await createTransformersProvider().open(options);
      await model.generate(${JSON.stringify(request('a'))}, { signal: new AbortController().signal });
      const { execFileSync } = await import('node:child_process');
      console.log(execFileSync('pgrep', ['-P', String(process.pid), '-f', 'serve.py'], { encoding: 'utf8' }).trim());
      setInterval(() => {}, 1000);`;
    const starter = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    let server = 0;
    for await (const line of createInterface(starter.stdout)) {
      server = Number(line);
      starter.kill('SIGKILL');
    }
    expect(server).toBeGreaterThan(1);
    await expect.poll(() => isRunning(server), { timeout: 10_000 }).toBe(false);
  });
});

// one that has ended and that nobody has collected has no command any more
async function isRunning(pid: number): Promise<boolean> {
  return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')) !== '';
}
