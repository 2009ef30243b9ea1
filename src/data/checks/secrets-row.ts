import type { DataRow, DataTurn } from '#core/data-row.ts';
import { isJsonObject, type Json, type JsonObject } from '#core/json.ts';

/** Every text of a row that training may read: turns, calls of tools, both answers of a preference, and fields that a format keeps. */
export function rowStrings(row: DataRow): readonly string[] {
  const found: string[] = [];
  mapRowStrings(row, (text) => {
    found.push(text);
    return text;
  });
  return found;
}

/** The row with each of its texts changed; its id, group and tags stay, since splits and joins hang on them. */
export function mapRowStrings(row: DataRow, change: (text: string) => string): DataRow {
  const { preference, extra, tools } = row;
  const turns = (list: readonly DataTurn[]) => list.map((turn) => mapTurn(turn, change));
  return {
    ...row,
    turns: turns(row.turns),
    ...(preference !== undefined && { preference: { chosen: turns(preference.chosen), rejected: turns(preference.rejected) } }),
    ...(tools !== undefined && { tools: tools.map((tool) => mapJson(tool, change) as JsonObject) }),
    ...(extra !== undefined && { extra: mapJson(extra, change) as JsonObject }),
  };
}

function mapTurn(turn: DataTurn, change: (text: string) => string): DataTurn {
  const { content, toolCalls, extra } = turn;
  return {
    ...turn,
    content: typeof content === 'string' ? inJson(content, change) : (content?.map((part) => mapJson(part, change) as JsonObject) ?? null),
    ...(toolCalls !== undefined && { toolCalls: toolCalls.map((call) => ({ ...call, arguments: inJson(call.arguments, change) })) }),
    ...(extra !== undefined && { extra: mapJson(extra, change) as JsonObject }),
  };
}

function mapJson(value: Json, change: (text: string) => string): Json {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((member: Json) => mapJson(member, change));
  if (!isJsonObject(value)) return changedNumber(value, change);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, mapJson(member as Json, change)]));
}

// A card number may be written as a number.
function changedNumber(value: Json, change: (text: string) => string): Json {
  if (typeof value !== 'number' || Math.abs(value) < 1e8) return value;
  const changed = change(String(value));
  return changed === String(value) ? value : changed;
}

/** A text that was JSON stays JSON, also where what is changed was a bare number. */
function inJson(text: string, change: (text: string) => string): string {
  const changed = change(text);
  if (changed === text || !/^\s*[{[]/.test(text) || !isJson(text) || isJson(changed)) return changed;
  return JSON.stringify(mapJson(JSON.parse(text) as Json, change));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
