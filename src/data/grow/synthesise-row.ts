import type { DataRow, DataTurn } from '#core/data-row.ts';
import { type Example, expectedText, type Input, messagesOf, type SplitName } from '#core/example.ts';
import { contentHash, type Json, type JsonObject } from '#core/json.ts';

/** Where a synthetic row comes from. */
interface Provenance {
  /** Id of the row that it was varied from. */
  readonly parent: string;
  /** Kind of the variation. */
  readonly variation: string;
  /** What was done, in words. */
  readonly how: string;
  /** The model that varied the input; absent where rules did. */
  readonly variedBy?: string;
  /** The candidate that answered, and the model it asks. */
  readonly candidate: string;
  readonly model: string | null;
}

export interface SyntheticRow {
  readonly input: Input;
  /** The answer to learn; the better one of a preference. */
  readonly answer: Json;
  /** The answer that lost, of a preference. */
  readonly rejected?: Json;
  readonly parent: Example;
  readonly split: SplitName;
  readonly provenance: Provenance;
}

/**
 * A synthetic row as a data file holds it: marked as such, on its parent's side, in its parent's group (named after the parent where it has
 * none), with where it comes from.
 */
export function syntheticRow({ input, answer, rejected, parent, split, provenance }: SyntheticRow, line: number): DataRow {
  const asked: DataTurn[] = messagesOf(input).map(({ role, content }) => ({ role, content }));
  const turn = (value: Json): DataTurn => ({ role: 'assistant', content: expectedText(value) });
  const form: JsonObject = {
    ...(typeof input === 'string' || 'messages' in input ? {} : { input: input as JsonObject }),
    ...(typeof answer === 'string' || rejected !== undefined ? {} : { expected: answer }),
  };
  return {
    line,
    turns: rejected === undefined ? [...asked, turn(answer)] : asked,
    ...(rejected === undefined ? {} : { preference: { chosen: [turn(answer)], rejected: [turn(rejected)] } }),
    id: `s_${contentHash({ input, parent: parent.id, variation: provenance.variation }).slice(0, 16)}`,
    group: parent.group ?? parent.id,
    ...(parent.tags.length === 0 ? {} : { tags: parent.tags }),
    source: 'synthetic',
    split,
    ...(Object.keys(form).length === 0 ? {} : { form }),
    // an interface has no index signature, but this is plain JSON
    extra: { provenance: provenance as unknown as JsonObject },
  };
}
