import type { LearningCurveEvidence, LearningCurvePoint } from '#core/evidence.ts';
import type { Example } from '#core/example.ts';
import type { Metric } from '#core/metric.ts';
import type { Output } from '#core/output.ts';
import { stratumReader } from '#data/stratum.ts';
import { seededRandom } from '#statistics/random.ts';
import { execute } from './execute.ts';
import { judgeRowWith } from './judge-row.ts';
import type { PlannedRung } from './plan.ts';
import { type PrepareOptions, prepare } from './prepare.ts';
import { skipReason } from './rung-input.ts';
import { leadingMetric, Scoreboard } from './score.ts';

/** Each part twice the one before, the smallest a sixteenth: as many steps as fit where that would be too small. */
const usual = { smallest: 1 / 16, steps: 4 };
/** Between neighbours; nearer ones tell nothing apart. */
const closest = { planned: 1.2, drawn: 1.1 };
const seeds = [0, 1, 2];
const fewest = { rows: 8, perLabel: 2, train: 64, validation: 30 };

/**
 * Prepares a rung on nested parts of the training split, drawn three times, and measures each on the validation split;
 * the test split is never touched. What was prepared and answered before is taken from the store. Undefined where the
 * examples are too few for a curve (under 64 training or 30 validation rows), or no metric scores rows.
 */
export async function measureLearningCurve(rung: PlannedRung, options: PrepareOptions): Promise<LearningCurveEvidence | undefined> {
  const { plan, store, progress } = options;
  const { train, validation } = plan.splits;
  const metric = leadingMetric(plan.metrics);
  if (metric === undefined || train.length < fewest.train || validation.length < fewest.validation) return undefined;
  const orders = seeds.map((seed) => drawOrder(train, plan.task.output, plan.seed + seed));
  const sizes = partSizes(train.length, Math.max(...orders.map(({ first }) => first.flat().length)));
  const drawn = orders.map((order) => nestedParts(train, order, sizes));
  const steps = distinctSizes(drawn);
  const points: LearningCurvePoint[] = [];
  const total = steps.length * seeds.length;
  for (const { rows, part } of steps) {
    for (const seed of seeds) {
      progress({ type: 'prepare', rung: rung.name, message: `learning curve: ${rows} training rows`, done: points.length, total });
      const value = await measurePart(rung, metric, drawn[seed]![part]!, plan.seed + seed, options);
      if (value !== undefined) points.push({ rows, seed, ...value });
    }
  }
  progress({ type: 'prepare', rung: rung.name, message: 'learning curve measured', done: total, total });
  const earlier = (await store.forecasts()).filter((forecast) => forecast.rung === rung.name && forecast.metric === metric.id);
  return { rung: rung.name, metric: metric.id, better: metric.better, points, earlier };
}

async function measurePart(
  rung: PlannedRung,
  metric: Metric,
  train: readonly Example[],
  seed: number,
  options: PrepareOptions,
): Promise<{ value: number; n: number } | undefined> {
  const { plan, models, artefacts, store, clock, concurrency, stopping, abort } = options;
  const { validation } = plan.splits;
  const part = { ...plan, seed, splits: { ...plan.splits, train } };
  if (skipReason(rung, part, models) !== undefined) return undefined;
  // the rung's own progress would overwrite the curve's
  const prepared = await prepare(rung, { ...options, plan: part, progress: () => undefined });
  const candidate = await rung.approach.restore(prepared.manifest, { model: (reference) => models.callable(reference), artefacts });
  const board = new Scoreboard(plan.task, validation, [metric]);
  await execute({
    candidate,
    examples: validation,
    split: 'validation',
    store,
    clock,
    concurrency,
    stopping,
    abort,
    judge: judgeRowWith([metric], plan.task, abort),
    onRow: (index, row, _fromStore, judged) => board.add(index, row, judged),
  });
  const { sum, n } = board.leading;
  return n === 0 ? undefined : { value: sum / n, n };
}

/** Numbers of rows in equal ratios from the smallest part to all; `needed` rows hold every label often enough. */
function partSizes(all: number, needed: number): number[] {
  const smallest = Math.min(all, Math.max(fewest.rows, needed, usual.smallest * all));
  const ratio = all / smallest;
  const steps = Math.min(usual.steps, Math.floor(Math.log(ratio) / Math.log(closest.planned)));
  return Array.from({ length: steps + 1 }, (_, step) => Math.round(all * ratio ** (steps === 0 ? 0 : step / steps - 1)));
}

/** Steps with the mean of their rows over the draws: whole groups make those differ a little, and may make two steps one. */
function distinctSizes(drawn: readonly (readonly (readonly Example[])[])[]): { rows: number; part: number }[] {
  const sizes = drawn[0]!.map((_, part) => ({
    part,
    rows: Math.round(drawn.reduce((sum, parts) => sum + parts[part]!.length, 0) / drawn.length),
  }));
  return sizes.filter(({ rows }, index) => (sizes[index + 1]?.rows ?? Number.POSITIVE_INFINITY) >= rows * closest.drawn);
}

/**
 * Parts of the training rows, each holding the one before: labels in proportion but at least two rows of each, groups
 * whole. The last part is the split itself, in its own order, so that the first seed's candidate is the climb's own.
 */
function nestedParts(train: readonly Example[], { first, rest }: DrawOrder, sizes: readonly number[]): Example[][] {
  return sizes.map((wanted) => {
    const part = first.flat();
    for (const cluster of rest) {
      // a group is taken while that brings the part nearer to its size
      if (part.length >= fewest.rows && part.length + cluster.length / 2 > wanted) break;
      part.push(...cluster);
    }
    return wanted >= train.length || part.length >= train.length ? [...train] : part;
  });
}

interface DrawOrder {
  readonly first: readonly (readonly Example[])[];
  readonly rest: readonly (readonly Example[])[];
}

/** Groups and single rows in drawn order, spread evenly over the strata; apart, those that bring the first rows of a label. */
function drawOrder(train: readonly Example[], output: Output, seed: number): DrawOrder {
  const random = seededRandom(seed);
  const stratumOf = stratumReader(output);
  const clusters = Map.groupBy(train, ({ group, id }) => (group === undefined ? `row ${id}` : `group ${group}`));
  const strata = Map.groupBy(clusters.values(), (cluster) => stratumOf(cluster[0]!));
  const placed = [...strata.values()].flatMap((members) =>
    shuffled(members, random).map((cluster, index) => ({ cluster, place: (index + random()) / members.length })),
  );
  const order = placed.sort((one, other) => one.place - other.place).map(({ cluster }) => cluster);
  if (output.kind !== 'labels') return { first: [], rest: order };
  const seen = new Map<string, number>();
  const [first, rest]: [Example[][], Example[][]] = [[], []];
  for (const cluster of order) {
    const labels = cluster.map(stratumOf);
    const brings = labels.some((label) => (seen.get(label) ?? 0) < fewest.perLabel);
    (brings ? first : rest).push(cluster);
    for (const label of labels) seen.set(label, (seen.get(label) ?? 0) + 1);
  }
  return { first, rest };
}

/** Fisher and Yates. */
function shuffled<T>(values: readonly T[], random: () => number): T[] {
  const order = [...values];
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}
