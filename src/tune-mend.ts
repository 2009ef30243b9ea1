import { exitCodes, RungError } from '#core/errors.ts';
import type { GuardResult } from '#core/guard.ts';
import type { JsonObject } from '#core/json.ts';
import type { PlannedRung } from '#engine/plan.ts';
import type { TuneReport } from './tune-task.ts';

/** One remedy, with all before it, and what became of the guards. */
export interface MendStep {
  /** Options of the rung over those that it had. */
  readonly settings: JsonObject;
  /** Guards that stood in the way. */
  readonly failed: readonly string[];
  /** Why it could not be tried. */
  readonly impossible?: string;
}

export interface Mended {
  readonly rung: PlannedRung;
  readonly report: TuneReport;
  readonly tried: readonly MendStep[];
}

/** Tunes that mending adds at most: one for each remedy. */
export const mostMends = 3;

/** Of the training rows: as much as kept what was there before in docs/guards.md. */
const mixedShare = 0.3;

/**
 * Tunes again with general rows mixed in, then stopped earlier as well, then with a smaller rank as well, until no guard
 * stands in the way. Where none of that helps, the tune that it began with comes back. A remedy that the task or the base
 * does not allow is told and left out.
 */
export async function mendTune(rung: PlannedRung, first: TuneReport, tune: (rung: PlannedRung) => Promise<TuneReport>): Promise<Mended> {
  const tried: MendStep[] = [{ settings: {}, failed: inTheWay(first) }];
  let options = rung.options;
  for (const remedy of remediesFor(first, rung)) {
    if (tried.at(-1)!.failed.length === 0) break;
    const changed = { ...rung, options: { ...options, ...remedy } };
    const settings = changesOf(rung, changed);
    try {
      changed.approach.checkOptions(changed.options);
      const report = await tune(changed);
      options = changed.options;
      tried.push({ settings, failed: inTheWay(report) });
      if (inTheWay(report).length === 0) return { rung: changed, report, tried };
    } catch (error) {
      if (!RungError.is(error) || error.exitCode !== exitCodes.usage) throw error;
      tried.splice(-1, 0, { settings, failed: [], impossible: error.message });
    }
  }
  return { rung, report: first, tried };
}

/** Ids of the guards that failed, or that block and could not be decided. */
function inTheWay({ record: { guards = [] } }: TuneReport): readonly string[] {
  const isInTheWay = ({ status, blocks }: GuardResult) => status === 'failed' || (status === 'undecided' && blocks);
  return guards.filter(isInTheWay).map(({ id }) => id);
}

function remediesFor({ record: { hyperparameters } }: TuneReport, { options }: PlannedRung): readonly JsonObject[] {
  const { epochs, rank } = hyperparameters;
  return [
    ...(options['mix'] === undefined ? [{ mix: { share: mixedShare } }] : []),
    { patience: 1, ...(typeof epochs === 'number' && { epochs: Math.max(1, Math.round(epochs / 3)) }) },
    ...(typeof rank === 'number' && rank > 1 ? [{ rank: Math.max(1, Math.round(rank / 4)) }] : []),
  ];
}

function changesOf({ options: before }: PlannedRung, { options: after }: PlannedRung): JsonObject {
  return Object.fromEntries(Object.entries(after).filter(([name, value]) => JSON.stringify(before[name]) !== JSON.stringify(value)));
}
