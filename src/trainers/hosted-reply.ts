import { isJsonObject, type JsonObject } from '#core/json.ts';
import { ModelError } from '#core/model-error.ts';

type Reply = Readonly<Record<string, unknown>>;

export function textIn(reply: Reply, name: string): string | undefined {
  const value = reply[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A finite number, also one that the service writes as text (as protobuf's JSON does with 64 bits). */
export function numberIn(reply: Reply, name: string): number | undefined {
  const value = reply[name];
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

export function objectIn(reply: Reply, name: string): Reply {
  const value = reply[name];
  return isJsonObject(value) ? value : {};
}

export function listIn(reply: Reply, name: string): readonly Reply[] {
  const value = reply[name];
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

/** The time of a reply that gives seconds since 1970 or an ISO date; milliseconds since 1970. */
export function timeIn(reply: Reply, name: string): number | undefined {
  const value = reply[name];
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value * 1000;
  const parsed = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(parsed) ? undefined : parsed;
}

/** A text without which the reply is of no use. */
export function neededText(reply: Reply, name: string, what: string): string {
  const value = textIn(reply, name);
  if (value !== undefined) return value;
  throw new ModelError({ kind: 'bad-response', message: `The service's reply about ${what} lacks its ${name}.` });
}

/** Members that hold a value, as a body to send. */
export function present(members: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

export function isGone(error: unknown): boolean {
  return ModelError.is(error) && error.status === 404;
}
