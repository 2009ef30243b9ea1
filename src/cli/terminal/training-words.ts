import type { JobEvent, JobRecord } from '#core/job.ts';
import { isJsonObject, type JsonObject } from '#core/json.ts';
import type { TrainingEvent } from '#core/trainer.ts';
import { countedEvents } from '#jobs/job-log.ts';
import { countText, durationText, plainText, valueTextOf } from '#report/number-text.ts';
import { jobMetric } from '../../tune-document.ts';
import type { Line } from './styled-line.ts';
import { type Curve, textCurve } from './text-curve.ts';

type Step = Extract<TrainingEvent, { readonly type: 'step' }>;
type Evaluation = Extract<TrainingEvent, { readonly type: 'evaluation' }>;

/** What a job has told so far, as whoever shows it needs it. */
export interface TrainingStory {
  readonly steps: readonly Step[];
  readonly evaluations: readonly Evaluation[];
}

export function storyOf(told: readonly JobEvent[]): TrainingStory {
  const events = countedEvents(told).map(({ event }) => event);
  return {
    steps: events.filter((event) => event.type === 'step'),
    evaluations: events.filter((event) => event.type === 'evaluation'),
  };
}

/** "step 120 of 300, epoch 2"; nothing before the first step. */
export function placeWords({ steps, evaluations }: TrainingStory): string {
  const last = steps.at(-1);
  const evaluated = evaluations.at(-1)?.step;
  if (last === undefined) return evaluated === undefined ? '' : `step ${countText(evaluated)}`;
  return `step ${countText(last.step)} of ${countText(last.totalSteps)}, epoch ${countText(Math.ceil(last.epoch))}`;
}

/** "training loss 0.41, validation loss 0.52, accuracy 88.0 % on 100 validation rows (best)", as far as known. */
export function lossWords({ steps, evaluations }: TrainingStory, record: JobRecord): string {
  const step = steps.at(-1);
  const evaluation = evaluations.at(-1);
  const loss = evaluation?.validationLoss;
  return joined([
    step !== undefined && `training loss ${plainText(step.trainLoss ?? Number.NaN)}`,
    loss !== undefined && `validation loss ${plainText(loss)}`,
    metricWords(evaluation, record),
  ]);
}

function metricWords(evaluation: Evaluation | undefined, record: JobRecord): string {
  if (evaluation?.metric === undefined) return evaluation?.best ? 'best so far' : '';
  const { name, value } = jobMetric(record);
  const shown = value(evaluation.metric);
  return `${name} ${valueTextOf([shown]).value(shown)} on ${countText(record.rows.validation)} validation rows${evaluation.best ? ', best so far' : ''}`;
}

/** "tokens right 71.2 %, 1,230 tokens/s, 312 MB, about 20 s left", as far as the trainer tells. */
export function paceWords({ steps }: TrainingStory): string {
  const { tokenAccuracy, tokensPerSecond, memoryBytes, secondsLeft } = steps.at(-1) ?? {};
  return joined([
    tokenAccuracy !== undefined && `tokens right ${valueTextOf([tokenAccuracy]).value(tokenAccuracy)}`,
    tokensPerSecond !== undefined && `${countText(tokensPerSecond)} tokens/s`,
    memoryBytes !== undefined && bytesText(memoryBytes),
    secondsLeft !== undefined && secondsLeft >= 1 && `about ${durationText(secondsLeft)} left`,
  ]);
}

/** "312 MB", "1.4 GB" */
export function bytesText(bytes: number): string {
  return bytes < 1e9 ? `${countText(bytes / 1e6)} MB` : `${plainText(bytes / 1e9)} GB`;
}

/** "learningRate 0.001, rank 4" */
export function settingsText(settings: JsonObject): string {
  return Object.entries(settings)
    .flatMap(([name, value]) => (isJsonObject(value) ? [] : [`${name} ${typeof value === 'number' ? plainText(value) : String(value)}`]))
    .join(', ');
}

/** What a sweep tries with a job, after a comma; nothing where it is none of a sweep's. */
export function triedWords({ metadata = {} }: JobRecord): string {
  const { configuration } = metadata;
  return isJsonObject(configuration) ? `, ${settingsText(configuration)}` : '';
}

/** The losses of a job as a small curve; nothing before two steps. */
export function lossCurve({ steps, evaluations }: TrainingStory, size: { width: number; height: number }): Line[] {
  const curves: Curve[] = [
    { name: 'training loss', style: 'cyan', points: steps.map(({ step, trainLoss }) => ({ x: step, y: trainLoss ?? Number.NaN })) },
    {
      name: 'validation loss',
      style: 'yellow',
      mark: '●',
      points: evaluations.map(({ step, validationLoss = Number.NaN }) => ({ x: step, y: validationLoss })),
    },
  ];
  return textCurve(curves, size);
}

function joined(parts: readonly (string | false)[]): string {
  return parts.filter((part) => part !== false && part !== '').join(', ');
}
