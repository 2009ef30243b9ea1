import type { EvidenceSet, LearningCurveEvidence, StoredForecast } from '#core/evidence.ts';
import type { Task } from '#core/task.ts';
import type { VerdictLearningCurve } from '#core/verdict.ts';
import { fitLearningCurve } from '#statistics/learning-curve.ts';
import { summariseLearningCurve } from '#statistics/learning-curve-sizes.ts';
import { count, goalText, measureName, percent, points, pointsRange, rangeText, scoreText } from './figures.ts';

type Size = VerdictLearningCurve['points'][number];
type Forecast = VerdictLearningCurve['forecast'][number];

/** Times the training rows there are. */
const steps = [1.5, 2, 3, 4];
/** Between now and four times as many rows, for where the goal is reached. */
const gridSteps = 24;
/** A forecast is scored by what came at its number of rows or up to this share beside it. */
const reach = 0.1;

/** What the first learning curve says of more labels, and how earlier forecasts of it did; null where none was measured. */
export function learningCurveOf(evidence: EvidenceSet, task: Task): VerdictLearningCurve | null {
  const curve = evidence.learningCurves[0];
  const sizes = curve === undefined ? [] : summariseLearningCurve(curve.points, task.confidence);
  const last = sizes.at(-1);
  if (curve === undefined || last === undefined) return null;
  const asked = steps.map((step) => Math.round(step * last.rows));
  const grid = Array.from({ length: gridSteps + 1 }, (_, index) => Math.round(last.rows * 4 ** (index / gridSteps)));
  const fit = fitLearningCurve(curve.points, {
    confidence: task.confidence,
    seed: task.seed,
    better: curve.better,
    at: [...new Set([...asked, ...grid])].sort((a, b) => a - b),
  });
  const doubled = fit.gain.find(({ rows }) => rows === asked[1]);
  const why =
    doubled === undefined
      ? `No forecast is made: ${fit.why}.${leftText(last, curve, task)}`
      : [gainText(doubled, last, curve.metric, fit.law, task), goalSentence(fit.forecast, last, curve, task)].filter(Boolean).join(' ');
  return {
    rung: curve.rung,
    metric: curve.metric,
    points: sizes,
    forecast: fit.forecast.filter(({ rows }) => asked.includes(rows)),
    law: fit.law,
    why,
    scored: curve.earlier.flatMap((forecast) => scoreOf(forecast, last)),
  };
}

/** The forecast to keep for the day when more data has come; it begins with what is measured now. */
export function forecastToStore({ rung, metric, points: sizes, forecast }: VerdictLearningCurve): StoredForecast {
  const kept = [...sizes.slice(-1), ...forecast];
  return {
    rung,
    metric,
    madeAt: sizes.at(-1)?.rows ?? 0,
    points: kept.map(({ rows, value, low, high }) => ({ rows, value, low, high })),
  };
}

/** The curve in a few plain lines for a terminal. */
export function learningCurveLines({ rung, metric, points: sizes, forecast, law, why, scored }: VerdictLearningCurve): string[] {
  const text = ({ rows, value, low, high }: { rows: number; value: number; low: number; high: number }) =>
    `${count(rows)} rows ${scoreText(value)} (${rangeText({ low, high })})`;
  const last = sizes.at(-1);
  const basis = last === undefined ? '' : `, ${last.seeds} seeds each, n ${count(last.n)} validation rows`;
  return [
    `Learning curve of ${rung}, ${measureName(metric)}${basis}:`,
    `  measured  ${sizes.map(text).join(', ')}`,
    ...(forecast.length === 0 ? [] : [`  forecast  ${forecast.map(text).join(', ')}; ${law} law`]),
    `  ${why}`,
    ...scored.map((each) => `  ${scoredText(each)}`),
  ];
}

/** "At 150 rows 88 % (84–91 %) was forecast for 300; 89.2 % came, within the band." */
export function scoredText({ madeAt, rows, forecast, low, high, came, within }: VerdictLearningCurve['scored'][number]): string {
  const told = `At ${count(madeAt)} rows ${scoreText(forecast)} (${rangeText({ low, high })}) was forecast for ${count(rows)}`;
  return `${told}; ${scoreText(came)} came, ${within ? 'within' : 'outside'} the band.`;
}

