import { z } from 'zod';
import { inputError } from '#core/errors.ts';
import type { OpenModelOptions } from '#core/provider.ts';
import type { ChatModelOptions } from './chat-model.ts';
import { readSettings } from './settings.ts';

const chatSettings = z.strictObject({
  baseUrl: z.string().optional(),
  /** Variable that holds the key; null where the server wants none. */
  apiKeyEnv: z.string().min(1).nullable().optional(),
  timeoutMs: z.number().int().positive().max(3_600_000).optional(),
  stream: z.boolean().optional(),
  concurrency: z.number().int().positive().max(1024).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  contextLength: z.number().int().positive().optional(),
  maxTokensField: z.enum(['max_tokens', 'max_completion_tokens']).optional(),
  omitTemperature: z.boolean().optional(),
  /** Whether the server holds its answer to a JSON schema; 'tool': by the arguments of a function that it must call. */
  jsonSchema: z.union([z.boolean(), z.literal('tool')]).optional(),
  logProbabilities: z.boolean().optional(),
  embeddings: z.boolean().optional(),
  /** Id of the trainer that tunes this server's models; read by the trainers. */
  trainer: z.string().min(1).optional(),
});

export type ChatSettings = z.infer<typeof chatSettings>;

/** What a provider of chat servers says where the task says nothing. */
export interface ChatDefaults {
  readonly provider: string;
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens';
  readonly omitTemperature: boolean;
  readonly can: { readonly jsonSchema: boolean; readonly logProbabilities: boolean };
  /** How vectors are asked for: base64 is the shorter, and not every server knows it. */
  readonly embeddings: 'base64' | 'float';
}

/** Names of models that make vectors: text-embedding-3-small, nomic-embed-text. A setting decides where this guess is wrong. */
const embeddingModel = /embed/i;

const defaultTimeoutMs = 60_000;
const defaultConcurrency = { initial: 8, maximum: 32 };

export function readChatSettings(options: OpenModelOptions, provider: string): ChatSettings {
  return readSettings(chatSettings, options.settings, provider);
}

/** Reads a server's address. Throws a usage error where it is none, or holds a password that would show up in messages. */
export function readBaseUrl(text: string, provider: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && (url.protocol === 'http:' || url.protocol === 'https:') && url.username === '' && url.password === '')
    return url;
  throw inputError({
    code: 'base-url',
    message: `The baseUrl of the provider ${provider} is not an http or https address without user name and password.`,
    hint: 'Write it as http://127.0.0.1:11434/v1, and give a key through the variable that apiKeyEnv names.',
  });
}

export function isLoopback(url: URL): boolean {
  const host = url.hostname;
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127(\.\d+){3}$/.test(host);
}

/** Settings and defaults together, as the part of a chat model's options that does not depend on the key. */
export function chatModelOptions(
  options: OpenModelOptions,
  settings: ChatSettings,
  defaults: ChatDefaults,
): Omit<ChatModelOptions, 'baseUrl' | 'key' | 'keyVariable'> {
  if (options.model.trim() === '') {
    throw inputError({
      code: 'unknown-model',
      message: `The model name of the provider ${defaults.provider} is empty.`,
      hint: `Write it as ${defaults.provider}/MODEL.`,
    });
  }
  const { concurrency } = settings;
  const jsonSchema = settings.jsonSchema ?? defaults.can.jsonSchema;
  return {
    name: `${defaults.provider}/${options.model}`,
    dialect: {
      model: options.model,
      maxTokensField: settings.maxTokensField ?? defaults.maxTokensField,
      omitTemperature: settings.omitTemperature ?? defaults.omitTemperature,
      ...(settings.stream !== undefined && { stream: settings.stream }),
      schemaBy: jsonSchema === 'tool' ? 'tool' : 'format',
    },
    headers: settings.headers ?? {},
    timeoutMs: settings.timeoutMs ?? defaultTimeoutMs,
    concurrency: concurrency === undefined ? defaultConcurrency : { initial: concurrency, maximum: concurrency },
    can: {
      jsonSchema: jsonSchema !== false,
      ...(jsonSchema === 'tool' ? { tools: true } : {}),
      logProbabilities: settings.logProbabilities ?? defaults.can.logProbabilities,
    },
    price: options.price,
    priceIsAssumed: options.price === undefined ? undefined : true,
    contextLength: settings.contextLength,
    ...((settings.embeddings ?? embeddingModel.test(options.model)) ? { embeddings: defaults.embeddings } : {}),
  };
}
