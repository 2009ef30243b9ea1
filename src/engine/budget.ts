import { exitCodes, RungError } from '#core/errors.ts';
import { type NanoDollars, toDollars } from '#core/money.ts';

export interface BudgetLimits {
  readonly maxCost?: NanoDollars;
  readonly maxCalls?: number;
}

/** What a reservation became: an answer with its cost, a refusal that costs nothing, or an attempt that may have been charged. */
export type Settlement =
  | { readonly kind: 'answered'; readonly cost: NanoDollars }
  | { readonly kind: 'refused' }
  | { readonly kind: 'uncertain' };

export class BudgetEndedError extends RungError {
  constructor(what: string) {
    super({
      code: 'budget-ended',
      message: `The budget of ${what} ended before the run did.`,
      hint: 'What was answered is kept: run the same command with a larger budget to go on.',
      exitCode: exitCodes.budgetEnded,
    });
    this.name = 'BudgetEndedError';
  }
}

/** Keeps a run within its limits: money is set aside before a request is sent, so requests in flight count. */
export class Budget {
  readonly #limits: BudgetLimits;
  #calls = 0;
  #spent: NanoDollars = 0;
  #reserved: NanoDollars = 0;
  #uncertain: NanoDollars = 0;

  constructor(limits: BudgetLimits) {
    this.#limits = limits;
  }

  get calls(): number {
    return this.#calls;
  }

  get spent(): NanoDollars {
    return this.#spent;
  }

  get limitsCost(): boolean {
    return this.#limits.maxCost !== undefined;
  }

  /** Sets aside the most that one request can cost. Throws BudgetEndedError where that might pass a limit. */
  reserve(most: NanoDollars): (settlement: Settlement) => void {
    const { maxCalls, maxCost } = this.#limits;
    if (maxCalls !== undefined && this.#calls >= maxCalls) throw new BudgetEndedError(`${maxCalls} calls`);
    if (maxCost !== undefined && most > this.#left(maxCost)) {
      throw new BudgetEndedError(`$${toDollars(maxCost)}`);
    }
    this.#calls++;
    return this.#hold(most);
  }

  /** Sets aside what a service is estimated to charge for a training. Throws where that might pass the limit. */
  reserveTraining(most: NanoDollars, how: string): (settlement: Settlement) => void {
    const { maxCost } = this.#limits;
    if (maxCost !== undefined && most > this.#left(maxCost)) {
      throw new RungError({
        code: 'budget-ended',
        message: `This training is estimated at $${toDollars(most)} (${how}), and $${toDollars(Math.max(0, this.#left(maxCost)))} of the budget is left.`,
        hint: 'Nothing was uploaded: give a larger budget, or train on fewer rows or epochs.',
        exitCode: exitCodes.budgetEnded,
      });
    }
    return this.#hold(most);
  }

  #left(maxCost: NanoDollars): NanoDollars {
    return maxCost - this.#spent - this.#uncertain - this.#reserved;
  }

  #hold(most: NanoDollars): (settlement: Settlement) => void {
    this.#reserved += most;
    return (settlement) => {
      this.#reserved -= most;
      if (settlement.kind === 'answered') this.#spent += settlement.cost;
      else if (settlement.kind === 'uncertain') this.#uncertain += most;
    };
  }
}
