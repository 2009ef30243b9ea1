import type { JobEvent } from '#core/job.ts';
import { sha256 } from '#core/json.ts';
import type { TrainingEvent } from '#core/trainer.ts';
import { checkpointName, type ServedJob, tunedName } from './served-job.ts';

const statusOf = { validating: 'validating_files' } as const;

/** A job as OpenAI's clients type it. `secondsLeft` where it is known. */
export function wireJob(job: ServedJob, organization: string, now: number, secondsLeft?: number) {
  const { beta, ...hyperparameters } = job.hyperparameters;
  const succeeded = job.state === 'succeeded';
  const own = { hyperparameters: job.method === 'dpo' ? { ...hyperparameters, beta: beta ?? 'auto' } : hyperparameters };
  return {
    object: 'fine_tuning.job' as const,
    id: job.id,
    created_at: seconds(job.createdAt),
    model: job.model,
    organization_id: `org-${organization}`,
    status: job.state === 'validating' ? statusOf.validating : job.state,
    fine_tuned_model: succeeded ? tunedName(job, organization) : null,
    finished_at: succeeded && job.endedAt !== undefined ? seconds(job.endedAt) : null,
    estimated_finish: job.state === 'running' && secondsLeft !== undefined ? seconds(now + 1000 * secondsLeft) : null,
    training_file: job.trainingFile,
    validation_file: job.validationFile,
    result_files: [job.resultFile, job.samplesFile].filter((file) => file !== undefined),
    trained_tokens: succeeded ? (job.trainedTokens ?? null) : null,
    error: job.error ?? null,
    hyperparameters,
    method: { type: job.method, [job.method]: own },
    seed: job.seed,
    user_provided_suffix: job.suffix,
    integrations: [],
    metadata: job.metadata,
  };
}

/** Checkpoints, the latest first. */
export function wireCheckpoints(job: ServedJob, organization: string) {
  return [...job.checkpoints].reverse().map(({ id, at, step, metrics }) => ({
    object: 'fine_tuning.job.checkpoint' as const,
    id,
    created_at: seconds(at),
    fine_tuned_model_checkpoint: checkpointName(job, organization, step),
    fine_tuning_job_id: job.id,
    metrics: { step, ...metrics },
    step_number: step,
  }));
}

type Happening = JobEvent | { readonly n: number; readonly at: number; readonly note: ServedJob['notes'][number] };

/** What happened to a job, the latest first: what the server did with it and what its training told. */
export function happenings(job: ServedJob, told: readonly JobEvent[]): readonly Happening[] {
  const notes = job.notes.map((note, n) => ({ n, at: note.at, note }));
  return [...notes, ...told].sort((one, other) => one.at - other.at).reverse();
}

/** Ids of what happened to a job, the same at every look, so that a client can go on from one; a long job has too many to hash each. */
export function eventIds({ id }: ServedJob): (happened: Happening) => string {
  const ofJob = sha256(id).slice(0, 12);
  return ({ n, ...what }) => `ftevent-${ofJob}${'note' in what ? 0 : 1}${n.toString(16).padStart(11, '0')}`;
}

/** An event as OpenAI's clients type it. */
export function wireEvent(id: string, happened: Happening) {
  const about =
    'note' in happened
      ? { level: happened.note.level, message: happened.note.message, data: null, type: 'message' as const }
      : toldEvent(happened.event);
  return { object: 'fine_tuning.job.event' as const, id, created_at: seconds(happened.at), ...about };
}

function toldEvent(event: TrainingEvent) {
  if (event.type === 'message') {
    const level = event.level === 'warning' ? ('warn' as const) : event.level;
    return { level, message: event.message, data: null, type: 'message' as const };
  }
  const about = { level: 'info' as const, type: 'metrics' as const };
  const { step, tokenAccuracy } = event;
  if (event.type === 'evaluation') {
    const loss = event.validationLoss;
    const message = loss === undefined ? `Step ${step}: evaluated` : `Step ${step}: validation loss=${loss.toFixed(2)}`;
    return { ...about, message, data: { step, valid_loss: loss, valid_mean_token_accuracy: tokenAccuracy } };
  }
  const { totalSteps, epoch, trainLoss, learningRate } = event;
  const figures = { train_loss: trainLoss, train_mean_token_accuracy: tokenAccuracy, learning_rate: learningRate };
  return {
    ...about,
    message: `Step ${step}/${totalSteps}: training loss=${trainLoss.toFixed(2)}`,
    data: { step, total_steps: totalSteps, epoch, ...figures },
  };
}

/** The metrics of a job's steps, a line each: the file that OpenAI's jobs leave behind. A figure that was not measured is empty. */
export function resultsCsv(told: readonly TrainingEvent[]): string {
  const steps = new Map<number, (number | undefined)[]>();
  for (const event of told) {
    if (event.type === 'message') continue;
    const cells = steps.get(event.step) ?? [];
    if (event.type === 'step') [cells[0], cells[1]] = [event.trainLoss, event.tokenAccuracy];
    else [cells[2], cells[3]] = [event.validationLoss, event.tokenAccuracy];
    steps.set(event.step, cells);
  }
  const lines = [...steps]
    .sort(([one], [other]) => one - other)
    .map(([step, cells]) => [step, ...[0, 1, 2, 3].map((at) => cells[at] ?? '')]);
  return [['step', 'train_loss', 'train_accuracy', 'valid_loss', 'valid_mean_token_accuracy'], ...lines]
    .map((line) => `${line.join(',')}\n`)
    .join('');
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
