import type { z } from 'zod';
import { invalid, type WireError } from './wire-error.ts';

/** The refusal for a body that does not fit its schema: the first fault, with the path of its field. */
export function faultOf(error: z.ZodError): WireError {
  const [issue] = error.issues;
  if (issue === undefined) return invalid('The request does not fit.');
  if (issue.code === 'unrecognized_keys') {
    const name = [...issue.path, issue.keys[0] ?? ''].join('.');
    return invalid(
      `Unrecognized request argument supplied: ${name.slice(0, 80)}. This server does not know it.`,
      name.slice(0, 80),
      'unknown_parameter',
    );
  }
  const param = issue.path.map(String).join('.') || null;
  const missing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined');
  if (missing && param === null) return invalid('The request body is empty.', null, 'missing_required_parameter');
  if (missing) return invalid(`Missing required parameter: '${param}'.`, param, 'missing_required_parameter');
  return invalid(`Invalid value for ${param === null ? 'the request body' : `'${param}'`}: ${issue.message}.`, param, 'invalid_value');
}
