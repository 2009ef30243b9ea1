import { inputError } from '#core/errors.ts';
import type { Estimate } from '#core/estimate.ts';

/** What one arm of a live test has brought so far: outcomes in [0, 1]. For right/wrong the squares equal the sum. */
export interface ArmTotals {
  readonly n: number;
  readonly sum: number;
  readonly squares: number;
}

/** Difference of the means of two arms, first minus second, that may be looked at after every request. */
export interface LiveDifference extends Estimate {
  /** Evidence now against "no difference": above 1/error it is shown. */
  readonly eValue: number;
  /** Always-valid p-value: the least of 1/e-value over the looks so far. */
  readonly p: number;
  /** True once a look has shown a difference at the stated confidence. */
  readonly differs: boolean;
}

export interface LiveTestOptions {
  readonly confidence: number;
  /** Standard deviation of the differences that are thought likely; fixed before the first request. */
  readonly priorDeviation: number;
  /** The look before this one, so that the p-value and the interval only ever tighten. */
  readonly previous?: LiveDifference | undefined;
}

/**
 * Mixture sequential probability ratio test of a live A/B test, with a normal prior on the difference (Robbins 1970,
 * Annals of Mathematical Statistics 41:1397-1409; Johari, Koomen, Pekelis and Walsh 2022, Operations Research
 * 70:1806-1821). Arms need not be of one size. The likelihood is the normal approximation with the
 * measured variances; each arm's sum of squared deviations is taken as 1 more than it is, up to the largest possible
 * variance of ¼, so that the first requests do not pass for certain.
 * Throws a RungError for totals that no outcomes in [0, 1] can have, and for a prior without spread.
 */
export function liveDifference(first: ArmTotals, second: ArmTotals, options: LiveTestOptions): LiveDifference {
  checkOptions(options);
  const one = summaryOf(first, 'first');
  const other = summaryOf(second, 'second');
  const { previous } = options;
  const n = first.n + second.n;
  const method = 'mixture sequential test';
  const error = 1 - options.confidence;
  if (one === undefined || other === undefined) return { value: 0, low: -1, high: 1, n, method, eValue: 1, p: 1, differs: false };
  const value = one.mean - other.mean;
  const variance = one.variance + other.variance;
  const prior = options.priorDeviation ** 2;
  const shrink = prior / (variance + prior);
  const logE = 0.5 * (Math.log1p(-shrink) + (shrink * value ** 2) / variance);
  const reach = Math.sqrt((variance / shrink) * (-2 * Math.log(error) - Math.log1p(-shrink)));
  const p = Math.min(previous?.p ?? 1, Math.exp(-Math.max(0, logE)));
  return {
    value,
    // looks that contradict one another leave no interval: it then reaches out to the difference
    low: Math.min(value, Math.max(previous?.low ?? -1, value - reach)),
    high: Math.max(value, Math.min(previous?.high ?? 1, value + reach)),
    n,
    method,
    eValue: Math.min(Number.MAX_VALUE, Math.exp(logE)),
    p,
    differs: p < error,
  };
}

function summaryOf({ n, sum, squares }: ArmTotals, arm: string): { mean: number; variance: number } | undefined {
  const slack = 1e-9 * n;
  const possible =
    Number.isInteger(n) && n >= 0 && squares >= 0 && squares <= sum + slack && sum <= n + slack && sum * sum <= (squares + slack) * n;
  if (!possible) {
    throw inputError({
      code: 'arm-totals-impossible',
      message: `The ${arm} arm's totals (n ${n}, sum ${sum}, squares ${squares}) are not those of outcomes between 0 and 1.`,
      hint: 'Give the number of outcomes, their sum and the sum of their squares.',
    });
  }
  if (n === 0) return undefined;
  const mean = sum / n;
  return { mean, variance: Math.min(0.25, (Math.max(0, squares - sum * mean) + 1) / n) / n };
}

function checkOptions({ confidence, priorDeviation }: LiveTestOptions): void {
  if (!(confidence > 0 && confidence < 1)) {
    throw inputError({
      code: 'confidence-out-of-range',
      message: `A confidence of ${confidence} is not between 0 and 1.`,
      hint: 'Use 0.95.',
    });
  }
  if (priorDeviation > 0 && Number.isFinite(priorDeviation)) return;
  throw inputError({
    code: 'prior-deviation-out-of-range',
    message: `A prior deviation of ${priorDeviation} is not a positive number.`,
    hint: 'Give the size of difference that is thought likely, as 0.05.',
  });
}
