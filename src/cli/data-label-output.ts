import { basename, dirname, extname, join } from 'node:path';
import type { DataRow } from '#core/data-row.ts';
import { expectedText } from '#core/example.ts';
import type { Json } from '#core/json.ts';
import { type AnswerOrigin, withAnswer } from '#data/grow/label-row.ts';
import { type WrittenData, writeDataFile } from '#data/write-data-file.ts';
import type { Labelling } from '../growth/label-data.ts';
import type { LabelSource } from './data-label-open.ts';

/** `tickets.jsonl` → `tickets.labelled.jsonl`, beside it; what is packed comes out unpacked. */
export function labelledFileOf(file: string): string {
  const name = basename(file).replace(/\.gz$/i, '');
  const extension = extname(name);
  return join(dirname(file), `${name.slice(0, name.length - extension.length)}.labelled${extension}`);
}

/** Writes the rows that have an answer, in the order of the file, whole or not at all. */
export function writeLabelled(output: string, source: LabelSource, labelling: Pick<Labelling, 'answerOf'>): Promise<WrittenData> {
  const { format, container } = source.data;
  return writeDataFile(output, labelledRows(source, labelling), { format, container });
}

/** Why a text is no answer of a task that wants JSON. */
export function refuseNoJson(answer: string): string | undefined {
  return readJson(answer) === undefined ? 'The answers of this task are JSON, and that is none.' : undefined;
}

function* labelledRows({ rows, task }: LabelSource, labelling: Pick<Labelling, 'answerOf'>): Generator<DataRow> {
  for (const one of rows) {
    const answered = labelling.answerOf(one);
    if (answered === undefined) {
      if (one.answer !== undefined) yield one.row;
      continue;
    }
    const value = task?.output.kind === 'json' ? readJson(answered.label) : undefined;
    const row = withAnswer(one, value === undefined ? answered.label : expectedText(value), originOf(answered));
    yield value === undefined ? row : { ...row, form: { ...row.form, expected: value } };
  }
}

function readJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function originOf({ label, act }: NonNullable<ReturnType<Labelling['answerOf']>>): AnswerOrigin {
  const draft = act.do === 'label' ? act.draft : undefined;
  if (draft === undefined) return 'chosen';
  return draft === label ? 'accepted' : 'edited';
}
