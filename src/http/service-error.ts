import { exitCodes } from '#core/errors.ts';
import { isJsonObject } from '#core/json.ts';
import { ModelError, type ModelErrorKind } from '#core/model-error.ts';

/** Longest piece of a service's own words that a message repeats. */
const quotedCharacters = 200;

/** What the mapping of faults must know of the service. */
export interface ServiceIdentity {
  /** `provider/model`, for the sentence. */
  readonly name: string;
  /** The variable that holds the key, for the hint. */
  readonly keyVariable: string;
  /** Masked wherever a service repeats it. */
  readonly key: string | undefined;
}

export interface ServiceReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** What follows the path of an address: with a signed link it is as good as a key. */
const afterPath = /(?<=https?:\/\/[^\s?#"<>]*)[?#][^\s"<>]+/gi;

/**
 * Text from a service, fit to be shown: the key and what may sign a link masked, control and formatting characters removed, at
 * most 200 characters.
 */
export function quotable(text: string, key: string | undefined): string {
  const masked = key === undefined ? text : text.replaceAll(key, '[key]');
  const plain = masked
    .replace(afterPath, '?…')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  const characters = Array.from(plain.slice(0, 2 * quotedCharacters));
  return characters.length > quotedCharacters ? `${characters.slice(0, quotedCharacters - 1).join('')}…` : plain;
}

/**
 * Milliseconds that a service asks to wait: `retry-after-ms`, or `retry-after` as seconds or as an HTTP date
 * (RFC 9110, 10.2.3). `now` is in milliseconds since 1970. Undefined where it says nothing readable.
 */
export function retryAfterMs(headers: ServiceReply['headers'], now: number): number | undefined {
  const precise = Number(first(headers['retry-after-ms']) ?? Number.NaN);
  if (precise >= 0) return Math.round(precise);
  const text = first(headers['retry-after'])?.trim();
  if (text === undefined || text === '') return undefined;
  const seconds = Number(text);
  if (!Number.isNaN(seconds)) return seconds >= 0 ? Math.round(seconds * 1000) : undefined;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

interface ErrorWords {
  readonly message: string | undefined;
  readonly code: string | undefined;
}

// Services put it as {error: {message, code|type}}, {error: "…"}, {message}, or {detail}.
function errorWords(body: string): ErrorWords {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    const text = body.trim();
    return { message: text === '' || text.startsWith('<') ? undefined : text, code: undefined };
  }
  if (!isJsonObject(parsed)) return { message: undefined, code: undefined };
  const inner = isJsonObject(parsed['error']) ? parsed['error'] : parsed;
  const message = [inner['message'], inner['detail'], parsed['error']].find((part) => typeof part === 'string');
  const code = [inner['code'], inner['type']].find((part) => typeof part === 'string');
  return { message: message as string | undefined, code: code as string | undefined };
}

const contextWords = /context[ _-]?(length|window|size)|maximum context|prompt is too long|too many (input )?tokens/i;
const quotaCodes: ReadonlySet<string> = new Set(['insufficient_quota', 'billing_hard_limit_reached']);

function kindOf(status: number, words: ErrorWords): ModelErrorKind {
  if (status === 401 || status === 403) return 'unauthorised';
  if (status === 429) return quotaCodes.has(words.code ?? '') ? 'rejected' : 'rate-limited';
  if (status === 408) return 'timeout';
  if (status >= 500) return 'overloaded';
  const aboutContext = words.code === 'context_length_exceeded' || contextWords.test(words.message ?? '');
  return (status === 400 || status === 413 || status === 422) && aboutContext ? 'context-exceeded' : 'rejected';
}

function hintFor(kind: ModelErrorKind, status: number, service: ServiceIdentity): string | undefined {
  if (kind === 'unauthorised') return `Check the key in the environment variable ${service.keyVariable} and what it is allowed to do.`;
  if (kind === 'context-exceeded') return 'Shorten the input or the prompt, or choose a model with a longer context.';
  if (status === 404) return "Check the model's name, and baseUrl where the task sets it.";
  if (status === 429 && kind === 'rejected') return "Check the account's credit and spending limit.";
  return undefined;
}

/** A key as it is shown in part: sk-ab***yz. */
const partOfKey = /\S*(?:[*•]{2}|…|\.{3})\S*/g;

/** The error for a reply that is not a success. An unknown model (404) is a usage error. `now` in milliseconds since 1970. */
export function replyError(reply: ServiceReply, service: ServiceIdentity, now: number): ModelError {
  const words = errorWords(reply.body);
  const kind = kindOf(reply.status, words);
  // A service that does not know a key tends to repeat parts of it, so its words are left out there.
  const told = (reply.status === 401 ? undefined : words.message) ?? '';
  const said = quotable(reply.status === 403 ? told.replace(partOfKey, '[key]') : told, service.key);
  return new ModelError({
    kind,
    message: `${service.name} answered with HTTP status ${reply.status}${said === '' ? '.' : `: ${said}`}`,
    hint: hintFor(kind, reply.status, service),
    status: reply.status,
    retryAfterMs: retryAfterMs(reply.headers, now),
    exitCode: reply.status === 404 ? exitCodes.usage : undefined,
  });
}

/** The error for a reply that came as a success and is no usable answer. */
export function badResponse(service: ServiceIdentity, what: string, status?: number): ModelError {
  return new ModelError({ kind: 'bad-response', message: `${service.name} gave no usable answer: ${what}.`, status });
}

const timeoutCodes: ReadonlySet<string> = new Set([
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'ETIMEDOUT',
]);

/** The error for a connection that failed. `answering` is true once the service had begun its reply. */
export function transportError(error: unknown, service: ServiceIdentity, answering: boolean): ModelError {
  if (ModelError.is(error)) return error;
  const code = isJsonObject(error) && typeof error['code'] === 'string' ? error['code'] : '';
  if (timeoutCodes.has(code)) return new ModelError({ kind: 'timeout', message: `${service.name} did not answer in time.` });
  if (answering) return badResponse(service, 'the reply broke off');
  return new ModelError({
    kind: 'network',
    message: `${service.name} could not be reached: ${quotable(error instanceof Error ? error.message : String(error), service.key)}`,
    hint: 'Check that the server is running and that the network reaches it.',
  });
}
