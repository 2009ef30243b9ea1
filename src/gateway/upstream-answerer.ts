import { isJsonObject } from '#core/json.ts';
import type { Answerer, Asked } from './served-model.ts';
import type { Upstream } from './upstream.ts';
import { WireError } from './wire-error.ts';

/** What a model server wants in a request beside the request itself: the model's name there, the adapter. */
export interface UpstreamTarget {
  /** Makes sure that the server has it, and says how it is asked for. `again` after the server did not know it any more. */
  fields(signal: AbortSignal, again: boolean): Promise<Readonly<Record<string, unknown>>>;
}

/** Hands requests on to a model server and its answers back, under the name that was asked for. */
export function upstreamAnswerer(upstream: Upstream, target: UpstreamTarget): Answerer {
  const bodyFor = async ({ body, signal }: Asked, again: boolean, more: object = {}) => ({
    ...body,
    ...more,
    ...(await target.fields(signal, again)),
  });
  return {
    async complete(asked) {
      let reply = await upstream.ask('chat/completions', await bodyFor(asked, false), asked.signal);
      // a server that was started anew has forgotten what it was given
      if (reply.status === 404) reply = await upstream.ask('chat/completions', await bodyFor(asked, true), asked.signal);
      if (reply.status !== 200) throw upstream.refusal(reply.status, reply.text);
      return { ...completionOf(reply.text), id: asked.id, model: asked.head.model };
    },
    async *stream(asked) {
      const named = { id: asked.id, model: asked.head.model };
      for await (const event of upstream.events('chat/completions', (again) => bodyFor(asked, again, { stream: true }), asked.signal)) {
        if (isJsonObject(event['error']))
          throw new WireError(502, 'The model server ended the stream with an error.', { code: 'bad_response' });
        yield { ...event, ...named };
      }
    },
  };
}

function completionOf(text: string): object {
  try {
    const body: unknown = JSON.parse(text);
    if (isJsonObject(body) && Array.isArray(body['choices'])) return body;
  } catch {
    // told below
  }
  throw new WireError(502, 'The model server gave no usable answer.', { code: 'bad_response' });
}
