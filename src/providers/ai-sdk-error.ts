import { AISDKError, APICallError } from '@ai-sdk/provider';
import { exitCodes, messageOf } from '#core/errors.ts';
import { isJsonObject } from '#core/json.ts';
import { ModelError } from '#core/model-error.ts';
import { badResponse, quotable, replyError, type ServiceIdentity, transportError } from '#http/service-error.ts';

const unreadableReplies: ReadonlySet<string> = new Set([
  'AI_EmptyResponseBodyError',
  'AI_InvalidResponseDataError',
  'AI_JSONParseError',
  'AI_NoContentGeneratedError',
  'AI_TypeValidationError',
]);

function callError(error: APICallError, service: ServiceIdentity): ModelError {
  const { statusCode: status, responseHeaders: headers = {}, responseBody } = error;
  if (status === undefined) return transportError(error, service, false);
  if (status < 400) return badResponse(service, 'the reply could not be read', status);
  const body = responseBody ?? JSON.stringify({ error: { message: error.message } });
  return replyError({ status, headers, body }, service, Date.now());
}

/** The error for anything that an AI SDK model threw. Its own error values hold the whole request, so none is kept as a cause. */
export function aiSdkError(error: unknown, service: ServiceIdentity): ModelError {
  if (ModelError.is(error)) return error;
  if (APICallError.isInstance(error)) return callError(error, service);
  if (!AISDKError.isInstance(error)) {
    const isConnection = isJsonObject(error) && (typeof error['code'] === 'string' || error['cause'] !== undefined);
    if (isConnection) return transportError(error, service, false);
    return new ModelError({ kind: 'rejected', message: `${service.name} failed: ${quotable(messageOf(error), service.key)}` });
  }
  if (unreadableReplies.has(error.name)) return badResponse(service, 'the reply could not be read');
  if (error.name === 'AI_LoadAPIKeyError') {
    return new ModelError({
      kind: 'unauthorised',
      message: `${service.name} has no key.`,
      hint: `Set the environment variable ${service.keyVariable}.`,
    });
  }
  return new ModelError({
    kind: 'rejected',
    message: `${service.name} refused the request: ${quotable(error.message, service.key)}`,
    exitCode: error.name === 'AI_NoSuchModelError' ? exitCodes.usage : undefined,
  });
}
