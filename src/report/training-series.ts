import type { TrainingEvent } from '#core/trainer.ts';

export interface SeriesPoint {
  readonly step: number;
  readonly value: number;
}

export interface TrainingSeries {
  readonly trainLoss: readonly SeriesPoint[];
  readonly validationLoss: readonly SeriesPoint[];
  readonly metric: readonly SeriesPoint[];
  /** Step of the checkpoint that was kept. */
  readonly bestStep: number | undefined;
  readonly lastStep: number;
}

const pointsAtMost = 240;

/** At most 240 points: neighbours are averaged, so that noise thins but no trend is lost. */
function thin(points: readonly SeriesPoint[], limit = pointsAtMost): readonly SeriesPoint[] {
  if (points.length <= limit) return points;
  const size = Math.ceil(points.length / limit);
  return Array.from({ length: Math.ceil(points.length / size) }, (_, index) => {
    const part = points.slice(index * size, (index + 1) * size);
    return { step: part.at(-1)!.step, value: part.reduce((sum, point) => sum + point.value, 0) / part.length };
  });
}

/** Curves of one training; a repeated step, as after resuming, counts once, the later report winning. */
export function seriesOf(events: readonly TrainingEvent[]): TrainingSeries {
  const trainLoss = new Map<number, number>();
  const validationLoss = new Map<number, number>();
  const metric = new Map<number, number>();
  let bestStep: number | undefined;
  for (const event of events) {
    if (event.type === 'step') trainLoss.set(event.step, event.trainLoss);
    if (event.type !== 'evaluation') continue;
    if (event.validationLoss !== undefined) validationLoss.set(event.step, event.validationLoss);
    if (event.metric !== undefined) metric.set(event.step, event.metric);
    if (event.best) bestStep = event.step;
  }
  const points = (values: Map<number, number>) =>
    [...values]
      .map(([step, value]) => ({ step, value }))
      .filter(({ value }) => Number.isFinite(value))
      .sort((a, b) => a.step - b.step);
  return {
    trainLoss: thin(points(trainLoss)),
    validationLoss: points(validationLoss),
    metric: points(metric),
    bestStep,
    lastStep: Math.max(0, ...trainLoss.keys(), ...validationLoss.keys()),
  };
}
