import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { inputError, messageOf, RungError } from '#core/errors.ts';
import {
  type BaseModel,
  defineTrainer,
  type Trainer,
  type TrainerContext,
  type TrainerSite,
  type TrainingEvent,
  type TrainingJob,
  type TrainingStatus,
} from '#core/trainer.ts';
import { resolveInside } from '#data/inside-folder.ts';
import { type FoundAdapter, readAdapterFolder } from './adapter-folder.ts';

const id = 'adapter';

/** Takes an adapter that was trained elsewhere in place of training: `trainers: { adapter: { folder: adapters/mine } }`. */
export function adapterTrainer(): Trainer {
  const taken = new Map<string, Promise<TrainingStatus>>();
  return defineTrainer({
    id,
    summary: 'An adapter that was trained elsewhere, taken in.',
    methods: ['supervised', 'preference', 'pretraining'],
    onlyByName: true,
    canTune: ({ kind }) => kind === 'nano' || kind === 'transformers',
    async identity(site) {
      const { files } = await found(site);
      const hash = createHash('sha256');
      for (const [name, bytes] of Object.entries(files)) hash.update(`${name} ${bytes.length}\n`).update(bytes);
      return hash.digest('hex');
    },
    async check(_job, site) {
      await found(site);
    },
    async start(job, context) {
      const name = `adapter_${taken.size + 1}`;
      taken.set(name, take(job, context));
      return { trainer: id, job: name };
    },
    async poll({ job }) {
      return (await taken.get(job)) ?? { state: 'failed', error: 'The job is not known to this process.' };
    },
    async cancel() {},
  });
}

async function take(job: TrainingJob, context: TrainerContext): Promise<TrainingStatus> {
  const begun = performance.now();
  try {
    if (job.train.length === 0) throw inputError({ code: 'training-rows', message: 'There are no training rows.' });
    const { files, source, base } = await found(context);
    const folder = join(context.scratchFolder, 'adapter');
    await mkdir(folder, { recursive: true });
    for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
    const model = { model: job.base.model, adapter: await context.keep(folder) };
    const metric = await context.evaluate?.(model);
    const events: TrainingEvent[] = [
      { type: 'message', level: 'info', message: `Took in an adapter of ${source}${base === undefined ? '' : `, trained on ${base}`}.` },
      { type: 'evaluation', step: 0, best: true, checkpoint: model, ...(metric === undefined ? {} : { metric }) },
    ];
    for (const event of events) context.onEvent(event);
    const seconds = (performance.now() - begun) / 1000;
    return { state: 'succeeded', outcome: { model, hyperparameters: {}, events, bestStep: 0, seconds } };
  } catch (error) {
    if (context.signal.aborted) return { state: 'cancelled' };
    return { state: 'failed', error: messageOf(error), ...(RungError.is(error) && error.hint ? { hint: error.hint } : {}) };
  }
}

/** The adapter that the settings name. Throws a usage error where there is none, or where it is of another base. */
async function found({ settings, taskFolder, base }: TrainerSite): Promise<FoundAdapter> {
  const { folder } = settings;
  if (typeof folder !== 'string') {
    throw inputError({
      code: 'adapter-unnamed',
      message: 'The trainer adapter was told of no folder.',
      hint: 'Write trainers: { adapter: { folder: adapters/NAME } } in the task file; `rung tune import` puts an adapter there.',
    });
  }
  const adapter = await readAdapterFolder(await resolveInside(taskFolder, folder, 'adapter folder', { file: folder }));
  const wanted = baseNames(base);
  if (adapter.base !== undefined && wanted.length > 0 && !wanted.includes(basename(adapter.base))) {
    throw inputError({
      code: 'adapter-of-another-base',
      message: `The adapter in ${folder} was trained on ${adapter.base}, and the task's model is ${base.name}.`,
      hint: `Name the model that it was trained on, or take an adapter of ${wanted.join(' or ')}. If it is the same under another name, bring it in again with --base.`,
      place: { file: folder },
    });
  }
  return adapter;
}

/** Last parts of the names under which Hugging Face libraries know a base. */
function baseNames({ kind, model, settings }: BaseModel): readonly string[] {
  const named = [settings['model'], settings['folder'], model].filter((name) => typeof name === 'string' && name !== '');
  return (kind === 'nano' && named.length === 0 ? ['nano'] : named).map((name) => basename(String(name)));
}
