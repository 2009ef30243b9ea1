import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inputError } from '#core/errors.ts';
import { type BaseModel, defineTrainer, type TrainingJob } from '#core/trainer.ts';
import { resolveInside } from '#data/inside-folder.ts';
import { defaultConcurrency } from '#engine/climb.ts';
import { openRun } from '#engine/open-run.ts';
import type { PlannedRung } from '#engine/plan.ts';
import { prepare } from '#engine/prepare.ts';
import { withReadyMetrics } from '#engine/ready-metrics.ts';
import { skipReason } from '#engine/rung-input.ts';
import { openJobs } from '#jobs/jobs.ts';
import { exportReadme } from '#trainers/export-readme.ts';
import { exportedJob, type TrainingExport } from '#trainers/training-export.ts';
import type { PlannedTask } from './session.ts';
import type { TaskRunOptions } from './task-run.ts';
import { withTaskState } from './task-state.ts';
import { forgetful } from './tune-task.ts';
import { writeFolder } from './write-folder.ts';

/** The job that a rung of a planned task would train first, with the model that it would tune; nothing is trained. */
export async function plannedTraining(
  { task, plan }: PlannedTask,
  rung: PlannedRung,
  options: TaskRunOptions,
): Promise<{ readonly job: TrainingJob; readonly base: BaseModel }> {
  const never = new AbortController().signal;
  const { stopping = never, abort = never, concurrency = defaultConcurrency, progress = () => {} } = options;
  const noted: TrainingJob[] = [];
  const noting = defineTrainer({
    id: 'export',
    summary: 'Notes what it is asked, and does nothing.',
    methods: ['supervised', 'preference', 'pretraining'],
    canTune: () => true,
    async start(job) {
      noted.push(job);
      throw new TypeError('noted');
    },
    poll: async () => ({ state: 'failed' }),
    cancel: async () => {},
  });
  const { trainer: _, ...rungOptions } = rung.options;
  const asked = { ...rung, options: rungOptions };
  const folder = await mkdtemp(join(tmpdir(), 'rung-export-'));
  try {
    return await withTaskState(task, async (state) => {
      const run = openRun({ ...options, ...state, plan, stopping });
      try {
        const why = skipReason(asked, plan, run.models);
        if (why !== undefined) throw inputError({ code: 'rung-skipped', message: `There is nothing to tune on this task: ${why}` });
        const ready = await withReadyMetrics(plan, run.models);
        const preparing = {
          plan: ready,
          ...run,
          ...state,
          store: forgetful(state.store),
          jobs: openJobs(folder),
          concurrency,
          stopping,
          abort,
          progress,
        };
        await prepare(asked, { ...preparing, trainers: [noting] }).catch((error: unknown) => {
          if (noted.length === 0) throw error;
        });
        const job = noted[0];
        if (job === undefined) throw inputError({ code: 'nothing-tuned', message: `The rung ${rung.name} trains no model on this task.` });
        return { job, base: run.models.baseOf(job.base.model) };
      } finally {
        await run.models.close();
      }
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Where the shipped model lies, beside src/ and dist/. */
const shippedNano = fileURLToPath(new URL('../models/nano', import.meta.url));

/** The name or folder by which Hugging Face libraries load a base. Throws a usage error for a model that a service keeps to itself. */
export async function openBaseName({ name, kind, model, settings }: BaseModel, taskFolder: string): Promise<string> {
  const named = kind === 'nano' ? settings['folder'] : (settings['model'] ?? model);
  if (kind === 'nano' && named === undefined) return shippedNano;
  if ((kind === 'nano' || kind === 'transformers') && typeof named === 'string') {
    return kind === 'nano' || named.startsWith('.') ? resolveInside(taskFolder, named, 'model folder', { file: named }) : named;
  }
  throw inputError({
    code: 'base-not-open',
    message: `The weights of ${name} are not known to lie on a hub or in a folder.`,
    hint: 'Name the open model to train with --base, as --base Qwen/Qwen3-0.6B.',
  });
}

export interface ExportedFolder {
  readonly folder: string;
  readonly files: readonly string[];
  readonly command: string;
  readonly adapter: string;
  /** Takes the adapter in; like `command` it is for a shell that stands in the folder. */
  readonly importCommand: string;
}

/** Writes the folder of an export, whole or not at all. Throws where the folder is there and not empty. */
export async function writeExport(
  exporter: TrainingExport,
  {
    job,
    base,
    folder,
    taskFolder,
  }: { readonly job: TrainingJob; readonly base: string; readonly folder: string; readonly taskFolder: string },
): Promise<ExportedFolder> {
  if (!exporter.methods.includes(job.method)) {
    throw inputError({
      code: 'method-not-exported',
      message: `${exporter.id} cannot learn by the method ${job.method}.`,
      hint: `It knows: ${exporter.methods.join(', ')}.`,
    });
  }
  const exported = exportedJob(job, base);
  const importCommand = `rung tune import ${exporter.adapter} ${shellWord(relative(folder, taskFolder) || '.')}`;
  const files = { ...exporter.files(exported), 'README.md': exportReadme(exporter, exported, importCommand) };
  await writeFolder(folder, files);
  const { command, adapter } = exporter;
  return { folder, files: Object.keys(files).sort(), command, adapter: join(folder, adapter), importCommand };
}

/** A path as one word of a POSIX shell, and never as an option. */
export function shellWord(path: string): string {
  if (path.startsWith('-')) return shellWord(`./${path}`);
  return /^[\w./@%+=:,-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
