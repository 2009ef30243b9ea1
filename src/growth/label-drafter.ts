import { join } from 'node:path';
import type { ArtefactStore } from '#core/approach.ts';
import type { Candidate } from '#core/candidate.ts';
import { inputError } from '#core/errors.ts';
import { expectedText, type Input } from '#core/example.ts';
import type { Plugins } from '#core/plugins.ts';
import type { ProgressListener } from '#core/progress.ts';
import type { Store } from '#core/store.ts';
import { rung as rungFormat } from '#data/formats/rung.ts';
import type { LabelRow } from '#data/grow/label-row.ts';
import { openRun } from '#engine/open-run.ts';
import { prepare } from '#engine/prepare.ts';
import { withReadyMetrics } from '#engine/ready-metrics.ts';
import { skipReason } from '#engine/rung-input.ts';
import { openArtefacts } from '#stores/artefacts.ts';
import { lockRuns } from '#stores/run-lock.ts';
import { openSqliteStore } from '#stores/sqlite.ts';
import type { PlannedTask } from '../session.ts';
import { stateFolder } from '../task-state.ts';

export interface DrafterOptions {
  readonly plugins: Plugins;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Name of a rung of the task's ladder. */
  readonly rung: string;
  readonly progress?: ProgressListener;
  /** US dollars. */
  readonly budget?: number;
}

/** A rung that drafts answers to rows. */
export interface Drafter {
  draft(row: LabelRow): Promise<string>;
  close(): Promise<void>;
}

const concurrency = 4;

/** Opens a rung of a planned task, preparing it where that was not done yet; no other run of the task can start until it is closed. */
export async function openDrafter({ task, plan }: PlannedTask, options: DrafterOptions): Promise<Drafter> {
  const folder = stateFolder(task);
  const lock = await lockRuns(folder);
  const closing: (() => unknown)[] = [() => lock.release()];
  const close = async () => {
    for (const end of closing.splice(0).reverse()) await end();
  };
  try {
    const store = await openSqliteStore(join(folder, 'store.sqlite'));
    closing.push(() => store.close());
    const candidate = await openRung(plan, { store, artefacts: openArtefacts(folder) }, options, closing);
    const ending = new AbortController();
    closing.push(() => ending.abort(new DOMException('Labelling ended.', 'AbortError')));
    return { draft: (row) => draftOf(candidate, row, ending.signal), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openRung(
  plan: PlannedTask['plan'],
  open: { readonly store: Store; readonly artefacts: ArtefactStore },
  options: DrafterOptions,
  closing: (() => unknown)[],
): Promise<Candidate> {
  const rung = plan.rungs.find(({ name }) => name === options.rung);
  if (rung === undefined) {
    throw inputError({
      code: 'unknown-rung',
      message: `There is no rung named ${JSON.stringify(options.rung)} to draft with.`,
      hint: `The ladder has: ${plan.rungs.map(({ name }) => name).join(', ')}.`,
      place: { file: plan.task.file },
    });
  }
  const never = new AbortController().signal;
  const run = openRun({ ...options, ...open, plan });
  closing.push(() => run.models.close());
  const ready = await withReadyMetrics(plan, run.models);
  const preparing = { plan: ready, ...run, ...open, trainers: options.plugins.trainers, concurrency, stopping: never, abort: never };
  const why = skipReason(rung, ready, run.models);
  if (why !== undefined) throw inputError({ code: 'rung-skipped', message: `The rung ${rung.name} does not run on this task: ${why}` });
  const { manifest } = await prepare(rung, { ...preparing, progress: options.progress ?? (() => {}) });
  return rung.approach.restore(manifest, { model: (reference) => run.models.callable(reference), artefacts: open.artefacts });
}

async function draftOf(candidate: Candidate, { row, asked }: LabelRow, signal: AbortSignal): Promise<string> {
  const { record } = rungFormat.write({ ...row, turns: asked });
  const { text, value } = await candidate.answer(record['input'] as Input, { signal });
  return value === undefined ? text : expectedText(value);
}
