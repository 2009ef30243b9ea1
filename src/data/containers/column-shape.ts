import { isJsonObject } from '#core/json.ts';

/** What the values of a column have in common; `mixed` are written as JSON text. */
export type ColumnShape =
  | { readonly kind: 'nothing' | 'boolean' | 'integer' | 'number' | 'text' | 'mixed' }
  | { readonly kind: 'list'; readonly of: ColumnShape }
  | { readonly kind: 'struct'; readonly members: ReadonlyMap<string, ColumnShape> };

export const noShape: ColumnShape = { kind: 'nothing' };
const mixed: ColumnShape = { kind: 'mixed' };

/** Members that a struct may have before it is taken for a map and written as JSON. */
const mostMembers = 64;
const deepest = 8;

/** The shape that holds a value and all values seen before. */
export function widenShape(shape: ColumnShape, value: unknown, depth = 0): ColumnShape {
  if (value === null || value === undefined || shape.kind === 'mixed') return shape;
  if (Array.isArray(value)) {
    if (shape.kind !== 'nothing' && shape.kind !== 'list') return mixed;
    if (depth >= deepest) return mixed;
    // A null within a list has no place of its own once absent members are left out.
    if (value.includes(null)) return mixed;
    const of = value.reduce<ColumnShape>(
      (inner, member) => widenShape(inner, member, depth + 1),
      shape.kind === 'list' ? shape.of : noShape,
    );
    return { kind: 'list', of };
  }
  if (isJsonObject(value)) {
    const entries = Object.entries(value).filter(([, member]) => member !== undefined);
    if ((shape.kind !== 'nothing' && shape.kind !== 'struct') || depth >= deepest) return mixed;
    if (entries.length === 0 || entries.some(([name, member]) => member === null || !isColumnName(name))) return mixed;
    const members = new Map(shape.kind === 'struct' ? shape.members : []);
    for (const [name, member] of entries) members.set(name, widenShape(members.get(name) ?? noShape, member, depth + 1));
    return members.size > mostMembers ? mixed : { kind: 'struct', members };
  }
  return widenScalar(shape, value);
}

/** Names that readers of Parquet give back as a member. */
export function isColumnName(name: string): boolean {
  return name !== '' && name !== '__proto__';
}

function widenScalar(shape: ColumnShape, value: unknown): ColumnShape {
  const kind =
    typeof value === 'string' ? 'text' : typeof value === 'boolean' ? 'boolean' : Number.isSafeInteger(value) ? 'integer' : 'number';
  if (shape.kind === 'nothing' || shape.kind === kind) return { kind };
  const bothNumbers = (shape.kind === 'integer' || shape.kind === 'number') && (kind === 'integer' || kind === 'number');
  return bothNumbers ? { kind: 'number' } : mixed;
}
