import type { CallableModel } from '#core/candidate.ts';
import { type Example, expectedText, type Input } from '#core/example.ts';
import { canonicalJson, sha256 } from '#core/json.ts';
import type { Task } from '#core/task.ts';
import type { Attempt } from '#data/grow/synthesise-attempts.ts';
import type { Draw } from '#data/grow/synthesise-draw.ts';
import { readVariation, variationRequest } from '#data/grow/synthesise-request.ts';
import { spokenText, withSpokenText } from '#data/grow/synthesise-text.ts';
import { hardVariation } from '#data/grow/synthesise-variations.ts';
import { wordsOf } from '#data/phrases.ts';
import { variations as probed } from '#probes/variations.ts';
import { type Random, seededRandom } from '#statistics/random.ts';
import type { LabelBorder } from './synthesise-border.ts';

/** An input made of a parent's. */
export interface VariedInput {
  readonly input: Input;
  readonly how: string;
  /** The model that made it; absent where rules did. */
  readonly variedBy?: string;
}

export interface VaryOptions {
  readonly task: Pick<Task, 'output'>;
  readonly seed: number;
  readonly languages: readonly string[];
  /** Absent where rules vary everything. */
  readonly model?: CallableModel;
  readonly border?: LabelBorder;
  readonly signal: AbortSignal;
}

/** A stream of numbers that follows from the seed and a name. */
export function randomFor(seed: number, key: string): Random {
  return seededRandom(Number.parseInt(sha256(`${seed} ${key}`).slice(0, 8), 16));
}

/** Another input made of an attempt's parent; undefined where neither the model nor a rule makes one. Throws what the model throws. */
export async function varyInput(attempt: Attempt, options: VaryOptions): Promise<VariedInput | undefined> {
  const { parent, variation, round, key } = attempt;
  const { model, seed, signal } = options;
  const text = spokenText(parent.input);
  if (text === undefined) return undefined;
  const draw = drawFor(parent, randomFor(seed, key), options, variation === hardVariation);
  const duty = model === undefined ? undefined : variation.duty?.(draw);
  if (model !== undefined && duty !== undefined) {
    const { response } = await model.generate(variationRequest(text, duty.text, round), { signal });
    const made = readVariation(response, text, variation.keepsAnswer(options.task.output));
    return made === undefined ? undefined : { input: withSpokenText(parent.input, made), how: duty.how, variedBy: model.name };
  }
  const reworded = variation.rule?.(text, draw);
  return reworded === undefined ? undefined : { input: withSpokenText(parent.input, reworded.text), how: reworded.how };
}

function drawFor(parent: Example, random: Random, { task, languages, border }: VaryOptions, isHard: boolean): Draw {
  const { expected } = parent;
  const isLabel = task.output.kind === 'labels';
  const kept = expected === undefined || isLabel ? [] : wordsOf(expectedText(expected)).map((word) => word.toLowerCase());
  const neighbour = isHard ? border?.neighbourOf(parent) : undefined;
  return {
    random,
    languages,
    kept: new Set(kept),
    ...(isLabel && expected !== undefined ? { label: expectedText(expected) } : {}),
    ...(neighbour === undefined ? {} : { neighbour }),
  };
}

/** The change of the probe `format` that makes the very same input of the parent; undefined where none does. */
export function sameAsProbe(input: Input, parent: Example): string | undefined {
  const made = canonicalJson(input);
  return probed.find((variation) => {
    const changed = variation.apply(parent.input);
    return changed !== undefined && canonicalJson(changed) === made;
  })?.id;
}
