import type { Example } from '#core/example.ts';
import { shuffled } from './synthesise-draw.ts';
import type { InputVariation } from './synthesise-variations.ts';

/** One try at a new row. */
export interface Attempt {
  /** From 0. */
  readonly number: number;
  readonly parent: Example;
  readonly variation: InputVariation;
  /** How often this parent was varied in this way before. */
  readonly round: number;
  /** Seeds what this try draws. */
  readonly key: string;
}

export interface AttemptOptions {
  readonly parents: readonly Example[];
  readonly variations: readonly InputVariation[];
  /** Parents in the order in which a kind takes them, where it has one of its own. */
  readonly orders?: ReadonlyMap<string, readonly Example[]>;
  /** Numbers in [0, 1) that follow from a key. */
  randomOf(key: string): () => number;
}

/**
 * The tries in their order: kinds in turn, each through all parents before it takes one a second time. The n-th try depends on nothing
 * that came of earlier ones, so a run that is repeated asks the same.
 */
export function* attempts({ parents, variations, orders, randomOf }: AttemptOptions): Generator<Attempt> {
  if (parents.length === 0 || variations.length === 0) return;
  const ordered = variations.map(({ kind }) => orders?.get(kind) ?? shuffled(parents, randomOf(`order ${kind}`)));
  for (let number = 0; ; number++) {
    const at = number % variations.length;
    const turn = Math.floor(number / variations.length);
    const variation = variations[at]!;
    const list = ordered[at]!;
    const parent = list[turn % list.length]!;
    const round = Math.floor(turn / list.length);
    yield { number, parent, variation, round, key: `${variation.kind} ${parent.id} ${round}` };
  }
}
