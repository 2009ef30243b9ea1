import { Ajv, type ErrorObject } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { inputError, messageOf, type Place } from '#core/errors.ts';
import type { Json, JsonObject } from '#core/json.ts';
import { quoted, suggestName } from './nearest.ts';

/** Why a value does not fit, with a way out; undefined where it fits. */
export interface Misfit {
  readonly why: string;
  readonly hint: string;
}

export type SchemaCheck = (value: Json) => Misfit | undefined;

/** Compiles a JSON schema (draft-07 or 2020-12, as its `$schema` says). Throws a usage error where it is none. */
export function compileSchema(schema: JsonObject, place?: Place): SchemaCheck {
  const options = { strict: false, validateFormats: false, logger: false } as const;
  const ajv = String(schema['$schema'] ?? '').includes('2020-12') ? new Ajv2020(options) : new Ajv(options);
  try {
    const validate = ajv.compile(schema);
    return (value) => (validate(value) ? undefined : misfitOf(validate.errors?.[0], value));
  } catch (error) {
    throw inputError({
      code: 'schema-unreadable',
      message: `The JSON schema of the output cannot be used: ${messageOf(error).split('\n', 1)[0]}.`,
      hint: 'Correct it; JSON Schema draft-07 and 2020-12 are understood, references to other files are not.',
      place,
    });
  }
}

function misfitOf(error: ErrorObject | undefined, value: Json): Misfit {
  if (error === undefined) return { why: 'does not fit the JSON schema', hint: 'Correct the row or the schema.' };
  const at = error.instancePath === '' ? 'it' : `its ${quoted(error.instancePath.slice(1).replaceAll('/', '.'))}`;
  if (error.keyword === 'enum') {
    const allowed = (error.params.allowedValues as unknown[]).map(String);
    const given = error.instancePath
      .split('/')
      .slice(1)
      .reduce<unknown>((inner, key) => (inner as Record<string, unknown>)?.[key], value);
    return { why: `${at} is ${quoted(given)}`, hint: suggestName(String(given), allowed) };
  }
  if (error.keyword === 'additionalProperties') {
    return { why: `${at} has the unknown key ${quoted(error.params.additionalProperty)}`, hint: 'Remove it or add it to the schema.' };
  }
  return { why: `${at} ${error.message ?? 'does not fit'}`, hint: 'Correct the row or the schema.' };
}
