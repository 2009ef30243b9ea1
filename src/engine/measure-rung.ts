import { type Candidate, partId } from '#core/candidate.ts';
import type { CandidateEvidence, EarlyStop, EarlyStopRule, EvidenceSet } from '#core/evidence.ts';
import type { Example } from '#core/example.ts';
import { isJsonObject } from '#core/json.ts';
import type { RoutingPlan } from '#core/routing.ts';
import type { PreparedCandidate } from '#core/run.ts';
import { proportionEstimate } from '#statistics/proportion.ts';
import { execute } from './execute.ts';
import { guardRung } from './guard-rung.ts';
import { judgeRowWith } from './judge-row.ts';
import type { PlannedRung } from './plan.ts';
import { prepare } from './prepare.ts';
import { probeRung } from './probe-rung.ts';
import { askAgain } from './repeats.ts';
import type { GuardOptions } from './run-guards.ts';
import { leadingMetric, Scoreboard } from './score.ts';
import { knownModels, tunedReference } from './tuned-reference.ts';

export interface MeasureOptions extends GuardOptions {
  /** When a rung has told enough; every row is asked where absent. */
  readonly earlyStop?: EarlyStopRule;
  readonly earlier: readonly CandidateEvidence[];
  /** The rows as the evidence holds them. */
  readonly rows: EvidenceSet['examples'];
}

/** Milliseconds between two showings of a rung's progress. */
const showEveryMs = 100;

/** Prepares a rung, asks it row after row until it has told enough, puts it to the probes, and gives its numbers. */
export async function measureRung(rung: PlannedRung, options: MeasureOptions): Promise<CandidateEvidence> {
  const { plan, models, store, meter, progress } = options;
  const prepared = await prepare(rung, options);
  const candidate = await rung.approach.restore(prepared.manifest, {
    model: (reference) => models.callable(reference),
    artefacts: options.artefacts,
  });
  const examples = plan.splits[plan.evidenceSplit];
  const board = new Scoreboard(plan.task, examples, plan.metrics);
  const tuned = tunedReference(prepared.manifest, await options.jobs.list(), knownModels(rung, plan, models));
  const about = { ...(await aboutOf(rung, prepared, options)), tuned: tuned !== undefined };
  const show = progressOf(rung, board, examples, options);
  const judge = judgeRowWith(plan.metrics, plan.task, options.abort);
  const ask = (rows: readonly number[] | undefined) =>
    execute({
      ...options,
      candidate,
      examples,
      split: plan.evidenceSplit,
      rows,
      judge,
      onRow(index, row, fromStore, judged) {
        board.add(index, row, judged);
        if (fromStore) meter.cached += row.answer?.calls.length ?? 0;
        show(false);
      },
    });
  const stopped = await askUntilTold(board, about, examples, ask, options);
  show(true);
  meter.failures += board.failures;
  const repeats = await repeatsOf(candidate, board.done, options);
  const measured = { rung: rung.name, rows: board.done, failures: board.failures, stopped, tuned };
  const probed = await probeRung(candidate, measured, options);
  const answered = board.done - board.failures;
  const guarded = tuned === undefined ? {} : await guardRung(rung, { prepared, tuned, stopped, answered }, options);
  progress({ type: 'rung-done', rung: rung.name, candidate: prepared.id, ...(stopped === undefined ? {} : { stopped }) });
  return {
    ...board.evidence({ ...about, training: await store.training(prepared.id) }),
    ...(stopped === undefined ? {} : { stopped }),
    ...(repeats === undefined ? {} : { repeats }),
    ...overlaysOf(prepared),
    ...notesOf(prepared),
    ...probed,
    ...guarded,
  };
}

function overlaysOf({ manifest }: PreparedCandidate): Pick<CandidateEvidence, 'overlays'> {
  const overlays = textsOf(manifest, 'overlays');
  return overlays.length === 0 ? {} : { overlays };
}

function notesOf({ manifest }: PreparedCandidate): Pick<CandidateEvidence, 'notes'> {
  const notes = textsOf(manifest, 'notes');
  return notes.length === 0 ? {} : { notes };
}

