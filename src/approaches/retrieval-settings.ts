import { z } from 'zod';
import { inputError } from '#core/errors.ts';
import type { JsonObject } from '#core/json.ts';
import type { Output } from '#core/output.ts';
import { usualPassageWords } from '#data/chunks.ts';
import { type SearchState, searchShape } from './retrieval-search.ts';

/** Passages in one prompt: more is a longer prompt than most models read with care. */
export const passageCount = z.int().min(1).max(20);

/** Passages under a number and their title each, or the texts alone, which small models read more easily. */
const layouts = ['numbered', 'plain'] as const;

/** How passages are looked up and shown; options of every rung that shows them. */
export const lookUpShape = {
  passages: passageCount.default(3),
  ...searchShape,
  layout: z.enum(layouts).default('numbered'),
  /** Most words of one passage. */
  passageWords: z.int().min(10).max(1000).default(usualPassageWords),
  /** What the model is to say where no passage holds the answer. */
  unanswerable: z.string().trim().min(1).default('not in the documents'),
};

export type LookUpOptions = z.output<z.ZodObject<typeof lookUpShape>>;

export const noDocuments = 'The task has no documents: put Markdown or text files into its knowledge/ folder.';

/** What a manifest keeps of it: the passages themselves are an artefact. */
export interface RetrievalState extends SearchState {
  readonly passages: number;
  readonly layout: (typeof layouts)[number];
  /** Null where the output has no room for it, as a list of labels that lacks it. */
  readonly unanswerable: string | null;
  /** True where the model orders the passages before it is asked. */
  readonly rerank: boolean;
  /** True where the answer ends in the numbers of its passages. */
  readonly cite: boolean;
}

/** The search of rungs that look passages up, where options name none. */
export const usualSearch = 'fused';

/** The text for "not in the documents" where an answer may be that text. */
export function unanswerableFor(output: Output, text: string): string | null {
  if (output.kind === 'text') return text;
  return output.kind === 'labels' && output.labels.includes(text) ? text : null;
}

/** Checks a rung's options against its schema; throws a usage error that names the option. */
export function checkAgainst(schema: z.ZodObject, rung: string, options: JsonObject): void {
  const { error } = schema.safeParse(options);
  if (error === undefined) return;
  const issue = error.issues[0];
  throw inputError({
    code: 'option-unreadable',
    message: `An option of the rung ${rung} does not fit: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}.`.replace(/ +/g, ' '),
    hint: `It has: ${Object.keys(schema.shape).join(', ')}.`,
  });
}
