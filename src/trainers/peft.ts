import { messageOf, RungError } from '#core/errors.ts';
import { isJsonObject } from '#core/json.ts';
import {
  type BaseModel,
  defineTrainer,
  type Trainer,
  type TrainerSite,
  type TrainingHandle,
  type TrainingJob,
  type TrainingStatus,
} from '#core/trainer.ts';
import { findPython, pythonScript } from '#data/python/python-command.ts';
import { folderOf, peftJob, readPeftSettings } from './peft-job.ts';
import { look } from './peft-look.ts';
import type { PeftChecked } from './peft-output.ts';
import { PeftProcess, type PeftProgram } from './peft-process.ts';
import { PeftRun } from './peft-run.ts';
import { statusWithin } from './status-within.ts';

const id = 'peft';

export interface PeftTrainerOptions {
  /** Path of the program that trains; the one that comes with Rung where absent. */
  readonly script?: string;
  /** Until a process that was asked to end is ended; 60 seconds where absent, since a pass of a large model takes long. */
  readonly graceMs?: number;
  /** Without a word for so long, a warning says so; ten minutes where absent. */
  readonly quietMs?: number;
}

/**
 * Tunes a model of the Transformers library with LoRA or QLoRA in a Python process of its own, which lives on when the
 * process that started it is killed and goes on from its checkpoint when it is killed itself.
 */
export function peftTrainer(options: PeftTrainerOptions = {}): Trainer {
  const { script = pythonScript('tune.py'), graceMs = 60_000, quietMs = 600_000 } = options;
  const running = new Map<string, { status: Promise<TrainingStatus>; cancel: AbortController }>();
  const program = async (site: TrainerSite): Promise<PeftProgram> => ({
    python: await findPython({
      setting: readPeftSettings(site.settings).python,
      entry: 'trainers.peft.python',
      taskFolder: site.taskFolder,
      environment: site.environment,
      device: readPeftSettings(site.settings).device,
    }),
    script,
    environment: site.environment,
  });
  const seen = new WeakMap<TrainerSite, { readonly job: TrainingJob; readonly checked: Promise<PeftChecked> }>();
  // who checks a job and then asks what it takes waits for one Python, not for two
  const lookOnce = (job: TrainingJob, site: TrainerSite): Promise<PeftChecked> => {
    const before = seen.get(site);
    if (before?.job === job) return before.checked;
    const checked = program(site).then((found) => look(job, site, found));
    seen.set(site, { job, checked });
    return checked;
  };
  return defineTrainer({
    id,
    summary: 'LoRA and QLoRA on models of the Transformers library, in a Python process.',
    methods: ['supervised', 'preference', 'pretraining'],
    canTune,
    async check(job, site) {
      await lookOnce(job, site);
    },
    async estimate(job, site) {
      const { tokens, memoryBytes } = await lookOnce(job, site);
      const made = await peftJob(job, site);
      const memory =
        memoryBytes === undefined ? '' : `; training holds about ${Math.ceil(memoryBytes / 2 ** 20).toLocaleString('en-GB')} MiB at once`;
      return {
        tokens: tokens * Number(made.hyperparameters['epochs']),
        cost: 0,
        method: `Counted by the model's own tokenizer, rows as the chat template writes them${memory}; this machine bills nothing.`,
      };
    },
    async renderFirstRow(job, site) {
      return (await lookOnce(job, site)).firstRow;
    },
    async start(job, context) {
      const made = await peftJob(job, context);
      const folder = folderOf(made, context.scratchFolder);
      const handle = { trainer: id, job: `ft_${running.size + 1}_${made.id}`, state: { folder } };
      const cancel = new AbortController();
      const signal = AbortSignal.any([cancel.signal, context.signal]);
      const toEnd = async (): Promise<TrainingStatus> => {
        try {
          const run = { job: made, folder, base: job.base.model, context: { ...context, signal }, graceMs, quietMs };
          return await new PeftRun({ ...run, process: new PeftProcess(folder), program: await program(context) }).toEnd();
        } catch (error) {
          const hint = RungError.is(error) ? error.hint : undefined;
          return { state: 'failed', error: messageOf(error), ...(hint !== undefined && { hint }) };
        }
      };
      running.set(handle.job, { cancel, status: toEnd() });
      return handle;
    },
    async poll(handle, { waitMs }) {
      const entry = running.get(handle.job);
      if (entry === undefined) return statusElsewhere(handle);
      return statusWithin(entry.status, waitMs);
    },
    async cancel(handle) {
      const entry = running.get(handle.job);
      if (entry === undefined) return processOf(handle)?.end(graceMs);
      entry.cancel.abort();
      await entry.status;
    },
  });
}

// nano's as its own trainer takes them: the model that comes along, or an entry of `providers:` with a folder
function canTune({ kind, model, settings }: BaseModel): boolean {
  return kind === 'transformers' || (kind === 'nano' && (typeof settings['folder'] === 'string' || model === '' || model === 'nano'));
}

/** A job that another process watched: it may still be at work, and its result is known to whoever starts it again. */
async function statusElsewhere(handle: TrainingHandle): Promise<TrainingStatus> {
  if (await processOf(handle)?.isAlive()) return { state: 'running' };
  return { state: 'failed', error: 'The job is not known to this process.', hint: 'Start it again: it goes on where it was.' };
}

function processOf({ state }: TrainingHandle): PeftProcess | undefined {
  return isJsonObject(state) && typeof state['folder'] === 'string' ? new PeftProcess(state['folder']) : undefined;
}
