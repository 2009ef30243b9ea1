/** What training makes small. Rows of a preference come in pairs, the chosen answer before the rejected one. */
export type Objective =
  /** The sum of −ln p of every learnt token. */
  | { readonly type: 'likelihood' }
  /** −ln σ(β · margin) of every pair; the margin is how much further apart the answers are than the reference had them. */
  | {
      readonly type: 'preference';
      readonly beta: number;
      /** ln p(chosen) − ln p(rejected) under the reference, one per pair. */
      readonly references: readonly number[];
    };

/** An objective's value of every item, and its slope by the loss of every row. */
export interface Judged {
  readonly values: number[];
  readonly weights: number[];
}

/** Rows that belong together and are judged as one. */
export function rowsPerItem(objective: Objective): 1 | 2 {
  return objective.type === 'preference' ? 2 : 1;
}

/**
 * Judges rows by their losses (sums of −ln p over learnt tokens). Preference: direct preference optimisation, Rafailov et al.
 * 2023, arXiv:2305.18290, equation 7; its slope is ∓β σ(−β · margin).
 */
export function judge(losses: readonly number[], objective: Objective): Judged {
  if (objective.type === 'likelihood') return { values: [...losses], weights: losses.map(() => 1) };
  const { beta, references } = objective;
  const values: number[] = [];
  const weights: number[] = [];
  for (const [pair, reference] of references.entries()) {
    const apart = beta * (losses[2 * pair + 1]! - losses[2 * pair]! - reference);
    // ln(1 + e^−x), written so that it neither overflows nor loses small values
    values.push(Math.max(-apart, 0) + Math.log1p(Math.exp(-Math.abs(apart))));
    const slope = beta / (1 + Math.exp(apart));
    weights.push(slope, -slope);
  }
  return { values, weights };
}
