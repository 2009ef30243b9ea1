import type { Candidate } from '#core/candidate.ts';
import { RungError } from '#core/errors.ts';
import type { CandidateEvidence, EarlyStop } from '#core/evidence.ts';
import type { ProbedTuning } from '#core/probe.ts';
import type { OpenRun } from './open-run.ts';
import { type PlannedProbe, probedExamples } from './plan.ts';
import type { PrepareOptions } from './prepare.ts';
import { probedTuning } from './probed-tuning.ts';
import { askProbe } from './run-probe.ts';
import { summariseProbe } from './summarise-probe.ts';
import type { TunedReference } from './tuned-reference.ts';

export interface ProbeRungOptions extends PrepareOptions, Pick<OpenRun, 'budget' | 'meter'> {
  /** Shows what was spent so far. */
  showSpent(): void;
}

type Probed = NonNullable<CandidateEvidence['probes']>[number];

/** What rows came to before the probes. */
interface Measured {
  readonly rung: string;
  readonly rows: number;
  readonly failures: number;
  readonly stopped: EarlyStop | undefined;
  /** The tuned model that it asks, if any. */
  readonly tuned: TunedReference | undefined;
}

/**
 * Puts a measured candidate to every probe of the plan. A rung that was stopped since it cannot be chosen is not probed:
 * nothing that a probe finds would change that. What is asked is billed to the run. Throws what ends a run.
 */
export async function probeRung(
  candidate: Candidate,
  measured: Measured,
  options: ProbeRungOptions,
): Promise<Pick<CandidateEvidence, 'probes' | 'unprobed'>> {
  const { plan } = options;
  const probes: Probed[] = [];
  const unprobed: { probe: string; why: string }[] = [];
  const tuning = plan.probes.length === 0 ? undefined : await probedTuning(candidate.manifest, measured.tuned, options);
  for (const planned of plan.probes) {
    const why = reasonNot(measured) ?? planned.probe.skip?.(plan.task);
    const found = why ?? (await findings(planned, candidate, measured, { ...options, tuning }));
    if (typeof found === 'string') unprobed.push({ probe: planned.probe.id, why: found });
    else probes.push(found);
  }
  return { ...(probes.length === 0 ? {} : { probes }), ...(unprobed.length === 0 ? {} : { unprobed }) };
}

function reasonNot({ stopped, rows, failures }: Measured): string | undefined {
  if (rows === failures) return 'none of its rows brought an answer';
  if (stopped?.reason === 'misses-goal' || stopped?.reason === 'dominated') return `measuring it stopped early: ${stopped.why}`;
  return undefined;
}

const withoutFindings: readonly string[] = ['probe-unanswered', 'probe-says-nothing'];

/** What a probe found, or why it found nothing. */
async function findings(
  { probe, options: own }: PlannedProbe,
  candidate: Candidate,
  { rung }: Measured,
  options: ProbeRungOptions & { readonly tuning: ProbedTuning | undefined },
): Promise<Probed | string> {
  const { plan, clock, budget, meter, progress, concurrency, stopping, abort } = options;
  const { task, seed } = plan;
  progress({ type: 'prepare', rung, message: `probe ${probe.id}` });
  try {
    const { result } = await askProbe({
      ...{ probe, candidate, task, seed, concurrency, stopping, abort },
      options: own,
      tuning: options.tuning,
      metrics: plan.metrics,
      examples: probedExamples(plan),
      overlays: plan.prompts.overlays,
      folder: task.folder,
      confidence: task.confidence,
      run: { clock, budget, meter },
      progress({ done, total }) {
        progress({ type: 'prepare', rung, message: `probe ${probe.id}`, done, total });
        options.showSpent();
      },
    });
    return { ...summariseProbe(probe, result, { options: own, seed, confidence: task.confidence }), outcomes: result.outcomes };
  } catch (error) {
    if (RungError.is(error) && withoutFindings.includes(error.code)) return error.message;
    throw error;
  }
}
