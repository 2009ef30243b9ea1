import type { JobRecord } from '#core/job.ts';
import { toDollars } from '#core/money.ts';
import { isFinal, type Jobs } from '#jobs/jobs.ts';
import { countText, dollarsText } from '#report/number-text.ts';
import { shortText } from '#report/visible-text.ts';
import type { AddCommand } from './add-command.ts';
import { print } from './prompt-output.ts';
import { showError } from './show-error.ts';
import { prose } from './terminal/prose.ts';
import { type Column, textTable } from './terminal/text-table.ts';
import { settingsText } from './terminal/training-words.ts';
import { stateStyles } from './tune-format.ts';
import { taskJobs } from './tune-task.ts';

/** `rung tune list [task]`: the training jobs of a task, the newest first. */
export const addTuneList: AddCommand = (tune, io) => {
  tune
    .command('list')
    .argument('[task]', 'task folder or file; without one, the nearest upward')
    .description('the training jobs of a task, the newest first')
    .option('--task <path>', 'the same, as the other commands of a job have it')
    .option('--json', 'print one JSON document, alone, on stdout')
    .option('--debug', 'show stack traces')
    .action(async (path: string | undefined, { json, task }: { json?: boolean; task?: string }) => {
      const { jobs } = await taskJobs(path ?? task, io);
      const unreadable: string[] = [];
      const listed = await jobs.list((id, error) => {
        unreadable.push(id);
        showError(error, io, { json: false, debug: false });
      });
      const records = listed.map((record) => ({ ...record, shown: shownState(record, jobs) }));
      const document = {
        jobs: records.map(
          ({ id, trainer, method, state, base, model, rows, hyperparameters, cost, createdAt, endedAt, metadata = {} }) => ({
            ...{ job: id, trainer, status: state, running: !isFinal(state) && jobs.runner(id) !== undefined, method },
            ...{ hyperparameters, base: base.model, model: model?.model ?? null, adapter: model?.adapter, rung: metadata['rung'], rows },
            spent: { dollars: toDollars(cost) },
            createdAt: new Date(createdAt).toISOString(),
            endedAt: endedAt === undefined ? undefined : new Date(endedAt).toISOString(),
          }),
        ),
        unreadable,
      };
      print(io, json, document, (width) =>
        records.length === 0
          ? prose('No training job yet. Start one: rung tune start', width)
          : textTable(columnsFor(records), records, width),
      );
    });
};

/** The state of a job; "stopped" where it has not ended and nobody works on it. */
export function shownState({ id, state }: JobRecord, jobs: Jobs): string {
  return !isFinal(state) && state !== 'paused' && jobs.runner(id) === undefined ? 'stopped' : state;
}

type Row = JobRecord & { readonly shown: string };

/** With the settings in which the jobs differ, as those of a sweep do. */
function columnsFor(rows: readonly Row[]): readonly Column<Row>[] {
  const differing = differingSettings(rows);
  if (differing.length === 0) return columns;
  const those = ({ hyperparameters }: Row) =>
    Object.fromEntries(differing.flatMap((name) => (hyperparameters[name] === undefined ? [] : [[name, hyperparameters[name]]])));
  const settings: Column<Row> = { title: 'settings', keep: 5, cell: (row) => [{ text: shortText(settingsText(those(row)), 60) }] };
  return columns.flatMap((column) => (column.title === 'rows' ? [settings, column] : [column]));
}

/** How often a job is evaluated follows from its rows. */
function differingSettings(rows: readonly Row[]): readonly string[] {
  const names = new Set(rows.flatMap(({ hyperparameters }) => Object.keys(hyperparameters)));
  return [...names].filter((name) => {
    const values = rows.flatMap(({ hyperparameters }) => (hyperparameters[name] === undefined ? [] : [String(hyperparameters[name])]));
    return name !== 'evaluateEvery' && new Set(values).size > 1;
  });
}

const columns: readonly Column<Row>[] = [
  { title: 'job', keep: 9, cell: ({ id }) => [{ text: id, style: 'bold' }] },
  { title: 'state', keep: 8, cell: ({ shown }) => [{ text: shown, style: stateStyles[shown] ?? 'cyan' }] },
  { title: 'trainer', keep: 7, cell: ({ trainer }) => [{ text: trainer }] },
  { title: 'base', keep: 6, cell: ({ base }) => [{ text: shortText(base.model, 40) }] },
  { title: 'rung', keep: 4, cell: ({ metadata = {} }) => [{ text: shortText(String(metadata['rung'] ?? ''), 30) }] },
  { title: 'rows', keep: 3, right: true, cell: ({ rows }) => [{ text: countText(rows.train) }] },
  { title: 'cost', keep: 2, right: true, cell: ({ cost }) => [{ text: dollarsText(toDollars(cost)) }] },
  { title: 'begun', keep: 5, cell: ({ createdAt }) => [{ text: new Date(createdAt).toISOString().slice(0, 16).replace('T', ' ') }] },
];
