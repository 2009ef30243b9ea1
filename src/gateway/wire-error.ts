import { exitCodes, messageOf, RungError } from '#core/errors.ts';
import { ModelError, type ModelErrorKind } from '#core/model-error.ts';

interface WireErrorDetails {
  readonly type?: string;
  readonly param?: string | null;
  readonly code?: string | null;
  /** Seconds after which asking again may help. */
  readonly retryAfter?: number;
}

/** A refusal in the words that OpenAI's clients read: a status and `{error: {message, type, param, code}}`. */
export class WireError extends Error {
  readonly status: number;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
  readonly retryAfter: number | undefined;

  constructor(status: number, message: string, details: WireErrorDetails = {}) {
    super(message);
    this.name = 'WireError';
    this.status = status;
    this.type = details.type ?? (status >= 500 ? 'server_error' : 'invalid_request_error');
    this.param = details.param ?? null;
    this.code = details.code ?? null;
    this.retryAfter = details.retryAfter;
  }

  body(): { error: { message: string; type: string; param: string | null; code: string | null } } {
    return { error: { message: this.message, type: this.type, param: this.param, code: this.code } };
  }
}

/** Status 400: what was asked cannot be. */
export function invalid(message: string, param: string | null = null, code: string | null = null): WireError {
  return new WireError(400, message, { param, code });
}

/** Status 404 for a model name that nobody here answers to. */
export function unknownModel(model: string, known: readonly string[]): WireError {
  const shown = known.slice(0, 8).join(', ');
  return new WireError(404, `The model ${JSON.stringify(model)} does not exist here. Models are: ${shown || 'none'}.`, {
    param: 'model',
    code: 'model_not_found',
  });
}

const statusOfKind: Partial<Record<ModelErrorKind, number>> = { 'context-exceeded': 400, 'rate-limited': 429, timeout: 504 };

// Codes of the frame's own refusals, and what clients know them as.
const frameErrors: Readonly<Record<string, { readonly status: number; readonly message: string }>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { status: 415, message: 'Send JSON with the header Content-Type: application/json.' },
  FST_ERR_CTP_BODY_TOO_LARGE: { status: 413, message: 'The request body is longer than this server takes.' },
  FST_ERR_CTP_EMPTY_JSON_BODY: { status: 400, message: 'The request body is empty.' },
  FST_ERR_CTP_INVALID_JSON_BODY: { status: 400, message: 'The request body is not JSON.' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: { status: 400, message: 'The request body is not as long as its header says.' },
  FST_INVALID_MULTIPART_CONTENT_TYPE: { status: 415, message: 'Send the file as multipart/form-data with the fields purpose and file.' },
  FST_REQ_FILE_TOO_LARGE: { status: 413, message: 'The file is larger than this server takes.' },
};

/** Any thrown value as a refusal; what is not ours says nothing of the inside. */
export function wireErrorOf(error: unknown): WireError {
  if (error instanceof WireError) return error;
  if (ModelError.is(error)) {
    const status = statusOfKind[error.kind] ?? 502;
    const code = error.kind === 'context-exceeded' ? 'context_length_exceeded' : error.kind.replaceAll('-', '_');
    return new WireError(status, sentences(error), { param: error.kind === 'context-exceeded' ? 'messages' : null, code });
  }
  if (RungError.is(error)) {
    return new WireError(error.exitCode === exitCodes.usage ? 400 : 500, sentences(error), { code: error.code.replaceAll('-', '_') });
  }
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  if (error instanceof RangeError && error.message.includes('call stack')) return invalid('The request is nested too deeply.');
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new WireError(507, 'The disk of the server is full; nothing of the request was kept.', { code: 'disk_full' });
  }
  const known = typeof code === 'string' ? frameErrors[code] : undefined;
  if (known !== undefined) return new WireError(known.status, known.message);
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) return new WireError(statusCode, messageOf(error));
  return new WireError(500, 'The server had an error while it answered; its log says more.');
}

function sentences({ message, hint }: { message: string; hint?: string | undefined }): string {
  return hint === undefined ? message : `${message} ${hint}`;
}
