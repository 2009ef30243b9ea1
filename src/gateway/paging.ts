import { z } from 'zod';
import { invalid } from './wire-error.ts';

/** A page as OpenAI's clients walk through it: they ask on with the last id as `after`. */
export interface WirePage<Item> {
  readonly object: 'list';
  readonly data: readonly Item[];
  readonly first_id: string | null;
  readonly last_id: string | null;
  readonly has_more: boolean;
}

const querySchema = z.object({
  after: z.string().optional(),
  limit: z.coerce.number().int().min(1).optional(),
});

interface PageSize {
  readonly usual: number;
  readonly most: number;
}

/** The part of a list that a query asks for. A limit over the most is taken as the most. Throws status 400 for what cannot be. */
export function pageOf<Item extends { readonly id: string }>(items: readonly Item[], query: unknown, size: PageSize): WirePage<Item> {
  return pageBy(({ id }) => id, items, query, size);
}

/** The same of things whose ids are only made where they are needed. */
export function pageBy<Item>(
  idOf: (item: Item) => string,
  items: readonly Item[],
  query: unknown,
  { usual, most }: PageSize,
): WirePage<Item> {
  const read = querySchema.safeParse(query);
  if (!read.success) throw invalid('limit is a whole number of at least 1.', 'limit');
  const { after, limit = usual } = read.data;
  const from = after === undefined ? 0 : items.findIndex((item) => idOf(item) === after) + 1;
  if (after !== undefined && from === 0) throw invalid(`There is nothing with the id ${JSON.stringify(after)} to go on from.`, 'after');
  const data = items.slice(from, from + Math.min(limit, most));
  return {
    object: 'list',
    data,
    first_id: data[0] === undefined ? null : idOf(data[0]),
    last_id: data.length === 0 ? null : idOf(data.at(-1)!),
    has_more: from + data.length < items.length,
  };
}
