import type { IncomingMessage } from 'node:http';
import type { ChatRequestBody } from './chat-reply.ts';

/** What a server does not do, and who may ask it. */
export interface ServerLimits {
  /** Requests without `Authorization: Bearer KEY` get status 401 where this is set. */
  readonly key?: string;
  /** Models it knows; others get status 404. All unless told. */
  readonly models?: readonly string[];
  /** False: a request for a JSON schema is refused with status 400. */
  readonly jsonSchema?: boolean;
  /** False: a request with tools is refused with status 400. */
  readonly tools?: boolean;
  /** False: a request for log-probabilities is refused with status 403. */
  readonly logProbabilities?: boolean;
  /** The vector of a text; without it the server has no embeddings. */
  readonly embed?: (text: string) => readonly number[];
}

export interface Refusal {
  readonly status: number;
  readonly body: string;
}

/** An error body as OpenAI writes it. */
export function errorJson(
  message: string,
  code: string | null,
  type: string = code ?? 'invalid_request_error',
  param: string | null = null,
) {
  return JSON.stringify({ error: { message, type, param, code } });
}

const unsupported = 'invalid_request_error';

/** Why a server turns a request down before it looks at the messages; undefined where it does not. */
export function refusalOf(request: IncomingMessage, body: string, limits: ServerLimits): Refusal | undefined {
  const { key, models, embed } = limits;
  const paths = ['/v1/chat/completions', ...(embed === undefined ? [] : ['/v1/embeddings'])];
  if (request.method !== 'POST' || !paths.includes(request.url ?? '')) {
    return { status: 404, body: errorJson('There is no such path.', 'not_found') };
  }
  const given = request.headers.authorization;
  if (key !== undefined && given !== `Bearer ${key}`) {
    return { status: 401, body: errorJson(`Incorrect API key provided: ${given ?? 'none'}`, 'invalid_api_key') };
  }
  const asked = JSON.parse(body) as ChatRequestBody;
  if (models !== undefined && !models.includes(asked.model)) {
    return { status: 404, body: errorJson('The model does not exist.', 'model_not_found') };
  }
  if (limits.jsonSchema === false && asked.response_format?.type === 'json_schema') {
    const message = "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.";
    return { status: 400, body: errorJson(message, null, unsupported, 'response_format') };
  }
  if (limits.tools === false && asked.tools !== undefined) {
    return { status: 400, body: errorJson("Unsupported parameter: 'tools' is not supported with this model.", null, unsupported, 'tools') };
  }
  if (limits.logProbabilities === false && asked.logprobs === true) {
    return { status: 403, body: errorJson('You are not allowed to request logprobs from this model.', null) };
  }
  return undefined;
}
