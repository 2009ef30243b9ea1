import { inputError, messageOf } from '#core/errors.ts';
import { isJsonObject } from '#core/json.ts';

/** An AI SDK package that a task file may name; nothing else is ever loaded by name. */
export interface AiSdkPackage {
  readonly name: string;
  /** Exports that make a provider, newest spelling first. */
  readonly factories: readonly string[];
  /** The variable that the package itself reads its key from. */
  readonly keyVariable: string;
  /** Makes the model where the provider itself would not do. */
  readonly method?: string;
}

/** What each package exports and where it looks for its key, sorted by name. */
export const aiSdkPackages: readonly AiSdkPackage[] = [
  { name: '@ai-sdk/anthropic', factories: ['createAnthropic'], keyVariable: 'ANTHROPIC_API_KEY' },
  { name: '@ai-sdk/cerebras', factories: ['createCerebras'], keyVariable: 'CEREBRAS_API_KEY' },
  { name: '@ai-sdk/cohere', factories: ['createCohere'], keyVariable: 'COHERE_API_KEY' },
  { name: '@ai-sdk/deepinfra', factories: ['createDeepInfra'], keyVariable: 'DEEPINFRA_API_KEY' },
  { name: '@ai-sdk/deepseek', factories: ['createDeepSeek'], keyVariable: 'DEEPSEEK_API_KEY' },
  { name: '@ai-sdk/fireworks', factories: ['createFireworks'], keyVariable: 'FIREWORKS_API_KEY' },
  { name: '@ai-sdk/google', factories: ['createGoogle', 'createGoogleGenerativeAI'], keyVariable: 'GOOGLE_GENERATIVE_AI_API_KEY' },
  { name: '@ai-sdk/groq', factories: ['createGroq'], keyVariable: 'GROQ_API_KEY' },
  { name: '@ai-sdk/mistral', factories: ['createMistral'], keyVariable: 'MISTRAL_API_KEY' },
  // Chat completions, which servers at another baseUrl speak too; by itself it would ask the Responses API.
  { name: '@ai-sdk/openai', factories: ['createOpenAI'], keyVariable: 'OPENAI_API_KEY', method: 'chat' },
  { name: '@ai-sdk/perplexity', factories: ['createPerplexity'], keyVariable: 'PERPLEXITY_API_KEY' },
  { name: '@ai-sdk/togetherai', factories: ['createTogetherAI'], keyVariable: 'TOGETHER_API_KEY' },
  { name: '@ai-sdk/xai', factories: ['createXai'], keyVariable: 'XAI_API_KEY' },
];

export interface ProviderFactoryOptions {
  readonly apiKey: string | undefined;
  readonly baseURL: string | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;
}

/** Makes language model values: the provider of a package, bound to a key. */
export type ModelFactory = (model: string) => unknown;

/** Loads a package of the list where it is installed. Throws a usage error with the command that installs it. */
export async function loadAiSdkPackage(entry: AiSdkPackage, options: ProviderFactoryOptions): Promise<ModelFactory> {
  let loaded: unknown;
  try {
    loaded = await import(entry.name);
  } catch (error) {
    throw inputError({
      code: 'package-missing',
      message:
        isJsonObject(error) && error['code'] === 'ERR_MODULE_NOT_FOUND'
          ? `The package ${entry.name} is not installed.`
          : `The package ${entry.name} could not be loaded: ${messageOf(error)}.`,
      hint: `Run npm install ${entry.name}`,
    });
  }
  const factory = isJsonObject(loaded)
    ? entry.factories.map((name) => loaded[name]).find((value) => typeof value === 'function')
    : undefined;
  const provider: unknown = factory?.(options);
  const make = entry.method === undefined ? provider : (provider as Record<string, unknown> | undefined)?.[entry.method];
  if (typeof make === 'function') return (model) => make(model);
  throw inputError({
    code: 'package-unknown-version',
    message: `The installed version of ${entry.name} has no ${entry.factories.join(' or ')}.`,
    hint: `Run npm install ${entry.name}@latest`,
  });
}
