import type { DataFormat } from '#core/data-format.ts';
import type { DataRow } from '#core/data-row.ts';
import { isUnreadable } from '#data/unreadable-row.ts';
import type { PlannedMix, PlannedPart } from './mix-plan.ts';

/** What the format of the file cannot say of rows that came in another format, by field. */
export interface MixLosses {
  readonly lost: ReadonlyMap<string, number>;
}

/**
 * The rows of a mix in the order in which they are written: the file's own in their order, the others spread evenly between those
 * that are trained on. Reads every file once more.
 */
export function mixedRows({ own, parts }: PlannedMix): { readonly rows: AsyncGenerator<DataRow>; readonly losses: MixLosses } {
  const lost = new Map<string, number>();
  const hasSides = own.sides.train + own.sides.validation + own.sides.test > 0;
  async function* rows(): AsyncGenerator<DataRow> {
    const streams = parts.map((part) => ({ part, rows: takenRows(part), given: 0 }));
    let seen = 0;
    for await (const row of own.rows) {
      if (isUnreadable(row)) continue;
      yield row;
      if (row.split !== undefined && row.split !== 'train') continue;
      seen += 1;
      for (const stream of streams) {
        const due = Math.floor((stream.part.taken.length * seen) / own.training);
        for (; stream.given < due; stream.given += 1) {
          const next = await stream.rows.next();
          if (next.done) break;
          yield fitted(next.value, stream.part, own.format, hasSides, lost);
        }
      }
    }
  }
  return { rows: rows(), losses: { lost } };
}

interface TakenRow {
  readonly row: DataRow;
  readonly place: number;
}

async function* takenRows({ rows, taken }: PlannedPart): AsyncGenerator<TakenRow> {
  let [place, next] = [-1, 0];
  if (taken.length === 0) return;
  for await (const row of rows) {
    if (isUnreadable(row)) continue;
    place += 1;
    if (place !== taken[next]) continue;
    yield { row, place };
    next += 1;
    if (next === taken.length) return;
  }
}

/** The row as one of the file's own: what only its own format could say is left behind, and Rung's rows say what they are there for. */
function fitted({ row, place }: TakenRow, part: PlannedPart, format: DataFormat, hasSides: boolean, lost: Map<string, number>): DataRow {
  const own = part.format.id === format.id;
  const { extra, ...kept } = !own && format.closed === true ? withoutAbout(row, lost) : row;
  if (!own) for (const field of Object.keys(extra ?? {})) lost.set(field, (lost.get(field) ?? 0) + 1);
  const tags = [...new Set([...(kept.tags ?? []), part.name])];
  return {
    ...kept,
    ...(own && extra !== undefined ? { extra } : {}),
    ...(part.clashes.has(place) && kept.id !== undefined ? { id: `${part.name}-${kept.id}` } : {}),
    ...(format.id === 'rung' ? { tags } : {}),
    ...(hasSides ? { split: 'train' as const } : {}),
  };
}

/** Without what Rung says of a row: an owner's format has no words for it. The side is given anew where it matters. */
function withoutAbout(row: DataRow, lost: Map<string, number>): DataRow {
  const { id, group, tags, source, split: _split, ...kept } = row;
  for (const [field, value] of Object.entries({ id, group, tags, source })) {
    if (value !== undefined) lost.set(field, (lost.get(field) ?? 0) + 1);
  }
  return kept;
}
