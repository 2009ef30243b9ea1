import type { Json, JsonObject } from './json.ts';

/** What a task's answers are. */
export type Output =
  | { readonly kind: 'labels'; readonly labels: readonly string[] }
  | { readonly kind: 'json'; readonly schema: JsonObject }
  | { readonly kind: 'text' };

/** An answer's text read as the task's output. */
export interface ParsedAnswer {
  /** The label, the JSON value, or the text; undefined where the text holds none. */
  readonly value: Json | undefined;
  /** True where the text is the output and nothing else: no quotes, no code fence, no explanation around it. */
  readonly strict: boolean;
}
