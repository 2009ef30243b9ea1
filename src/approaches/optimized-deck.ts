import type { Example } from '#core/example.ts';
import { seededRandom } from '#statistics/random.ts';

/** Rows drawn without replacement until none is left, then shuffled anew. */
export class Deck {
  readonly #rows: readonly Example[];
  readonly #random: () => number;
  #order: readonly Example[];
  #next = 0;
  #rounds = 0;

  constructor(rows: readonly Example[], seed: number) {
    this.#rows = rows;
    this.#random = seededRandom(seed);
    this.#order = this.#shuffled();
  }

  get rows(): readonly Example[] {
    return this.#rows;
  }

  get size(): number {
    return this.#rows.length;
  }

  /** How often the rows were used up. */
  get rounds(): number {
    return this.#rounds;
  }

  /** The next rows, none twice in one draw; at most all. */
  draw(count: number): readonly Example[] {
    const drawn = new Set<Example>();
    while (drawn.size < Math.min(count, this.#rows.length)) {
      if (this.#next === this.#order.length) {
        this.#order = this.#shuffled();
        this.#next = 0;
        this.#rounds++;
      }
      drawn.add(this.#order[this.#next++] as Example);
    }
    return [...drawn];
  }

  #shuffled(): readonly Example[] {
    const order = [...this.#rows];
    for (let index = order.length - 1; index > 0; index--) {
      const other = Math.floor(this.#random() * (index + 1));
      [order[index], order[other]] = [order[other]!, order[index]!];
    }
    return order;
  }
}
