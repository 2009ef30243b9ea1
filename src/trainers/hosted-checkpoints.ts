import type { ModelReference } from '#core/model.ts';
import type { HostedEvents } from './hosted-events.ts';

/** A model of a job, as it is named for its provider, and the step that made it. */
export interface KeptModel {
  readonly model: string;
  readonly step: number;
}

/**
 * The model that the task's metric finds best, among the checkpoints that the service kept and the final one; the later of equals.
 * A model that was measured before, perhaps by another process, is not measured again. One that cannot be asked is left out; the
 * final model is taken where none can.
 */
export async function bestOf(
  final: KeptModel,
  events: HostedEvents,
  evaluate: (model: ModelReference) => Promise<number | undefined>,
): Promise<KeptModel> {
  const kept = events
    .all()
    .flatMap((event) =>
      event.type === 'evaluation' && event.checkpoint !== undefined ? [{ model: event.checkpoint.model, step: event.step }] : [],
    );
  const all = new Map([...kept, final].map((candidate) => [candidate.model, candidate]));
  for (const { model, step } of [...all.values()].sort((a, b) => a.step - b.step)) {
    const key = `metric:${model}`;
    if (events.has(key)) continue;
    const metric = await evaluate({ model });
    if (metric !== undefined) events.tell([{ key, event: { type: 'evaluation', step, metric, checkpoint: model, isWholeName: true } }]);
  }
  const measured = events
    .all()
    .flatMap((event) => (event.type === 'evaluation' && event.metric !== undefined && event.checkpoint !== undefined ? [event] : []));
  if (measured.length === 0) {
    events.say('unmeasured', 'warning', `No checkpoint could be asked, so none was compared: the final model ${final.model} is taken.`);
    return final;
  }
  const best = measured.reduce((best, event) => ((event.metric ?? 0) >= (best.metric ?? 0) ? event : best));
  return { model: best.checkpoint?.model ?? final.model, step: best.step };
}
