import type { Approach } from '#core/approach.ts';
import { type Candidate, candidateId, type Manifest } from '#core/candidate.ts';
import { messageOf, RungError } from '#core/errors.ts';
import { type Example, messagesOf } from '#core/example.ts';
import type { GuardContext, GuardInput, GuardPart, GuardResult } from '#core/guard.ts';
import { ModelError } from '#core/model-error.ts';
import type { Probe } from '#core/probe.ts';
import type { TrainingEvent } from '#core/trainer.ts';
import { endsTheRun } from './execute.ts';
import { InterruptedError } from './interrupt.ts';
import { measureRows } from './measure-rows.ts';
import { type PlannedGuard, probedExamples } from './plan.ts';
import type { ProbeRungOptions } from './probe-rung.ts';
import { generalSuite, lostTrainings } from './probed-tuning.ts';
import { askProbe } from './run-probe.ts';
import { leadingMetric } from './score.ts';
import { summariseProbe } from './summarise-probe.ts';
import { beforeTraining, type TunedReference, trainedOn } from './tuned-reference.ts';
import { openTurns, type Turns } from './turns.ts';

export interface GuardOptions extends ProbeRungOptions {
  /** Probes that guards may put to candidates. */
  readonly probes: readonly Probe[];
}

/** What is to be held against the guards. */
export interface GuardSubject {
  /** Name of its rung, for progress. */
  readonly rung: string;
  readonly approach: Approach;
  readonly manifest: Manifest;
  readonly tuned: TunedReference;
  readonly training: readonly TrainingEvent[];
}

/**
 * Holds a tuned candidate against every guard of the plan, beside the same candidate on the model as it was before training.
 * What is asked is recorded, so that a repeated run asks nothing again; it is billed to the run. Throws what ends a run: an
 * ended budget, an interrupt, a refused key.
 */
export async function runGuards(subject: GuardSubject, options: GuardOptions): Promise<readonly GuardResult[]> {
  const { plan, progress } = options;
  if (plan.guards.length === 0) return [];
  const input = await inputOf(subject, options);
  const lost = lostTrainings(subject.tuned, input.trained);
  const turns = openTurns(options.concurrency);
  const results: GuardResult[] = [];
  for (const planned of plan.guards) {
    progress({ type: 'prepare', rung: subject.rung, message: `guard ${planned.guard.id}` });
    // what is in flight when a guard ends early is paid for: it is kept before anything is closed
    const faults: string[] = [];
    const context = contextOf(subject, input, turns, options, (fault) => faults.push(fault));
    const result = await resultOf(planned, lost, input, context, options).finally(() => turns.ended());
    results.push(withFault(result, faults[0]));
    options.showSpent();
  }
  return results;
}

/** The same with why the first question that brought no answer brought none. */
function withFault(result: GuardResult, fault: string | undefined): GuardResult {
  return fault === undefined ? result : { ...result, why: `${result.why} The first answer that did not come: ${sentence(fault)}` };
}

function sentence(text: string): string {
  return text.replace(/[.]*$/, '.');
}

/** What a guard found; where it reads training rows and some are lost, nothing that it judged has passed. */
async function resultOf(planned: PlannedGuard, lost: number, ...run: [Shared, GuardContext, GuardOptions]): Promise<GuardResult> {
  const result = await foundBy(planned, ...run);
  if (lost === 0 || planned.guard.readsTrained !== true) return result;
  const rows = `the rows of ${lost === 1 ? 'a training' : `${lost} trainings`} that led to it are not known any more`;
  const open = <Part extends GuardPart>(part: Part): Part => {
    if (part.status === 'failed') return part;
    const why = `It cannot be told in full: ${rows}. ${part.status === 'skipped' ? '' : part.why}`.trim();
    return { ...part, status: 'undecided', why };
  };
  const told = { ...open(result), ...(result.parts && { parts: result.parts.map(open) }) };
  if (result.status === 'failed') return told;
  return {
    ...told,
    suggestions: [
      'the rung trained anew, by rung climb --fresh, which a service is paid for again: its rows are then kept beside it',
      ...(result.suggestions ?? []),
    ],
    blocks: planned.options['blocks'] !== false,
  };
}

type Shared = Omit<GuardInput, 'options'>;

async function foundBy(
  { guard, options: own }: PlannedGuard,
  shared: Shared,
  context: GuardContext,
  options: GuardOptions,
): Promise<GuardResult> {
  const input = { ...shared, options: own };
  const skipped = guard.skip?.(input);
  if (skipped !== undefined) return { id: guard.id, status: 'skipped', why: `Not run: ${skipped}.`, blocks: false };
  try {
    return await guard.run(input, context);
  } catch (error) {
    if (options.stopping.aborted || options.abort.aborted) throw new InterruptedError();
    if (endsTheRun(error, options.abort)) throw error;
    const why = sentence(messageOf(error));
    // what the task lacks a guard cannot ask for: that says nothing of the model
    if (RungError.is(error) && isLacking(error)) return { id: guard.id, status: 'skipped', why: `Not run: ${why}`, blocks: false };
    return {
      id: guard.id,
      status: 'undecided',
      why: `It could not be run to its end: ${why}`,
      blocks: guard.blocksUnfinished?.(input) ?? own['blocks'] !== false,
    };
  }
}

