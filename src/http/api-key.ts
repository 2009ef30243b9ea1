import { inputError } from '#core/errors.ts';

export interface KeyRequest {
  readonly provider: string;
  /** Name of the environment variable that holds the key. */
  readonly variable: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly required: boolean;
  /** Replaces the usual advice where the key is absent. */
  readonly hint?: string;
}

// Visible ASCII: anything else cannot stand in an HTTP header and comes from a faulty copy.
const sendable = /^[\x21-\x7e]+$/;

/** The key from the environment, trimmed. Throws a usage error that names the variable, never its value. */
export function readKey(request: KeyRequest): string | undefined {
  const { provider, variable } = request;
  const key = request.environment[variable]?.trim();
  if (key === undefined || key === '') {
    if (!request.required) return undefined;
    throw inputError({
      code: 'key-missing',
      message: `The provider ${provider} needs a key, and the environment variable ${variable} is not set.`,
      hint: request.hint ?? `Set ${variable} in the environment or in the file .env.`,
    });
  }
  if (sendable.test(key)) return key;
  throw inputError({
    code: 'key-unusable',
    message: `The key in the environment variable ${variable} holds characters that no HTTP header can carry.`,
    hint: `Copy it again into ${variable}, without quotes, spaces or line breaks.`,
  });
}
