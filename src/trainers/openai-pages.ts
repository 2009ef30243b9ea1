import { listIn, textIn } from './hosted-reply.ts';
import type { HostedCall } from './hosted-service.ts';

export type Reply = Readonly<Record<string, unknown>>;

const perPage = '100';

/**
 * The pages of a list of OpenAI's API (`after`, `limit`, `has_more`), each asked for once it is wanted: at most so many, since a
 * list may be of all that an account ever had.
 */
export async function* openaiPages(
  { client, signal }: Pick<HostedCall, 'client' | 'signal'>,
  path: string,
  { most, query = {} }: { readonly most: number; readonly query?: Readonly<Record<string, string>> },
): AsyncGenerator<readonly Reply[]> {
  let after: string | undefined;
  for (let page = 0; page < most; page++) {
    const reply = await client.json({ path, query: { ...query, limit: perPage, ...(after === undefined ? {} : { after }) }, signal });
    const members = listIn(reply, 'data');
    yield members;
    after = textIn(members.at(-1) ?? {}, 'id');
    if (reply['has_more'] !== true || after === undefined) return;
  }
}