function isLacking({ code }: RungError): boolean {
  return code === 'probe-without-metric' || code === 'probe-without-examples';
}

async function inputOf({ approach, manifest, tuned, training }: GuardSubject, options: GuardOptions): Promise<Omit<GuardInput, 'options'>> {
  const { plan, models, artefacts, jobs } = options;
  const { task, seed } = plan;
  const restored = (of: Manifest) => approach.restore(of, { artefacts, model: (reference) => models.callable(reference) });
  const before = beforeTraining(manifest, tuned);
  const samples = tuned.jobs[0]?.samples;
  return {
    task,
    tuned: { ...(await restored(manifest)), id: candidateId(manifest) },
    base: { ...(await restored(before)), id: candidateId(before) },
    validation: plan.splits.validation,
    train: plan.splits.train,
    general: plan.general,
    generalSuite: await generalSuite(tuned.base, models),
    trained: await trainedOn(tuned, jobs),
    training,
    confidence: task.confidence,
    seed,
    ...(samples === undefined ? {} : { samples }),
  };
}

/** A filter in front of a model answers as to a request that cannot be read; no key, no credit and no model have codes of their own. */
function isDeclined({ kind, status }: ModelError): boolean {
  return kind === 'rejected' && status === 400;
}

function contextOf(
  { rung, tuned }: GuardSubject,
  input: Omit<GuardInput, 'options'>,
  turns: Turns,
  options: GuardOptions,
  /** Told why an answer did not come, of each that is passed over. */
  onFault: (message: string) => void,
): GuardContext {
  const { plan, models, clock, budget, meter, progress, concurrency, stopping, abort } = options;
  const { task, seed } = plan;
  const signal = AbortSignal.any([stopping, abort]);
  return {
    signal,
    progress: (update) => progress({ type: 'prepare', rung, ...update }),
    async probe(id, candidate, own) {
      const probe = options.probes.find((one) => one.id === id);
      if (probe === undefined) throw new RungError({ code: 'unknown-probe', message: `There is no probe named ${id}.` });
      probe.checkOptions(own);
      const { result } = await askProbe({
        ...{ probe, candidate, task, seed, concurrency, stopping, abort },
        ...{ options: own, metrics: plan.metrics, examples: probedExamples(plan), overlays: plan.prompts.overlays },
        ...{ folder: task.folder, confidence: task.confidence, run: { clock, budget, meter } },
        progress: ({ done, total }) => progress({ type: 'prepare', rung, message: `probe ${id}`, done, total }),
      });
      const found = summariseProbe(probe, result, { options: own, seed, confidence: task.confidence });
      return { ...found, outcomes: result.outcomes };
    },
    async measure(candidate, examples) {
      const rows = await measureRows(candidate, examples, { ...options, task, metrics: plan.metrics });
      for (const { answer, reason } of rows) if (answer === undefined && reason !== undefined) onFault(reason);
      // scores of which less is better come with their sign turned
      if (leadingMetric(plan.metrics)?.better !== 'lower') return rows;
      return rows.map((row) => (row.score === null ? row : { ...row, score: 1 + row.score }));
    },
    async ask(candidate: Candidate, messages: Example['input'], { maxOutputTokens, logProbabilities, emptyWhereDeclined } = {}) {
      const model = await models.callable(candidate.id === input.tuned.id ? tuned.tuned : tuned.base);
      const wantsProbabilities = logProbabilities === true && model.can.logProbabilities === true;
      const request = {
        messages: messagesOf(messages),
        ...(maxOutputTokens && { maxOutputTokens }),
        ...(wantsProbabilities && { logProbabilities }),
      };
      try {
        const { response } = await turns.take(async () => {
          signal.throwIfAborted();
          return model.generate(request, { signal: abort });
        });
        const { text, logProbabilities: given, usage } = response;
        if (given === undefined) return { text };
        const logProbability = given.reduce((sum, each) => sum + each.logProbability, 0);
        return { text, logProbability, tokens: given.length, ...(usage === null ? {} : { promptTokens: usage.inputTokens }) };
      } catch (error) {
        if (stopping.aborted || endsTheRun(error, abort) || !ModelError.is(error)) throw error;
        if (emptyWhereDeclined && isDeclined(error)) return { text: '' };
        onFault(error.message);
        return undefined;
      }
    },
    async score(candidate, messages, answers) {
      const model = await models.callable(candidate.id === input.tuned.id ? tuned.tuned : tuned.base);
      if (model.score === undefined) return undefined;
      try {
        const { scores } = await turns.take(async () => {
          signal.throwIfAborted();
          return model.score!({ messages: messagesOf(messages), answers }, { signal: abort });
        });
        return scores;
      } catch (error) {
        if (stopping.aborted || endsTheRun(error, abort) || !ModelError.is(error)) throw error;
        onFault(error.message);
        return undefined;
      }
    },
  };
}
