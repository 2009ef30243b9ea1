import type { JsonObject } from '#core/json.ts';
import type { PastJob } from './import-past-job.ts';
import type { ImportedRows } from './import-rows.ts';

/** What an import made, for people and for machines. */
export interface ImportDocument {
  readonly schema: 'rung.import/1';
  readonly job: string;
  readonly source: string;
  readonly model: {
    readonly was: string;
    readonly tuned: string | null;
    readonly answers: boolean | null;
    readonly retiresOn: string | null;
  };
  readonly output: 'labels' | 'json' | 'text';
  /** `drawn`: those whose split a climb draws. */
  readonly rows: { readonly training: number; readonly validation: number; readonly test: number; readonly drawn: number };
  readonly dropped: readonly { readonly file: string; readonly line: number; readonly why: string }[];
  readonly hyperparameters: { readonly was: JsonObject; readonly now: JsonObject };
  /** Of the last step that has them. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly notes: readonly string[];
}

interface NotesInput {
  readonly training: ImportedRows;
  readonly validation: ImportedRows | undefined;
  readonly instructions: string | undefined;
  readonly method: string;
}

/** What whoever goes on with the task should know, a sentence each. */
export function notesOf(past: PastJob, { training, validation, instructions, method }: NotesInput): string[] {
  const earlier = training.earlierAnswers + (validation?.earlierAnswers ?? 0);
  const dropped = training.dropped.length + (validation?.dropped.length ?? 0);
  return [
    ...(past.job.fine_tuned_model ? [] : [`The job is ${JSON.stringify(past.job.status)}: there is no tuned model to compare with.`]),
    ...past.missing,
    ...(instructions === undefined
      ? ['The rows have no system prompt in common: say in task.yaml what is asked, under instructions.']
      : []),
    ...(earlier === 0
      ? []
      : [`${earlier} rows have several answers; the last one is asked for, the earlier ones are part of the question.`]),
    ...(dropped === 0 ? [] : [`${dropped} lines cannot become examples; --json lists them.`]),
    ...(method === 'dpo'
      ? ['The job learnt from pairs: examples.jsonl has the better answers, preferences.jsonl the pairs as they were.']
      : []),
    ...(validation === undefined
      ? ['There are no rows that the old model has not seen: its figures on the test split will be too high.']
      : ['Every other validation row is tested on: the old model has not learnt from it, but may have been chosen by it.']),
  ];
}
