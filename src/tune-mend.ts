import { exitCodes, RungError } from '#core/errors.ts';
import type { Guard, GuardResult, Remedy } from '#core/guard.ts';
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
 * Tunes again with what is known to help against the guards that stand in the way: general rows mixed in, an earlier stop, a
 * smaller rank, one over another in that order, until no guard stands in the way. Guards that no training would help, as parity,
 * and those that only have too few rows bring no remedy. Where none helps, the tune that it began with comes back. A remedy that
 * the task or the base does not allow is told and left out.
 */
export async function mendTune(
  rung: PlannedRung,
  first: TuneReport,
  { tune, guards }: { tune(rung: PlannedRung): Promise<TuneReport>; readonly guards: readonly Guard[] },
): Promise<Mended> {
  const tried: MendStep[] = [{ settings: {}, failed: inTheWay(first) }];
  let [options, latest, left]: [JsonObject, TuneReport, readonly Remedy[]] = [rung.options, first, remedyOrder];
  for (;;) {
    const next = left.find((remedy) => helps(remedy, latest, guards));
    if (next === undefined) return { rung, report: first, tried };
    left = left.filter((remedy) => remedy !== next);
    const changes = remedies[next](first.record.hyperparameters, rung.options);
    if (changes === undefined) continue;
    const changed = { ...rung, options: { ...options, ...changes } };
    const settings = changesOf(rung, changed);
    try {
      changed.approach.checkOptions(changed.options);
      latest = await tune(changed);
      options = changed.options;
      tried.push({ settings, failed: inTheWay(latest) });
      if (inTheWay(latest).length === 0) return { rung: changed, report: latest, tried };
    } catch (error) {
      if (!RungError.is(error) || error.exitCode !== exitCodes.usage) throw error;
      tried.splice(-1, 0, { settings, failed: [], impossible: error.message });
    }
  }
}

/** That a tune was chosen among several, which each had their chance to pass by luck; undefined where there was one. */
export function mendNote(tried: readonly MendStep[], confidence: number): string | undefined {
  const tunes = tried.filter(({ impossible }) => impossible === undefined).length;
  if (tunes < 2) return undefined;
  const chance = (tunes * (1 - confidence) * 50).toFixed(1).replace(/\.0$/, '');
  return `${tunes} tunes were held against the same guards on the same questions: a damaged one passes by luck with a chance of up to ${chance} % for each guard.`;
}

function isInTheWay({ status, blocks }: GuardResult): boolean {
  return status === 'failed' || (status === 'undecided' && blocks);
}

/** Ids of the guards that failed, or that block and could not be decided. */
function inTheWay({ record: { guards = [] } }: TuneReport): readonly string[] {
  return guards.filter(isInTheWay).map(({ id }) => id);
}

/** Where nothing was lost and a guard is still open, it wants more rows and no other tune. */
function helps(remedy: Remedy, { record }: TuneReport, guards: readonly Guard[]): boolean {
  return (record.guards ?? []).some((result) => {
    const isLoss = result.status === 'failed' || (result.value !== undefined && result.value > 0);
    const known = guards.find(({ id }) => id === result.id)?.remedies ?? remedyOrder;
    return isInTheWay(result) && isLoss && known.includes(remedy);
  });
}

const remedyOrder: readonly Remedy[] = ['mix', 'earlier', 'rank'];

/** What each changes of a rung's options; undefined where that is no change. */
const remedies: Readonly<Record<Remedy, (hyperparameters: JsonObject, options: JsonObject) => JsonObject | undefined>> = {
  mix: (_, options) => (options['mix'] === undefined ? { mix: { share: mixedShare } } : undefined),
  earlier: ({ epochs }) => ({ patience: 1, ...(typeof epochs === 'number' && { epochs: Math.max(1, Math.round(epochs / 3)) }) }),
  rank: ({ rank }) => (typeof rank === 'number' && rank > 1 ? { rank: Math.max(1, Math.round(rank / 4)) } : undefined),
};

function changesOf({ options: before }: PlannedRung, { options: after }: PlannedRung): JsonObject {
  return Object.fromEntries(Object.entries(after).filter(([name, value]) => JSON.stringify(before[name]) !== JSON.stringify(value)));
}