function gainText(gain: Forecast, last: Size, metric: string, law: string, task: Task): string {
  const band = `${percent(task.confidence)} band ${pointsRange(gain)}, ${law} law, n ${count(gain.n)}`;
  const doubling = `Doubling the labels from ${count(last.rows)} to ${count(gain.rows)} is forecast to improve ${measureName(metric)} by ${points(gain.value)} (${band})`;
  const matters = points(task.minimumGain).replace('+', '');
  if (gain.high < task.minimumGain) return `${doubling}: labelling more is forecast to gain less than the ${matters} that matter.`;
  if (gain.low >= task.minimumGain) return `${doubling}: labelling more is forecast to gain at least the ${matters} that matter.`;
  return `${doubling}: whether that reaches the ${matters} that matter cannot be told yet.`;
}

/** Where so little is wrong that no number of labels could matter, that can be told without a forecast. */
function leftText({ low, high, method }: Size, { metric, better }: LearningCurveEvidence, task: Task): string {
  const left = better === 'higher' ? 1 - low : high;
  if (!method.startsWith('wilson') || left >= task.minimumGain) return '';
  return ` At most ${points(left).replace('+', '')} of ${measureName(metric)} are left to gain.`;
}

/** How many labels would reach the goal on the curve's metric; empty where there is no such goal or it is reached already. */
function goalSentence(forecast: readonly Forecast[], last: Size, { metric, better }: LearningCurveEvidence, task: Task): string {
  const goal = task.goals.find(({ measure, operator }) => measure === metric && operator === (better === 'higher' ? '>=' : '<='));
  if (goal === undefined) return '';
  const reaches = (value: number) => (better === 'higher' ? value >= goal.bound : value <= goal.bound);
  if (reaches(last.value)) return `On the validation rows the goal, ${goalText(goal)}, is reached already.`;
  const [soonest, latest] = better === 'higher' ? (['high', 'low'] as const) : (['low', 'high'] as const);
  const about = rowsToReach(forecast, 'value', goal.bound, reaches);
  const early = rowsToReach(forecast, soonest, goal.bound, reaches);
  const late = rowsToReach(forecast, latest, goal.bound, reaches);
  const furthest = count(forecast.at(-1)!.rows);
  if (early === undefined) return `Even ${furthest} labels are not forecast to reach the goal, ${goalText(goal)}.`;
  if (about === undefined) return `Whether up to ${furthest} labels would reach the goal, ${goalText(goal)}, cannot be told.`;
  const range = late === undefined ? `${roughly(early)} to more than ${furthest}` : `${roughly(early)} to ${roughly(late)}`;
  return `About ${roughly(about)} labels would reach the goal, ${goalText(goal)} (${percent(task.confidence)} band ${range}).`;
}

/** The first number of rows whose end reaches the bound, between grid points in proportion; undefined where none does. */
function rowsToReach(
  forecast: readonly Forecast[],
  end: 'value' | 'low' | 'high',
  bound: number,
  reaches: (value: number) => boolean,
): number | undefined {
  const index = forecast.findIndex((each) => reaches(each[end]));
  const [before, after] = [forecast[index - 1], forecast[index]];
  if (after === undefined || before === undefined) return after?.rows;
  return before.rows + ((after.rows - before.rows) * (bound - before[end])) / (after[end] - before[end]);
}

/** Two digits: a forecast of labels has no more. */
function roughly(rows: number): string {
  return count(Number(rows.toPrecision(2)));
}

/** An earlier forecast beside what came at the present number of rows; empty where it said nothing of that number. */
function scoreOf({ madeAt, points: told }: StoredForecast, { rows, value }: Size): VerdictLearningCurve['scored'] {
  const ordered = [...told].sort((one, other) => one.rows - other.rows);
  const [first, last] = [ordered[0], ordered.at(-1)];
  if (first === undefined || last === undefined || last.rows <= madeAt) return [];
  if (rows <= madeAt * (1 + reach) || rows < first.rows * (1 - reach) || rows > last.rows * (1 + reach)) return [];
  const after = ordered.find((point) => point.rows >= rows) ?? last;
  const before = ordered.findLast((point) => point.rows <= rows) ?? first;
  // between two forecasts in proportion to the logarithm of the rows, in which learning curves are nearly straight
  const share = after.rows === before.rows ? 0 : Math.log(rows / before.rows) / Math.log(after.rows / before.rows);
  const between = (end: 'value' | 'low' | 'high') => before[end] + share * (after[end] - before[end]);
  const [forecast, low, high] = [between('value'), between('low'), between('high')];
  return [{ madeAt, rows, forecast, low, high, came: value, within: low <= value && value <= high }];
}
