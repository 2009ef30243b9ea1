import { isJsonObject } from '#core/json.ts';
import type { GenerateOptions } from '#core/model.ts';
import { badResponse, type ServiceIdentity } from '#http/service-error.ts';

/** What a stream came to, in the shape of a whole result. */
interface StreamedResult {
  readonly content: readonly { readonly type: 'text'; readonly text: string }[];
  readonly finishReason: unknown;
  readonly usage: unknown;
  /** Absent where no text came. */
  readonly firstTokenMs?: number;
}

/**
 * Puts the result of `doStream` together, whose parts are the same in versions 2 to 4 as far as they are used here. Times
 * count from `begun`, on the clock of `performance`. Throws what the stream throws or holds as an error, and where it ends
 * before its last part.
 */
export async function readAiSdkStream(
  result: unknown,
  begun: number,
  service: ServiceIdentity,
  onPiece?: GenerateOptions['onPiece'],
): Promise<StreamedResult> {
  const stream = isJsonObject(result) ? result['stream'] : undefined;
  if (!(stream instanceof ReadableStream)) throw badResponse(service, 'the result has no stream');
  const texts: string[] = [];
  let firstTokenMs: number | undefined;
  for await (const part of stream as AsyncIterable<unknown>) {
    if (!isJsonObject(part)) continue;
    if (part['type'] === 'error') throw part['error'] instanceof Error ? part['error'] : badResponse(service, 'the stream holds an error');
    if (part['type'] === 'text-delta' && typeof part['delta'] === 'string' && part['delta'] !== '') {
      firstTokenMs ??= performance.now() - begun;
      texts.push(part['delta']);
      onPiece?.({ text: part['delta'] });
    }
    if (part['type'] !== 'finish') continue;
    const content = texts.length === 0 ? [] : [{ type: 'text' as const, text: texts.join('') }];
    const { finishReason, usage } = part;
    return { content, finishReason, usage, ...(firstTokenMs === undefined ? {} : { firstTokenMs }) };
  }
  throw badResponse(service, 'the stream broke off');
}
