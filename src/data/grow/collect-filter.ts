import type { DataRow } from '#core/data-row.ts';
import { inputError } from '#core/errors.ts';
import type { Json } from '#core/json.ts';
import { fieldOf } from '#data/split/mark-row.ts';
import { feedbackOf, loggedAt, loggedModel, timeOf } from './collect-fields.ts';

/** A condition on a row, and how it is written. */
export interface RowFilter {
  readonly text: string;
  holds(row: DataRow): boolean;
}

const written = /^\s*([^=!<>\s][^=!<>]*?)\s*(>=|<=|!=|=|>|<)\s*(.*?)\s*$/;

/** Reads a condition as `model=gpt-4o`, `metadata.plan!=free`, `rating>=4`. Throws a usage error where it is none. */
export function rowFilter(text: string): RowFilter {
  const [, field, sign, wanted] = written.exec(text) ?? [];
  if (field === undefined || sign === undefined || wanted === undefined) {
    throw inputError({
      code: 'flag-unreadable',
      message: `${JSON.stringify(text)} is not a condition on rows.`,
      hint: 'Write it as field=value; =, !=, >=, <=, > and < are known, and points reach into fields, as metadata.plan=free.',
    });
  }
  return { text: `${field}${sign}${wanted}`, holds: (row) => compare(fieldValue(row, field), sign, wanted) };
}

/** The field of a row; `model`, `time` and `feedback` also where a log calls them otherwise. */
function fieldValue(row: DataRow, field: string): Json | undefined {
  const own = fieldOf(row, field);
  if (own !== undefined) return own;
  if (field === 'model') return loggedModel(row);
  if (field === 'time') return loggedAt(row);
  return field === 'feedback' ? feedbackOf(row) : undefined;
}

function compare(value: Json | undefined, sign: string, wanted: string): boolean {
  if (Array.isArray(value)) {
    const some = value.some((one: Json) => compare(one, '=', wanted));
    return sign === '!=' ? !some : sign === '=' && some;
  }
  const text = value === undefined || value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
  if (sign === '=') return text === wanted || (numberOf(value) !== undefined && numberOf(value) === numberOf(wanted));
  if (sign === '!=') return !compare(value, '=', wanted);
  const [left, right] =
    numberOf(value) === undefined ? [timeOf(value), timeOf(wanted)] : [numberOf(value), numberOf(wanted) ?? timeOf(wanted)];
  if (left === undefined || right === undefined) return false;
  return sign === '>=' ? left >= right : sign === '<=' ? left <= right : sign === '>' ? left > right : left < right;
}

function numberOf(value: Json | undefined): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}
