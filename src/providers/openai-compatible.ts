import { inputError } from '#core/errors.ts';
import { defineProvider } from '#core/provider.ts';
import { readKey } from '#http/api-key.ts';
import { openChatModel } from './chat-model.ts';
import { chatModelOptions, isLoopback, readBaseUrl, readChatSettings } from './chat-settings.ts';

const id = 'openai-compatible';
const usualVariable = 'OPENAI_COMPATIBLE_API_KEY';

/** Any server that speaks OpenAI's chat API: Ollama, vLLM, llama.cpp and others. Needs `baseUrl`. */
export const openaiCompatible = defineProvider({
  id,
  summary: "Any server that speaks OpenAI's chat API, by its baseUrl.",
  async open(options) {
    const settings = readChatSettings(options, id);
    if (settings.baseUrl === undefined) {
      throw inputError({
        code: 'base-url',
        message: `The provider ${id} does not know where the model ${JSON.stringify(options.model)} is served.`,
        hint: 'Set baseUrl in its entry under "providers:" in the task file, for example http://127.0.0.1:11434/v1.',
      });
    }
    const baseUrl = readBaseUrl(settings.baseUrl, id);
    const keyVariable = settings.apiKeyEnv ?? usualVariable;
    const key =
      settings.apiKeyEnv === null
        ? undefined
        : readKey({
            provider: id,
            variable: keyVariable,
            environment: options.environment,
            required: settings.apiKeyEnv !== undefined || !isLoopback(baseUrl),
            hint: `Set ${keyVariable} in the environment or in the file .env, or "apiKeyEnv: null" where the server wants no key.`,
          });
    const defaults = {
      provider: id,
      maxTokensField: 'max_tokens',
      omitTemperature: false,
      can: { jsonSchema: false, logProbabilities: false },
      embeddings: 'float',
    } as const;
    return openChatModel({ ...chatModelOptions(options, settings, defaults), baseUrl, key, keyVariable });
  },
});
