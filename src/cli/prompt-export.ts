import { resolve } from 'node:path';
import { exportedVersion } from '#approaches/prompt-export.ts';
import { inputError, RungError } from '#core/errors.ts';
import type { PreparedCandidate } from '#core/run.ts';
import type { Store } from '#core/store.ts';
import { formatPromptFile } from '#data/prompt-file.ts';
import { BudgetEndedError } from '#engine/budget.ts';
import { openRun } from '#engine/open-run.ts';
import type { PlannedRung } from '#engine/plan.ts';
import { prepare } from '#engine/prepare.ts';
import { withReadyMetrics } from '#engine/ready-metrics.ts';
import { skipReason } from '#engine/rung-input.ts';
import { openArtefacts } from '#stores/artefacts.ts';
import { stateFolder, withTaskState } from '../task-state.ts';
import type { AddCommand } from './add-command.ts';
import { print } from './prompt-output.ts';
import { type OpenTask, shownPath, withTask } from './prompt-task.ts';
import { writeAtomically } from './write-atomically.ts';

/** `rung prompt export RUNG|CANDIDATE [task]`: the prompt of a candidate as a file that asks byte for byte the same. */
export const addPromptExport: AddCommand = (prompt, io) => {
  prompt
    .command('export')
    .argument('<rung or candidate>', 'a rung of the ladder, or the id of a candidate that was measured')
    .argument('[task]', 'task folder or file; without one, the nearest upward')
    .description('the prompt of a candidate as a file that asks byte for byte the same')
    .option('-o, --output <file>', 'where to write it; stdout where absent')
    .option('--json', 'print one JSON document on stdout')
    .option('--debug', 'show stack traces')
    .action(async (wanted: string, path: string | undefined, flags: { output?: string; json?: boolean }) =>
      withTask(path, io, async (open) => {
        const { id, manifest } = await findCandidate(wanted, open);
        const content = formatPromptFile({ ...exportedVersion(manifest), hypothesis: `exported from ${manifest.name} (${id})` });
        const about = { schema: 'rung.prompt-exported/1', candidate: id, rung: manifest.name, model: manifest.model };
        const file = flags.output === undefined ? undefined : resolve(io.workingFolder, flags.output);
        if (file !== undefined) await writeAtomically(file, content);
        if (file === undefined && !flags.json) io.stdout.write(content);
        else
          print(io, flags.json, { ...about, ...(file === undefined ? { content } : { file }) }, () => [
            [{ text: `Wrote ${shownPath(file ?? '', io)}.` }],
          ]);
      }),
    );
};

async function findCandidate(wanted: string, open: OpenTask): Promise<PreparedCandidate> {
  const { task, plan } = open.planned;
  const rung = plan.rungs.find(({ name }) => name === wanted);
  const stored = await withTaskState(task, async ({ store }) =>
    rung === undefined ? store.candidate(wanted) : candidateOf(rung, open, store),
  );
  if (stored !== undefined) return stored;
  throw inputError({
    code: 'unknown-candidate',
    message: `There is no rung and no stored candidate named ${JSON.stringify(wanted)}.`,
    hint: `The ladder has: ${plan.rungs.map(({ name }) => name).join(', ')}; ids of candidates that were measured are in decision.json.`,
    place: { file: task.file },
  });
}

/** The candidate of a rung, as a climb froze it or as it can be frozen without asking a model or training one. */
async function candidateOf(rung: PlannedRung, open: OpenTask, store: Store): Promise<PreparedCandidate> {
  const { planned, plugins, environment } = open;
  const { plan, task } = planned;
  const artefacts = openArtefacts(stateFolder(task));
  const never = new AbortController().signal;
  const run = openRun({ plan, plugins, environment, store, artefacts, maxCalls: 0, stopping: never });
  try {
    const why = skipReason(rung, plan, run.models);
    if (why !== undefined) throw inputError({ code: 'rung-skipped', message: `The rung ${rung.name} does not run on this task: ${why}` });
    const ready = await withReadyMetrics(plan, run.models);
    const asking = {
      ...run,
      plan: ready,
      store,
      artefacts,
      trainers: [],
      concurrency: 16,
      stopping: never,
      abort: never,
      progress: () => {},
    };
    return await prepare(rung, asking);
  } catch (error) {
    const notYet = error instanceof BudgetEndedError || (RungError.is(error) && error.code === 'no-trainer');
    throw notYet ? notMeasured(rung.name, task.file) : error;
  } finally {
    await run.models.close();
  }
}

function notMeasured(rung: string, file: string): Error {
  return inputError({
    code: 'not-measured',
    message: `The rung ${rung} was not measured yet, so its prompt is not settled.`,
    hint: 'Run rung climb first.',
    place: { file },
  });
}
