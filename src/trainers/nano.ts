import { breather } from '#core/breather.ts';
import { inputError } from '#core/errors.ts';
import { contentHashInTurns, isJsonObject } from '#core/json.ts';
import {
  defineTrainer,
  type Trainer,
  type TrainerSite,
  type TrainingHandle,
  type TrainingJob,
  type TrainingStatus,
} from '#core/trainer.ts';
import { resolveInside } from '#data/inside-folder.ts';
import type { Nano } from '#nano/index.ts';
import type { NanoSource } from '#nano/nano-source.ts';
import { readEnd, runNanoJob, trainJobOf } from './nano-job.ts';
import { statusWithin } from './status-within.ts';

const id = 'nano';
/** Below this a tune learns the rows themselves and nothing that they have in common. */
const fewestRows = 10;

/** Tunes the embedded model, or another plain Llama folder, in this process, in its worker threads. */
export function nanoTrainer(source: NanoSource): Trainer {
  const running = new Map<string, { status: Promise<TrainingStatus>; cancel: AbortController; ended: boolean }>();
  return defineTrainer({
    id,
    summary: 'LoRA on the embedded model or a small Llama folder, in this process.',
    methods: ['supervised', 'preference', 'pretraining'],
    // as the provider names them: the model that comes along, or an entry of `providers:` with a folder
    canTune: ({ kind, model, settings }) => kind === id && (typeof settings['folder'] === 'string' || model === '' || model === id),
    async check(job, site) {
      checkRows(job);
      const nano = await openBase(source, site);
      await nano.checkJob(await trainJobOf(job, site, ''), readOptions(site));
    },
    async estimate(job, site) {
      const nano = await openBase(source, site);
      const { tokens, seconds } = await nano.rehearse(await trainJobOf(job, site, ''), readOptions(site));
      return {
        tokens,
        seconds,
        cost: 0,
        method: `Tokens by the model's own tokenizer, all epochs; time from a step measured on this machine, without the task's own evaluations.`,
      };
    },
    async renderFirstRow(job, site) {
      const nano = await openBase(source, site);
      const { tokens, mask } = firstRowOf(job, nano);
      return nano.tokenTexts(tokens).map((text, index) => ({ text, learnt: mask[index] === true }));
    },
    async start(job, context) {
      const handle = {
        trainer: id,
        job: `ft_${(await contentHashInTurns({ trainer: id, job }, breather())).slice(0, 12)}`,
        state: { folder: context.scratchFolder },
      };
      const key = keyOf(handle);
      if (running.get(key)?.ended === false) return handle;
      const cancel = new AbortController();
      const signal = AbortSignal.any([cancel.signal, context.signal]);
      const entry = { cancel, ended: false, status: runNanoJob(() => openBase(source, context), job, handle.job, { ...context, signal }) };
      running.set(key, entry);
      void entry.status.then(() => {
        entry.ended = true;
      });
      return handle;
    },
    async poll(handle, { waitMs }) {
      const entry = running.get(keyOf(handle));
      if (entry === undefined) return statusElsewhere(handle);
      return statusWithin(entry.status, waitMs);
    },
    async cancel(handle) {
      const entry = running.get(keyOf(handle));
      entry?.cancel.abort();
      await entry?.status;
    },
  });
}

function readOptions({ signal, onRows }: TrainerSite) {
  return { signal, ...(onRows && { onRows }) };
}

/** Nothing of raw text, all of which is learnt. */
function firstRowOf(job: TrainingJob, nano: Nano): ReturnType<Nano['trainedTokens']> {
  if (job.method === 'supervised') return nano.trainedTokens(job.train[0]?.messages ?? []);
  if (job.method === 'preference') {
    const [row] = job.train;
    return nano.trainedTokens(row === undefined ? [] : [...row.messages, { role: 'assistant', content: row.chosen }]);
  }
  return { tokens: [], mask: [] };
}

/** A job of a process that has ended: what it left when it was done, else nothing that still goes on. */
async function statusElsewhere(handle: TrainingHandle): Promise<TrainingStatus> {
  const end = await readEnd(folderOf(handle), handle.job);
  return (
    end ?? { state: 'failed', error: 'The job is not known to this process.', hint: 'Start it again: it goes on from its checkpoint.' }
  );
}

function keyOf(handle: TrainingHandle): string {
  return `${folderOf(handle)}\n${handle.job}`;
}

function folderOf({ state }: TrainingHandle): string {
  return isJsonObject(state) && typeof state['folder'] === 'string' ? state['folder'] : '';
}

function checkRows({ method, train, hyperparameters }: TrainingJob): void {
  if (hyperparameters.quantization !== undefined) {
    throw inputError({
      code: 'training-options',
      message: `The embedded model is tuned in full precision; "quantization" cannot be ${JSON.stringify(hyperparameters.quantization)}.`,
      hint: 'Leave it out, or tune with the trainer peft on a GPU.',
    });
  }
  // one text can be long enough to learn from
  if (method !== 'pretraining' && train.length < fewestRows) {
    throw inputError({
      code: 'training-rows',
      message: `There ${train.length === 1 ? 'is' : 'are'} ${train.length} training row${train.length === 1 ? '' : 's'}; a tune needs at least ${fewestRows}.`,
      hint: 'Add rows, or put the ones there are into the prompt as examples.',
    });
  }
}

async function openBase(source: NanoSource, { base, taskFolder }: TrainerSite): Promise<Nano> {
  const { folder } = base.settings;
  return source.open(typeof folder === 'string' ? await resolveInside(taskFolder, folder, 'model folder', { file: folder }) : undefined);
}
