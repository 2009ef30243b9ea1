import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RungError } from '#core/errors.ts';
import type { JsonObject } from '#core/json.ts';
import type { ModelRequest } from '#core/model.ts';
import { ModelError } from '#core/model-error.ts';
import type { OpenModelOptions, Provider } from '#core/provider.ts';
import { createNanoSource } from '#nano/nano-source.ts';
import { type FaultServer, startFaultServer } from '#testing.ts';
import { createProviders } from './index.ts';

/** How the suite sets a provider up. A new provider needs one entry here; the suite fails without it. */
interface SetUp {
  readonly model: string;
  readonly settings: JsonObject;
  /** What a user may write by mistake. */
  readonly unknown: Partial<OpenModelOptions>;
  /** The variable of its key, where it has one. */
  readonly keyVariable?: string;
  /** An optional package that this project does not install: no model can be opened. */
  readonly absentPackage?: string;
  /** True where what it needs is not on this machine: its models are not opened here. */
  readonly absent?: boolean;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

const key = 'sk-secret-0123456789';
const { PATH, RUNG_PYTHON } = process.env;
const asked = 'Where is my parcel?';
const nano = createNanoSource();
const providers = createProviders(nano);

let server: FaultServer;
let slowServer: FaultServer;
let folder: string;

beforeAll(async () => {
  server = await startFaultServer({ answer: () => 'shipping', key, models: ['known'] });
  slowServer = await startFaultServer({ thinkMs: 20_000 });
  folder = await mkdtemp(join(tmpdir(), 'rung-providers-'));
  await writeFile(join(folder, 'answers.csv'), `input,answer\n${asked},shipping\n`);
  await cp(join(import.meta.dirname, '../../models/nano'), join(folder, 'model'), { recursive: true });
});

afterAll(async () => {
  await Promise.all([server.close(), slowServer.close(), nano.close()]);
  await rm(folder, { recursive: true });
});

function service(absentPackage: string, keyVariable: string): SetUp {
  return { model: 'known', settings: {}, unknown: { model: '' }, keyVariable, absentPackage };
}

function setUps(baseUrl: string): Record<string, SetUp> {
  return {
    'ai-sdk': {
      model: 'known',
      settings: { package: '@ai-sdk/openai', baseUrl, timeoutMs: 5000 },
      unknown: { settings: { package: '@ai-sdk/../../evil' } },
      keyVariable: 'OPENAI_API_KEY',
    },
    anthropic: service('@ai-sdk/anthropic', 'ANTHROPIC_API_KEY'),
    cohere: service('@ai-sdk/cohere', 'COHERE_API_KEY'),
    deepseek: service('@ai-sdk/deepseek', 'DEEPSEEK_API_KEY'),
    fake: { model: 'known', settings: { answers: { [asked]: 'shipping' } }, unknown: { settings: {} } },
    google: service('@ai-sdk/google', 'GOOGLE_GENERATIVE_AI_API_KEY'),
    groq: service('@ai-sdk/groq', 'GROQ_API_KEY'),
    mistral: service('@ai-sdk/mistral', 'MISTRAL_API_KEY'),
    nano: { model: '', settings: {}, unknown: { model: 'huge' } },
    openai: { model: 'known', settings: { baseUrl }, unknown: { model: ' ' }, keyVariable: 'OPENAI_API_KEY' },
    'openai-compatible': {
      model: 'known',
      settings: { baseUrl, apiKeyEnv: 'LOCAL_API_KEY' },
      unknown: { model: '' },
      keyVariable: 'LOCAL_API_KEY',
    },
    // needs a Python with torch, transformers and peft, which RUNG_PYTHON names
    transformers: {
      model: '',
      settings: { model: 'model' },
      unknown: { settings: { model: 'no model' } },
      absent: !RUNG_PYTHON,
      environment: { PATH, RUNG_PYTHON },
    },
    replay: { model: 'known', settings: { file: 'answers.csv' }, unknown: { settings: {} } },
    xai: service('@ai-sdk/xai', 'XAI_API_KEY'),
  };
}

function optionsOf(setUp: SetUp): OpenModelOptions {
  const environment = setUp.keyVariable === undefined ? (setUp.environment ?? {}) : { [setUp.keyVariable]: key };
  return { model: setUp.model, settings: setUp.settings, taskFolder: folder, environment };
}

async function thrownBy(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => expect.fail('Nothing was thrown.'),
    (error: unknown) => error,
  );
}

function expectUsageError(error: unknown): asserts error is RungError {
  expect(RungError.is(error), String(error)).toBe(true);
  expect(error).toMatchObject({ exitCode: 2 });
  expect((error as RungError).hint).toBeTruthy();
  expectNoKey(error);
}

function expectNoKey(error: unknown): void {
  const { message, hint, stack, cause } = error as RungError;
  expect(`${message}${hint}${stack}${JSON.stringify(cause)}`).not.toContain('secret');
}

const never = new AbortController().signal;
const request: ModelRequest = { messages: [{ role: 'user', content: asked }], maxOutputTokens: 8 };
const ids = providers.map((provider) => provider.id);

function providersWhere(condition: (setUp: SetUp) => boolean): [string, Provider][] {
  const known = setUps('http://127.0.0.1:1/v1');
  return providers.flatMap((provider): [string, Provider][] => {
    const setUp = known[provider.id];
    return setUp !== undefined && condition(setUp) ? [[provider.id, provider]] : [];
  });
}

test('the list is sorted, without doubles, and every provider is in this suite', () => {
  expect(ids).toEqual([...new Set(ids)].sort());
  expect(Object.keys(setUps('')).sort()).toEqual(ids);
});

