import { exitCodes } from '#core/errors.ts';
import type { JobRecord } from '#core/job.ts';
import type { Plugins } from '#core/plugins.ts';
import type { RenderedToken, TrainingJob } from '#core/trainer.ts';
import { visibleText } from '#report/visible-text.ts';
import { defaultPlugins } from '../default-plugins.ts';
import { planTask } from '../session.ts';
import { tuneDocument } from '../tune-document.ts';
import { jobSite } from '../tune-job-site.ts';
import { otherWay, type WeightsPlace, weightsPlace } from '../tune-weights.ts';
import type { AddCommand } from './add-command.ts';
import { print } from './prompt-output.ts';
import { withDotEnv } from './run-task.ts';
import { wrapWords } from './terminal/cell-width.ts';
import { prose } from './terminal/prose.ts';
import type { Line } from './terminal/styled-line.ts';
import type { TerminalIo } from './terminal-io.ts';
import { formatTune } from './tune-format.ts';
import { shownState } from './tune-list.ts';
import { taskJobs } from './tune-task.ts';

interface ShowFlags {
  readonly task?: string;
  readonly json?: boolean;
}

/** `rung tune show JOB`: a job's record, its curve, and exactly what it learns of its first row. */
export const addTuneShow: AddCommand = (tune, io, exit) => {
  tune
    .command('show')
    .argument('[job]', 'id of a job, or its beginning; the newest')
    .description('the record of a training job, its curve, its guards, and what is learnt of its first row')
    .option('--task <path>', 'task folder or file; the nearest upward')
    .option('--json', 'print one JSON document, alone, on stdout')
    .option('--debug', 'show stack traces')
    .action(async (beginning: string | undefined, flags: ShowFlags) => {
      const { folder, jobs, again } = await taskJobs(flags.task, io);
      const record = await jobs.find(beginning);
      const events = await jobs.events(record.id);
      const { firstRow, weights } = await aboutJob(record, await jobs.job(record.id), folder, io);
      const document = { ...tuneDocument(record, events), running: jobs.runner(record.id) !== undefined, weights, record, firstRow };
      print(io, flags.json, document, (columns) => [
        ...formatTune(document, events, { columns }),
        ...(shownState(record, jobs) === 'stopped'
          ? prose('Nobody works on it: start it again, and it goes on where it was.', columns, 'yellow')
          : []),
        ...(weights === undefined ? [] : prose(weightsText(weights, record, again), columns, undefined, '  weights   ')),
        ...firstRowLines(firstRow, columns),
      ]);
      exit(exitCodes.done);
    });
};

interface FirstRow {
  /** `tokens` where the trainer shows what it learns from, `turns` where only the row itself is known. */
  readonly unit: 'tokens' | 'turns';
  readonly pieces: readonly RenderedToken[];
}

/** "at together: rung tune download ft_… brings the adapter home" */
function weightsText(place: WeightsPlace, { id }: JobRecord, again: string): string {
  if (place.kind === 'here') return `on this machine, in .rung/artefacts/${place.artefact}`;
  if (place.kind === 'withheld') return `${place.why} ${otherWay}`;
  return `at ${place.service}: rung tune download ${id}${again.replace(' --task', '')} brings the adapter home`;
}

async function aboutJob(record: JobRecord, job: TrainingJob, folder: string, io: TerminalIo) {
  const plugins = defaultPlugins();
  try {
    return { firstRow: await firstRowOf(record, job, folder, plugins, io), weights: weightsPlace(record, plugins.trainers) };
  } finally {
    await plugins.close();
  }
}

/** What is learnt of the first row: token by token where its trainer can show that, else turn by turn. */
async function firstRowOf(record: JobRecord, job: TrainingJob, folder: string, plugins: Plugins, io: TerminalIo): Promise<FirstRow | null> {
  if (job.train.length === 0) return null;
  try {
    const environment = await withDotEnv(io);
    const planned = await planTask({ task: folder, plugins, environment });
    const pieces = await jobSite(planned, record, { plugins, environment }, async (trainer, site) => trainer.renderFirstRow?.(job, site));
    return pieces === undefined || pieces.length === 0 ? turnsOf(job) : { unit: 'tokens', pieces };
  } catch {
    // the task or its model may be gone since: the row itself is still there
    return turnsOf(job);
  }
}

function turnsOf(job: TrainingJob): FirstRow | null {
  const pieces = firstTurns(job);
  return pieces.length === 0 ? null : { unit: 'turns', pieces };
}

function firstTurns(job: TrainingJob): RenderedToken[] {
  if (job.method === 'pretraining') return job.train.slice(0, 1).map(({ text }) => ({ text, learnt: true }));
  if (job.method === 'supervised') {
    return (job.train[0]?.messages ?? []).map(({ role, content, weight }) => ({
      text: `${role}: ${content}`,
      learnt: role === 'assistant' && weight !== 0,
    }));
  }
  const [row] = job.train;
  if (row === undefined) return [];
  return [
    ...row.messages.map(({ role, content }) => ({ text: `${role}: ${content}`, learnt: false })),
    { text: `chosen: ${row.chosen}`, learnt: true },
    { text: `rejected: ${row.rejected}`, learnt: true },
  ];
}

const shownCharacters = 4000;

/** The row as it is read, what is learnt of it between ⟦ and ⟧. */
function firstRowLines(row: FirstRow | null, columns: number): Line[] {
  if (row === null) return [];
  const learnt = row.pieces.filter((piece) => piece.learnt).length;
  const title = `First row: ${learnt} of ${row.pieces.length} ${row.unit} are learnt, between ⟦ and ⟧`;
  const text = row.pieces
    .map((piece, index) => {
      const [before, after] = [row.pieces[index - 1], row.pieces[index + 1]];
      const opens = piece.learnt && before?.learnt !== true ? '⟦' : '';
      const closes = piece.learnt && after?.learnt !== true ? '⟧' : '';
      return `${opens}${piece.text}${closes}${row.unit === 'turns' ? '\n' : ''}`;
    })
    .join('');
  const shown = text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text;
  return [
    [{ text: title, style: 'bold' }],
    ...visibleText(shown.trimEnd())
      .split('\n')
      .flatMap((line) => wrapWords(line, columns - 2))
      .map((line): Line => [{ text: `  ${line}` }]),
  ];
}
