import { inputError } from '#core/errors.ts';
import type { Json, JsonObject } from '#core/json.ts';

/** One option of a probe. */
export interface ProbeOption<T> {
  /** What a value must be, to stand after "must be". */
  readonly wanted: string;
  readonly otherwise: T;
  /** Undefined where the value does not fit. */
  read(value: Json): T | undefined;
}

export function wholeNumber(otherwise: number, from: number, to: number): ProbeOption<number> {
  const fits = (value: Json) => typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to;
  return { wanted: `a whole number from ${from} to ${to}`, otherwise, read: (value) => (fits(value) ? (value as number) : undefined) };
}

/** Numbers as a list, or as a text with commas. */
export function wholeNumbers(otherwise: readonly number[], from: number, to: number): ProbeOption<readonly number[]> {
  const { read } = wholeNumber(from, from, to);
  return {
    wanted: `whole numbers from ${from} to ${to}, as 1,5,10`,
    otherwise,
    read(value) {
      const parts = itemsOf(value).map((item) => read(typeof item === 'string' ? Number(item || Number.NaN) : item));
      return parts.length === 0 || parts.includes(undefined) ? undefined : [...new Set(parts as number[])].sort((a, b) => a - b);
    },
  };
}

/** Some of the known names as a list, or as a text with commas; all of them where absent. */
export function someOf(known: readonly string[]): ProbeOption<readonly string[]> {
  return {
    wanted: `some of ${known.join(', ')}`,
    otherwise: known,
    read(value) {
      const items = itemsOf(value);
      return items.length > 0 && items.every((item) => known.includes(item as string)) ? (items as string[]) : undefined;
    },
  };
}

export function oneOf<T extends string>(known: readonly [T, ...T[]]): ProbeOption<T> {
  return { wanted: `one of ${known.join(', ')}`, otherwise: known[0], read: (value) => known.find((each) => each === value) };
}

export function optionalText(what: string): ProbeOption<string | undefined> {
  return { wanted: what, otherwise: undefined, read: (value) => (typeof value === 'string' && value.trim() !== '' ? value : undefined) };
}

/** Reads the options of a probe. Throws a usage error that names an unknown option or one that does not fit. */
export function readOptions<T extends object>(
  probe: string,
  options: JsonObject,
  known: { readonly [K in keyof T]: ProbeOption<T[K]> },
): T {
  const names = Object.keys(known) as (keyof T & string)[];
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(known, name)) continue;
    throw inputError({
      code: 'unknown-option',
      message: `The probe ${probe} has no option ${JSON.stringify(name)}.`,
      hint: `It has: ${names.join(', ')}.`,
    });
  }
  return Object.fromEntries(
    names.map((name) => {
      const { otherwise, read, wanted } = known[name];
      const value = options[name];
      if (value === undefined) return [name, otherwise];
      const kept = read(value);
      if (kept !== undefined) return [name, kept];
      throw inputError({
        code: 'option-unreadable',
        message: `The option ${name} of the probe ${probe} is ${JSON.stringify(value)}.`,
        hint: `It must be ${wanted}.`,
      });
    }),
  ) as T;
}

function itemsOf(value: Json): readonly Json[] {
  if (Array.isArray(value)) return value;
  return typeof value === 'string' ? value.split(',').map((item) => item.trim()) : [value];
}
