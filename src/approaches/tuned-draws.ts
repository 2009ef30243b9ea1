import type { ApproachContext, MeasuredRow, RestoreContext } from '#core/approach.ts';
import type { CallableModel, Candidate, Manifest } from '#core/candidate.ts';
import type { Example } from '#core/example.ts';
import { isJsonObject } from '#core/json.ts';

/** One of several answers that a candidate is asked for while another is made of it. */
interface Draw {
  readonly temperature: number;
  /** From 1 on. */
  readonly sample: number;
}

/** What a candidate answers to examples when its answers are drawn: one list of rows for each draw. */
export async function drawAnswers(
  manifest: Manifest,
  examples: readonly Example[],
  { draws, temperature }: { readonly draws: number; readonly temperature: number },
  context: Pick<ApproachContext, 'measure' | 'progress'>,
): Promise<readonly (readonly MeasuredRow[])[]> {
  const drawn: (readonly MeasuredRow[])[] = [];
  for (let sample = 1; sample <= draws; sample++) {
    context.progress({ message: `drawing answers to ${examples.length} rows`, done: sample - 1, total: draws });
    drawn.push(await context.measure({ ...manifest, state: { ...manifest.state, draw: { temperature, sample } } }, examples));
  }
  return drawn;
}

/** Restores a candidate; one whose manifest says which draw it is asks its models for that. */
export function restoreDrawn(
  manifest: Manifest,
  context: RestoreContext,
  restore: (manifest: Manifest, context: RestoreContext) => Promise<Candidate>,
): Promise<Candidate> {
  const { draw } = manifest.state;
  if (!isJsonObject(draw)) return restore(manifest, context);
  return restore(manifest, { ...context, model: async (reference) => drawing(await context.model(reference), draw as unknown as Draw) });
}

function drawing(model: CallableModel, { temperature, sample }: Draw): CallableModel {
  return { ...model, generate: (request, options) => model.generate({ ...request, temperature, sample }, options) };
}