test('every file that defines a provider is in the list', async () => {
  const files = (await readdir(import.meta.dirname)).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  const defining: string[] = [];
  for (const name of files) {
    if ((await readFile(join(import.meta.dirname, name), 'utf8')).includes('defineProvider({')) defining.push(name.slice(0, -3));
  }
  expect(defining.length).toBeGreaterThan(5);
  expect(ids).toEqual(expect.arrayContaining(defining));
});

describe.each(providersWhere(() => true))('%s', (id, provider) => {
  const here = () => setUps(server.baseUrl)[id] as SetUp;

  test('an unknown model is a usage error with a hint', async () => {
    expectUsageError(await thrownBy(provider.open({ ...optionsOf(here()), ...here().unknown })));
  });

  test('a wrong setting is a usage error that does not repeat its value', async () => {
    expectUsageError(await thrownBy(provider.open({ ...optionsOf(here()), settings: { ...here().settings, apiKey: key } })));
  });
});

test.each(providersWhere((setUp) => setUp.keyVariable !== undefined))(
  '%s: a missing key is a usage error that names the variable',
  async (id, provider) => {
    const setUp = setUps('https://models.example/v1')[id] as SetUp;
    const error = await thrownBy(provider.open({ ...optionsOf(setUp), environment: {} }));
    expectUsageError(error);
    expect(error.message).toContain(setUp.keyVariable);
  },
);

test.each(providersWhere((setUp) => setUp.absentPackage !== undefined))(
  '%s: where its package is absent, it says what to install',
  async (id, provider) => {
    const setUp = setUps(server.baseUrl)[id] as SetUp;
    const error = await thrownBy(provider.open(optionsOf(setUp)));
    expectUsageError(error);
    expect(error.hint).toContain(`npm install ${setUp.absentPackage}`);
  },
);

describe.each(providersWhere((setUp) => setUp.absentPackage === undefined && setUp.absent !== true))(
  'an opened model of %s',
  (id, provider) => {
    const options = () => optionsOf(setUps(server.baseUrl)[id] as SetUp);

    test('answers, and counts what it used', async () => {
      const model = await provider.open(options());
      expect(model.name.startsWith(id)).toBe(true);
      expect(model.concurrency.initial).toBeGreaterThan(0);
      expect(model.concurrency.maximum).toBeGreaterThanOrEqual(model.concurrency.initial);
      const { text, usage, finishReason } = await model.generate(request, { signal: never });
      if (id !== 'nano' && id !== 'transformers') expect(text).toBe('shipping');
      expect(['stop', 'length']).toContain(finishReason);
      // Recorded answers need not say what they took; everybody else does.
      expect(usage === null).toBe(id === 'replay');
      const { inputTokens, cachedInputTokens, outputTokens } = usage ?? { inputTokens: 1, cachedInputTokens: 0, outputTokens: 1 };
      for (const tokens of [inputTokens, cachedInputTokens, outputTokens]) expect(Number.isSafeInteger(tokens)).toBe(true);
      expect(inputTokens).toBeGreaterThan(0);
      expect(outputTokens).toBeGreaterThan(0);
      expect(cachedInputTokens).toBeGreaterThanOrEqual(0);
      expect(cachedInputTokens).toBeLessThanOrEqual(inputTokens);
      await model.close?.();
    });

    test('has the same fingerprint each time, and takes the price of the task', async () => {
      const model = await provider.open(options());
      const again = await provider.open({ ...options(), price: { perRequest: 0.5 } });
      expect(again.fingerprint).toBe(model.fingerprint);
      expect(again.price).toEqual({ perRequest: 0.5 });
      await Promise.all([model.close?.(), again.close?.()]);
    });

    test('does not begin when the signal is aborted, and says why', async () => {
      const model = await provider.open(options());
      const reason = new Error('stopped by the user');
      await expect(model.generate(request, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
      await model.close?.();
    });
  },
);

describe.each(providersWhere((setUp) => setUp.absentPackage === undefined && setUp.keyVariable !== undefined))(
  'a remote model of %s',
  (id, provider) => {
    const setUp = (baseUrl = server.baseUrl) => setUps(baseUrl)[id] as SetUp;

    test('ends a call under way when the signal is aborted', async () => {
      const model = await provider.open(optionsOf(setUp(slowServer.baseUrl)));
      expect(model.remote).toBe(true);
      const controller = new AbortController();
      const reason = new Error('stopped by the user');
      setTimeout(() => controller.abort(reason), 50);
      await expect(model.generate(request, { signal: controller.signal })).rejects.toBe(reason);
      await model.close?.();
    });

    test('maps a refused key and an unknown model, and shows no key', async () => {
      const { keyVariable = '' } = setUp();
      const unknown = await provider.open({ ...optionsOf(setUp()), model: 'unknown' });
      const refused = await provider.open({ ...optionsOf(setUp()), environment: { [keyVariable]: `${key}-wrong` } });
      const errors = await Promise.all([unknown, refused].map((opened) => thrownBy(opened.generate(request, { signal: never }))));
      expect(errors[0]).toMatchObject({ kind: 'rejected', status: 404, exitCode: 2, retryable: false });
      expect(errors[1]).toMatchObject({ kind: 'unauthorised', status: 401, retryable: false, hint: expect.stringContaining(keyVariable) });
      for (const error of errors) {
        expect(ModelError.is(error)).toBe(true);
        expectNoKey(error);
      }
      await Promise.all([unknown.close?.(), refused.close?.()]);
    });

    test('maps a server that is gone to a kind that can be tried again', async () => {
      const gone = await startFaultServer();
      await gone.close();
      const model = await provider.open(optionsOf(setUp(gone.baseUrl)));
      const error = await thrownBy(model.generate(request, { signal: never }));
      expect(error).toMatchObject({ kind: 'network', retryable: true });
      expectNoKey(error);
      await model.close?.();
    });
  },
);
