import { z } from 'zod';
import { inputError } from '#core/errors.ts';
import type { Model } from '#core/model.ts';
import { defineProvider, type OpenModelOptions, type Provider } from '#core/provider.ts';
import { readKey } from '#http/api-key.ts';
import { fromAiSdk, isAiSdkModel } from './ai-sdk-model.ts';
import { aiSdkPackages, loadAiSdkPackage } from './ai-sdk-packages.ts';
import { readBaseUrl } from './chat-settings.ts';
import { readSettings } from './settings.ts';

const serviceSettings = z.strictObject({
  apiKeyEnv: z.string().min(1).optional(),
  baseUrl: z.string().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  timeoutMs: z.number().int().positive().max(3_600_000).optional(),
  concurrency: z.number().int().positive().max(1024).optional(),
  contextLength: z.number().int().positive().optional(),
  jsonSchema: z.boolean().optional(),
  stream: z.boolean().optional(),
});
const packageSettings = serviceSettings.extend({ package: z.string().optional() });

const id = 'ai-sdk';

/** Any AI SDK package of the list, named by the setting `package`; takes in AI SDK model values that a task passes. */
export const aiSdk = defineProvider({
  id,
  summary: 'Any model of the AI SDK: by package name, or as a value in task.ts.',
  async open(options) {
    const { package: packageName, ...settings } = readSettings(packageSettings, options.settings, id);
    return openPackage(id, packageName ?? '', options, settings);
  },
  adopt: (value, { price }) => (isAiSdkModel(value) ? fromAiSdk(value, { price }) : undefined),
});

/** A provider for one model service whose AI SDK package is loaded when its first model is opened. */
export function aiSdkService(serviceId: string, packageName: string): Provider {
  return defineProvider({
    id: serviceId,
    summary: `Models of ${serviceId}, through the package ${packageName}.`,
    open: async (options) => openPackage(serviceId, packageName, options, readSettings(serviceSettings, options.settings, serviceId)),
  });
}

async function openPackage(
  provider: string,
  packageName: string,
  options: OpenModelOptions,
  settings: z.infer<typeof serviceSettings>,
): Promise<Model> {
  const entry = aiSdkPackages.find((candidate) => candidate.name === packageName);
  if (entry === undefined || options.model.trim() === '') {
    throw inputError({
      code: 'unknown-model',
      message:
        entry === undefined
          ? `The provider ${provider} knows no AI SDK package ${JSON.stringify(packageName)}.`
          : `The model name of the provider ${provider} is empty.`,
      hint:
        entry === undefined
          ? `Set "package" to one of ${aiSdkPackages.map((candidate) => candidate.name).join(', ')}, or pass a model value in task.ts.`
          : `Write it as ${provider}/MODEL.`,
    });
  }
  const baseUrl = settings.baseUrl === undefined ? undefined : readBaseUrl(settings.baseUrl, provider);
  const keyVariable = settings.apiKeyEnv ?? entry.keyVariable;
  const key = readKey({ provider, variable: keyVariable, environment: options.environment, required: true });
  const makeModel = await loadAiSdkPackage(entry, { apiKey: key, baseURL: baseUrl?.href.replace(/\/$/, ''), headers: settings.headers });
  const model = makeModel(options.model);
  if (!isAiSdkModel(model)) {
    throw inputError({
      code: 'package-unknown-version',
      message: `The installed version of ${packageName} makes no language model that can be used here.`,
      hint: `Run npm install ${packageName}@latest`,
    });
  }
  const { concurrency, timeoutMs, contextLength, jsonSchema, stream } = settings;
  return fromAiSdk(model, {
    name: `${provider}/${options.model}`,
    price: options.price,
    concurrency: concurrency === undefined ? undefined : { initial: concurrency, maximum: concurrency },
    timeoutMs,
    contextLength,
    can: { jsonSchema },
    stream,
    key,
    keyVariable,
  });
}
