import { inputError } from '#core/errors.ts';
import { textOf } from '#core/example.ts';
import { costOf, toDollars } from '#core/money.ts';
import type { Plugins } from '#core/plugins.ts';
import { variationRequest } from '#data/grow/synthesise-request.ts';
import { type DryRun, dryRun } from '#engine/dry-run.ts';
import { openRun } from '#engine/open-run.ts';
import { openArtefacts } from '#stores/artefacts.ts';
import { openSqliteStore } from '#stores/sqlite.ts';
import type { PlannedTask } from '../session.ts';
import { stateFolder } from '../task-state.ts';
import { defaultConcurrency } from './synthesise-growth.ts';
import { formatOf, parentsOf, type SynthesisSettings, triesPerRow, variationsOf, varierOf, wantedRows } from './synthesise-plan.ts';
import { chooseTeacher } from './synthesise-teacher.ts';

type Entry = DryRun['rungs'][number];

/** What growing a task's data would ask and cost, at most; calls of judges are not counted. Asks nothing and writes nothing. */
export async function dryRunSynthesis(
  { task, plan }: PlannedTask,
  options: SynthesisSettings & { readonly plugins: Plugins; readonly environment: Readonly<Record<string, string | undefined>> },
): Promise<DryRun> {
  formatOf(options);
  const { parents } = parentsOf(plan, options);
  const { name } = await chooseTeacher(plan, options.from);
  const rungs = plan.rungs.filter((rung) => rung.name === name);
  if (rungs.length === 0) {
    throw inputError({
      code: 'unknown-rung',
      message: `A dry run estimates a rung of the ladder, and ${JSON.stringify(name)} is none.`,
      hint: `It has: ${plan.rungs.map((rung) => rung.name).join(', ')}.`,
      place: { file: task.file },
    });
  }
  const tries = wantedRows(options, parents.length) * triesPerRow;
  const store = await openSqliteStore(':memory:');
  try {
    const one = { ...plan, rungs, probes: [] };
    const { models } = openRun({ ...options, plan: one, store, artefacts: openArtefacts(stateFolder(task)) });
    try {
      const variedBy = varierOf(options, models);
      const { variations } = variationsOf(options, variedBy !== undefined);
      const answers = await dryRun(one, models, {
        concurrency: defaultConcurrency,
        rows: tries * (options.preferences ? options.samples : 1),
      });
      const byModel = variations.filter(({ duty }) => duty !== undefined).length;
      const varied =
        variedBy === undefined || byModel === 0 ? [] : [await variedEntry(variedBy, Math.ceil((tries * byModel) / variations.length))];
      const asked: Entry[] = [...answers.rungs, ...varied];
      const priced = asked.every(({ dollars }) => dollars !== undefined);
      return {
        ...answers,
        rungs: asked,
        total: {
          calls: asked.reduce((sum, { calls }) => sum + calls, 0),
          ...(priced ? { dollars: asked.reduce((sum, { dollars = 0 }) => sum + dollars, 0) } : {}),
        },
      };

      async function variedEntry(model: string, calls: number): Promise<Entry> {
        const { price } = await models.open({ model });
        const texts = parents.slice(0, 50).map(({ input }) => textOf(input));
        const bytes = texts.map((text) =>
          variationRequest(text, '', 0).messages.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0),
        );
        const mean = (numbers: readonly number[]) => Math.ceil(numbers.reduce((sum, number) => sum + number, 0) / numbers.length / 4);
        // about as long as what was said; a duty has some thirty tokens
        const [inputTokens, outputTokens] = [mean(bytes) + 30, mean(texts.map((text) => Buffer.byteLength(text)))];
        const dollars = price && toDollars(costOf({ inputTokens, cachedInputTokens: 0, outputTokens }, price) * calls);
        return { rung: 'varied inputs', model, calls, inputTokens, outputTokens, ...(dollars === undefined ? {} : { dollars }) };
      }
    } finally {
      await models.close();
    }
  } finally {
    await store.close();
  }
}
