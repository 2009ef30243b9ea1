import { type Move, type MoveKind, moveKinds } from './optimized-moves.ts';

/** What the rate that a kind begins with is worth, in rows. */
const priorRows = 24;
/** Standard deviations of a rate that hope adds to it. */
const hope = 0.5;
const rateDeviation = 1.2;
/** Calls that measuring a change takes in the middle. */
const usualCalls = 30;

/**
 * Learns, within one run, what share of the rows in reach a kind of change repairs, and puts the change with the largest
 * hoped-for gain per call first: an upper confidence bound on a rate per kind (Auer, Cesa-Bianchi and Fischer 2002,
 * Machine Learning 47:235-256), begun from what was seen on other tasks.
 */
export class Bandit {
  readonly #seen = new Map<MoveKind, { rows: number; sum: number }>();

  /** Notes what a change of a kind gained on so many rows, of the share in its reach. */
  learn(kind: MoveKind, gain: number, reach: number, rows: number): void {
    const { rows: before, sum } = this.#seen.get(kind) ?? { rows: 0, sum: 0 };
    const rate = Math.min(1, Math.max(-1, gain / Math.max(reach, 0.05)));
    this.#seen.set(kind, { rows: before + rows, sum: sum + rate * rows });
  }

  /** The gain that a change is expected to bring. */
  expectedGain({ kind, reach }: Pick<Move, 'kind' | 'reach'>): number {
    const { rows, sum } = this.#seen.get(kind) ?? { rows: 0, sum: 0 };
    return (reach * (priorRows * moveKinds[kind] + sum)) / (priorRows + rows);
  }

  /** The gain that a change may bring where things go well. */
  hopedGain({ kind, reach }: Pick<Move, 'kind' | 'reach'>): number {
    const spread = (hope * rateDeviation) / Math.sqrt(priorRows + (this.#seen.get(kind)?.rows ?? 0));
    return Math.min(reach, this.expectedGain({ kind, reach }) + reach * spread);
  }

  /** The change to try next; undefined where there is none. Ties go by the order given. */
  choose(moves: readonly Move[]): Move | undefined {
    let best: { move: Move; worth: number } | undefined;
    for (const move of moves) {
      const worth = this.hopedGain(move) / (usualCalls + move.calls);
      if (best === undefined || worth > best.worth) best = { move, worth };
    }
    return best?.move;
  }
}
