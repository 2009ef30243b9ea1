import type { Example } from '#core/example.ts';
import { isJsonObject } from '#core/json.ts';
import type { Output } from '#core/output.ts';

/** By what examples are spread evenly over the parts: the label; of JSON answers the first property that is a choice. */
export function stratumReader(output: Output): (example: Example) => string {
  if (output.kind === 'labels') return ({ expected }) => (typeof expected === 'string' ? expected : '');
  if (output.kind === 'text') return () => '';
  const properties = output.schema['properties'];
  const choice = isJsonObject(properties)
    ? Object.keys(properties).find((name) => isJsonObject(properties[name]) && Array.isArray(properties[name]['enum']))
    : undefined;
  return ({ expected }) => (choice !== undefined && isJsonObject(expected) ? String(expected[choice] ?? '') : '');
}
