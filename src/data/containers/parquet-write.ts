import type { SchemaElement } from 'hyparquet';
import { fileWriter, ParquetWriter } from 'hyparquet-writer';
import { inputError } from '#core/errors.ts';
import { isJsonObject, type JsonObject } from '#core/json.ts';
import { type ColumnShape, isColumnName } from './column-shape.ts';

/** Rows of one row group: few enough to be held, enough to pack well. */
const groupRows = 5000;
/** Bytes of text, about, after which a row group ends early. */
const groupBytes = 32 * 1024 * 1024;

/** Writes records of a known shape as Parquet, a row group at a time. */
export async function writeParquet(
  file: string,
  records: AsyncIterable<{ readonly record: JsonObject; readonly bytes: number }>,
  columns: ReadonlyMap<string, ColumnShape>,
): Promise<void> {
  const names = [...columns.keys()];
  const unfit = names.find((name) => !isColumnName(name));
  if (unfit !== undefined) throw unfitName(unfit);
  const schema: SchemaElement[] = [{ name: 'root', num_children: names.length }];
  for (const [name, shape] of columns) schema.push(...elementsOf(name, shape));
  const writer = new ParquetWriter({ writer: fileWriter(file), schema, statistics: false });
  let group: JsonObject[] = [];
  let size = 0;
  const flush = async () => {
    const columnData = names.map((name) => ({ name, data: group.map((record) => columnValue(record[name], columns.get(name)!)) }));
    if (group.length > 0) await writer.write({ columnData, rowGroupSize: group.length });
    group = [];
    size = 0;
  };
  for await (const { record, bytes } of records) {
    group.push(record);
    size += bytes;
    if (group.length >= groupRows || size >= groupBytes) await flush();
  }
  await flush();
  await writer.finish();
}

function unfitName(name: string): Error {
  return inputError({
    code: 'column-unfit',
    message: `Parquet has no place for a field named ${JSON.stringify(name)}.`,
    hint: 'Rename the field, or write another container, as .jsonl.',
  });
}

/** The encoder drops members of this name without a word. */
function holdsPrototype(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.hasOwn(value, '__proto__') || Object.values(value).some(holdsPrototype);
}

function elementsOf(name: string, shape: ColumnShape): SchemaElement[] {
  const optional = { name, repetition_type: 'OPTIONAL' } as const;
  switch (shape.kind) {
    case 'boolean':
      return [{ ...optional, type: 'BOOLEAN' }];
    case 'integer':
      return [{ ...optional, type: 'INT64' }];
    case 'number':
      return [{ ...optional, type: 'DOUBLE' }];
    case 'nothing':
    case 'text':
      return [{ ...optional, type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } }];
    case 'mixed':
      return [{ ...optional, type: 'BYTE_ARRAY', converted_type: 'JSON', logical_type: { type: 'JSON' } }];
    case 'list':
      return [
        { ...optional, converted_type: 'LIST', num_children: 1 },
        { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
        ...elementsOf('element', shape.of),
      ];
    case 'struct':
      return [
        { ...optional, num_children: shape.members.size },
        ...[...shape.members].flatMap(([member, inner]) => elementsOf(member, inner)),
      ];
  }
}

/** A value as its column holds it: whole numbers as 64 bits, absent members as null. */
function columnValue(value: unknown, shape: ColumnShape): unknown {
  if (value === undefined || (value === null && shape.kind !== 'mixed')) return null;
  if (shape.kind === 'mixed' && holdsPrototype(value)) throw unfitName('__proto__');
  if (shape.kind === 'integer') return BigInt(value as number);
  if (shape.kind === 'list') return (value as unknown[]).map((member) => columnValue(member, shape.of));
  if (shape.kind !== 'struct' || !isJsonObject(value)) return value;
  return Object.fromEntries([...shape.members].map(([name, inner]) => [name, columnValue(value[name], inner)]));
}
