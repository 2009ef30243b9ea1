import type { DataRow } from '#core/data-row.ts';
import { isJsonObject, type Json } from '#core/json.ts';
import { fieldOf } from '#data/split/mark-row.ts';

/** Where logs of the field keep these; the first that holds something counts. */
const timeFields = [
  'time',
  'timestamp',
  'createdAt',
  'created_at',
  'created',
  'startTime',
  'start_time',
  'date',
  'at',
  'request.time',
  'metadata.timestamp',
];
const modelFields = [
  'model',
  'modelName',
  'model_name',
  'modelId',
  'model_id',
  'deployment',
  'request.model',
  'response.model',
  'metadata.model',
];
const feedbackFields = ['feedback', 'rating', 'score', 'scores', 'thumbs', 'metadata.feedback', 'metadata.rating', 'metadata.score'];
const good = /^(?:up|thumbs[ _-]?up|positive|good|like|liked|yes|true|correct|accepted|pass)$/i;
const bad = /^(?:down|thumbs[ _-]?down|negative|bad|dislike|disliked|no|false|incorrect|wrong|rejected|fail)$/i;
/** Seconds since 1970 stay below this until the year 5138; milliseconds have been above it since March 1973. */
const mostSeconds = 1e11;

/** When a row was logged, in milliseconds since 1970; undefined where it does not say. */
export function loggedAt(row: DataRow): number | undefined {
  for (const field of timeFields) {
    const time = timeOf(fieldOf(row, field));
    if (time !== undefined) return time;
  }
  return undefined;
}

/** Milliseconds since 1970 of a time as logs write it: ISO 8601, seconds or milliseconds. */
export function timeOf(value: Json | undefined): number | undefined {
  const number = typeof value === 'number' ? value : typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : undefined;
  if (number !== undefined && number > 1e8) return number < mostSeconds ? number * 1000 : number;
  const read = typeof value === 'string' && /^\d{4}-\d\d/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(read) ? undefined : read;
}

/** The model that answered; undefined where the row does not say. */
export function loggedModel(row: DataRow): string | undefined {
  for (const field of modelFields) {
    const value = fieldOf(row, field);
    if (typeof value === 'string' && value !== '') return value;
  }
  return undefined;
}

/** What people said of the answer, as a number: thumbs are 1 and 0, several are their mean. Undefined where nothing was said. */
export function feedbackOf(row: DataRow, field?: string): number | undefined {
  for (const each of field === undefined ? feedbackFields : [field]) {
    const value = scoreOf(fieldOf(row, each));
    if (value !== undefined) return value;
  }
  return undefined;
}

function scoreOf(value: Json | undefined): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'string') {
    const text = value.trim();
    if (good.test(text) || text === '👍') return 1;
    if (bad.test(text) || text === '👎') return 0;
    const number = Number(text);
    return text === '' || !Number.isFinite(number) ? undefined : number;
  }
  if (Array.isArray(value)) {
    const scores = value.flatMap((one: Json) => scoreOf(one) ?? []);
    return scores.length === 0 ? undefined : scores.reduce((sum, score) => sum + score, 0) / scores.length;
  }
  return isJsonObject(value) ? scoreOf((value['value'] ?? value['score']) as Json | undefined) : undefined;
}
