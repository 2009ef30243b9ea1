import type { Estimate } from '#core/estimate.ts';
import type { Trigger } from '#core/verdict.ts';
import type { DetailedRung, DetailedVerdict } from './decide.ts';
import type { Change, Measured, MeasuredChange, RungChange, VerdictDiff } from './record-change.ts';
import { diffLines } from './record-diff-lines.ts';

/**
 * What changed from one verdict to another. A measured figure is called changed in earnest only where the two intervals
 * do not overlap, which is stricter than a test of the difference at the same level (Schenker and Gentleman 2001, The
 * American Statistician 55:182-186); two runs on the same rows share their luck, and the paired gain within one climb sees
 * more than this does.
 */
export function diffVerdicts(before: DetailedVerdict, after: DetailedVerdict): VerdictDiff {
  const parts: Omit<VerdictDiff, 'same' | 'lines'> = {
    schema: 'rung.diff/1',
    task: changeOf(before.task, after.task),
    status: changeOf(before.status, after.status),
    chosen: changeOf(before.chosen?.rung ?? null, after.chosen?.rung ?? null),
    rungs: rungChanges(before, after),
    goals: changesByKey(before.criteria.goals, after.criteria.goals),
    criteria: {
      hash: changeOf(before.criteria.hash, after.criteria.hash),
      splitHash: changeOf(before.criteria.splitHash, after.criteria.splitHash),
      confidence: changeOf(before.criteria.confidence, after.criteria.confidence),
      testLooks: changeOf(before.criteria.testLooks, after.criteria.testLooks),
      changed: changeOf(before.criteria.changed, after.criteria.changed),
    },
    triggers: triggerChanges(before.triggers, after.triggers),
  };
  const lines = diffLines(parts);
  return { ...parts, same: lines.length === 0, lines };
}

function changeOf<T>(before: T, after: T): Change<T> | null {
  return before === after ? null : { before, after };
}

function changesByKey<T>(before: Readonly<Record<string, T>>, after: Readonly<Record<string, T>>): Record<string, Change<T | null>> {
  const changes: Record<string, Change<T | null>> = {};
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const change = changeOf(own(before, key), own(after, key));
    if (change !== null) changes[key] = change;
  }
  return changes;
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | null {
  return Object.hasOwn(record, key) ? record[key]! : null;
}

function rungChanges(before: DetailedVerdict, after: DetailedVerdict): RungChange[] {
  const names = [...new Set([...before.rungs, ...after.rungs].map(({ rung }) => rung))];
  return names.flatMap((name) => {
    const [one, other] = [before, after].map(({ rungs }) => rungs.find(({ rung }) => rung === name));
    const change: RungChange = {
      rung: name,
      change: one === undefined ? 'added' : other === undefined ? 'removed' : 'changed',
      candidate: one === undefined || other === undefined ? null : changeOf(one.candidate, other.candidate),
      figures: figureChanges(one, other),
      goals: changesByKey(one?.goals ?? {}, other?.goals ?? {}),
      horizonCost: changeOf(one?.horizonCost ?? null, other?.horizonCost ?? null),
      skipped: changeOf(one?.skipped ?? null, other?.skipped ?? null),
    };
    return change.change === 'changed' && isSame(change) ? [] : [change];
  });
}

function isSame({ candidate, figures, goals, horizonCost, skipped }: RungChange): boolean {
  const nothing = [candidate, horizonCost, skipped].every((change) => change === null);
  return nothing && Object.keys(figures).length === 0 && Object.keys(goals).length === 0;
}

function figureChanges(before: DetailedRung | undefined, after: DetailedRung | undefined): Record<string, MeasuredChange> {
  const changes: Record<string, MeasuredChange> = {};
  for (const [figure, change] of Object.entries(changesByKey(figuresOf(before), figuresOf(after)))) {
    const { before: one, after: other } = change;
    if (
      one !== null &&
      other !== null &&
      one.value === other.value &&
      one.low === other.low &&
      one.high === other.high &&
      one.n === other.n
    )
      continue;
    changes[figure] = { ...change, real: one === null || other === null ? null : areApart(one, other) };
  }
  return changes;
}

function figuresOf(rung: DetailedRung | undefined): Record<string, Measured> {
  const figures: Record<string, Measured> = {};
  const add = (name: string, { value, low, high, n }: Pick<Estimate, 'value' | 'n'> & { low: number | null; high: number | null }) => {
    figures[name] = { value, low, high, n };
  };
  for (const [name, estimate] of Object.entries(rung?.metrics ?? {})) add(name, estimate);
  for (const [name, estimate] of Object.entries(rung?.service ?? {})) add(name, estimate);
  for (const { units } of rung?.probes ?? []) {
    for (const [name, unit] of Object.entries(units)) if (figures[name] !== undefined) figures[name] = { ...figures[name], unit };
  }
  return figures;
}

/** Ends that are not known reach as far as can be. */
function areApart(one: Measured, other: Measured): boolean {
  const isUnder = (low: Measured, high: Measured) => low.high !== null && high.low !== null && low.high < high.low;
  return isUnder(one, other) || isUnder(other, one);
}

function triggerChanges(before: readonly Trigger[], after: readonly Trigger[]): VerdictDiff['triggers'] {
  const conditions = (triggers: readonly Trigger[]) => Object.fromEntries(triggers.map(({ id, when }) => [id, when]));
  const changes = Object.entries(changesByKey(conditions(before), conditions(after)));
  return {
    added: changes.flatMap(([id, change]) => (change.before === null ? [id] : [])),
    removed: changes.flatMap(([id, change]) => (change.after === null ? [id] : [])),
    moved: Object.fromEntries(
      changes.flatMap(([id, { before: one, after: other }]) =>
        one === null || other === null ? [] : [[id, { before: one, after: other }]],
      ),
    ),
    fired: after.filter(({ id, fired }) => fired && !before.some((trigger) => trigger.id === id && trigger.fired)).map(({ id }) => id),
  };
}
