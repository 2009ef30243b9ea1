import { inputError } from '#core/errors.ts';
import { defineProvider } from '#core/provider.ts';
import { readKey } from '#http/api-key.ts';
import { openChatModel } from './chat-model.ts';
import { chatModelOptions, isLoopback, readBaseUrl, readChatSettings } from './chat-settings.ts';

const id = 'openai';
const publicBaseUrl = 'https://api.openai.com/v1';
const usualVariable = 'OPENAI_API_KEY';

/**
 * Reasoning models, which refuse a temperature (OpenAI API guide, "Reasoning models").
 * A setting decides where this guess is wrong.
 */
const reasoningModel = /^(o\d|gpt-5(?!.*chat))/;

/** OpenAI's own service. Prices are taken from the task: none ship with this provider. */
export const openai = defineProvider({
  id,
  summary: "OpenAI's models over its public API.",
  async open(options) {
    const settings = readChatSettings(options, id);
    const baseUrl = readBaseUrl(settings.baseUrl ?? publicBaseUrl, id);
    const keyVariable = settings.apiKeyEnv ?? usualVariable;
    if (settings.apiKeyEnv === null && !isLoopback(baseUrl)) {
      throw inputError({
        code: 'key-missing',
        message: `The provider ${id} cannot go without a key.`,
        hint: `Set ${usualVariable}, and leave apiKeyEnv out of the task file.`,
      });
    }
    const key =
      settings.apiKeyEnv === null
        ? undefined
        : readKey({ provider: id, variable: keyVariable, environment: options.environment, required: !isLoopback(baseUrl) });
    const defaults = {
      provider: id,
      maxTokensField: 'max_completion_tokens',
      omitTemperature: reasoningModel.test(options.model),
      can: { jsonSchema: true, logProbabilities: !reasoningModel.test(options.model) },
      embeddings: 'base64',
    } as const;
    return openChatModel({ ...chatModelOptions(options, settings, defaults), baseUrl, key, keyVariable });
  },
});
