import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { DataRow } from '#core/data-row.ts';
import { inputError } from '#core/errors.ts';
import type { Task } from '#core/task.ts';
import { taskFileOf } from '#data/find-task.ts';
import { type LabelRow, labelRows } from '#data/grow/label-row.ts';
import { type DataFile, readDataFile } from '#data/read-data-file.ts';
import { loadTask } from '#data/task-file.ts';
import { isUnreadable } from '#data/unreadable-row.ts';
import { probes } from '#probes/index.ts';

export interface LabelSource {
  readonly file: string;
  readonly data: DataFile;
  readonly rows: readonly LabelRow[];
  /** Records that could not be read, and rows that ask nothing or hold two answers to choose from. */
  readonly passedOver: number;
  /** Absent where answers are free text. */
  readonly labels?: readonly string[];
  readonly task?: Task;
}

export interface LabelSourceOptions {
  readonly labels?: readonly string[];
  readonly text?: boolean;
  readonly from?: string;
  /** The task whose labels, and whose rungs as drafters, are meant where a file is named. */
  readonly task?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingFolder: string;
}

/** All are held in memory with their features, and looked at for each label: with 15,000 short ones 330 MB and a tenth of a second. */
const mostRows = 50_000;
const fewestKnown = 2;
const longestLabel = 60;
const mostLabels = 500;

/** Reads what is to be labelled: a file of rows, or the examples of a task. */
export async function openLabelSource(path: string, options: LabelSourceOptions): Promise<LabelSource> {
  const named = resolve(options.workingFolder, path);
  const taskPath = (await isTask(named)) ? named : options.task === undefined ? undefined : resolve(options.workingFolder, options.task);
  const task = taskPath === undefined ? undefined : await loadTask(taskPath, { environment: options.environment, probes });
  const file = taskPath === named ? task!.examplesFile : named;
  const data = await readDataFile(file, options.from === undefined ? {} : { format: options.from });
  const read: DataRow[] = [];
  let records = 0;
  for await (const row of data.rows) {
    records += 1;
    if (records > mostRows) {
      throw inputError({
        code: 'too-many-rows',
        message: `The file holds more than ${mostRows.toLocaleString('en')} rows.`,
        hint: 'Nobody labels that many: draw a sample into a file of its own first.',
        place: { file },
      });
    }
    if (!isUnreadable(row)) read.push(row);
  }
  const rows = labelRows(read);
  if (rows.length === 0) {
    throw inputError({ code: 'nothing-to-label', message: 'No row of the file asks something that can be labelled.', place: { file } });
  }
  const labels = options.text ? undefined : labelsOf(rows, options.labels, task, file);
  return { file, data, rows, passedOver: records - rows.length, ...(labels && { labels }), ...(task && { task }) };
}

async function isTask(path: string): Promise<boolean> {
  const info = await stat(path).catch(() => undefined);
  if (info?.isDirectory()) return (await taskFileOf(path).catch(() => undefined)) !== undefined;
  return /(^|[\\/])[^\\/]*task[^\\/]*\.(ya?ml|ts)$/.test(path);
}

/** The labels that were named, else the task's, else those that the file's own answers are. */
function labelsOf(
  rows: readonly LabelRow[],
  named: readonly string[] | undefined,
  task: Task | undefined,
  file: string,
): readonly string[] | undefined {
  const labels = named ?? (task?.output.kind === 'labels' ? task.output.labels : undefined);
  if (labels !== undefined) return checked([...new Set(labels)]);
  if (task !== undefined) return undefined;
  const known = [...new Set(rows.flatMap(({ answer }) => (answer === undefined ? [] : [answer])))].sort();
  const answered = rows.filter(({ answer }) => answer !== undefined).length;
  const areLabels = known.length >= fewestKnown && known.length * 2 <= answered && known.every((label) => label.length <= longestLabel);
  if (areLabels && known.length <= mostLabels) return known;
  throw inputError({
    code: 'labels-missing',
    message: 'What the answers may be is not known.',
    hint: 'Name them with --labels a,b,c, take those of a task with --task, or ask for free text with --text.',
    place: { file },
  });
}

function checked(labels: readonly string[]): readonly string[] {
  if (labels.length >= fewestKnown && labels.length <= mostLabels) return labels;
  throw inputError({
    code: 'labels-unfit',
    message: `There are ${labels.length} labels to choose from.`,
    hint: `Name from ${fewestKnown} to ${mostLabels}, or ask for free text with --text.`,
  });
}