function textsOf({ state }: PreparedCandidate['manifest'], name: string): readonly string[] {
  const texts = state[name];
  return Array.isArray(texts) ? texts.filter((text) => typeof text === 'string') : [];
}

/** How a cascade was made ready, as its manifest tells it. */
function planOf({ state }: PreparedCandidate['manifest']): { readonly plan?: RoutingPlan } {
  const { routing } = state;
  return isJsonObject(routing) ? { plan: routing as unknown as RoutingPlan } : {};
}

type About = Omit<Parameters<Scoreboard['evidence']>[0], 'training'>;

async function aboutOf(
  rung: PlannedRung,
  { id, manifest, setup }: PreparedCandidate,
  { models }: MeasureOptions,
): Promise<Omit<About, 'tuned'>> {
  const model = manifest.model === null ? undefined : await models.open(manifest.model);
  const others = await Promise.all(
    (rung.approach.otherModels?.(rung.options, models.roles) ?? []).map((other) => models.open({ model: models.nameOf(other) })),
  );
  return {
    rung: rung.name,
    candidate: id,
    model: rung.approach.asksModel === false ? null : models.nameOf(rung.model),
    setup,
    priced: [model, ...others].every((each) => each === undefined || each.price !== undefined),
    part: partId(manifest),
    ...planOf(manifest),
    ...(model?.retiresOn === undefined ? {} : { retiresOn: model.retiresOn }),
  };
}

/** Asks all rows, or the rows up to each look until the rule says that it is enough. */
async function askUntilTold(
  board: Scoreboard,
  about: About,
  examples: readonly Example[],
  ask: (rows: readonly number[] | undefined) => Promise<void>,
  { earlyStop, earlier, plan, rows }: MeasureOptions,
): Promise<EarlyStop | undefined> {
  const of = examples.length;
  const looks = earlyStop?.looks(of, earlier.length) ?? [];
  if (earlyStop === undefined || looks.length === 0) {
    await ask(undefined);
    return undefined;
  }
  let asked = 0;
  for (const look of [...looks, of]) {
    const end = endOfGroup(examples, look);
    if (end <= asked) continue;
    await ask(Array.from({ length: end - asked }, (_, index) => asked + index));
    asked = end;
    if (asked === of) return undefined;
    const stopped = earlyStop.judge({
      candidate: board.evidence({ ...about, training: [] }),
      earlier,
      examples: rows,
      trainingRows: plan.splits.train.length,
      rows: asked,
      of,
    });
    if (stopped !== undefined) return stopped;
  }
  return undefined;
}

/** The end of the group that a row count falls into, so that no group is seen in part. */
function endOfGroup(examples: readonly Example[], rows: number): number {
  let end = rows;
  while (end < examples.length && examples[end]!.group !== undefined && examples[end]!.group === examples[end - 1]!.group) end++;
  return end;
}

async function repeatsOf(candidate: Candidate, measured: number, options: MeasureOptions) {
  const { plan, meter } = options;
  return askAgain({
    ...options,
    candidate,
    examples: plan.splits[plan.evidenceSplit],
    split: plan.evidenceSplit,
    measured,
    most: plan.task.repeats,
    task: plan.task,
    metric: leadingMetric(plan.metrics),
    onAnswer(answer, fromStore) {
      if (fromStore) meter.cached += answer.calls.length;
    },
  });
}

/** Shows where a rung stands, not more often than people read. */
function progressOf(rung: PlannedRung, board: Scoreboard, examples: readonly Example[], options: MeasureOptions): (now: boolean) => void {
  const { clock, plan, progress } = options;
  const leading = leadingMetric(plan.metrics);
  let shownAt = Number.NEGATIVE_INFINITY;
  return (whatever) => {
    const at = clock.elapsed();
    if (!whatever && at - shownAt < showEveryMs) return;
    shownAt = at;
    const { sum, n } = board.leading;
    const estimate = leading?.scale === 'proportion' ? proportionEstimate(sum, n, plan.task.confidence) : undefined;
    const counted = { done: board.done, total: examples.length, failed: board.failures };
    progress({ type: 'rows', rung: rung.name, ...counted, estimate, metric: leading?.id });
    options.showSpent();
  };
}
