import { betaQuantile, binomialAtMost, binomialExactly } from './distributions.ts';

/** Rows of a paired comparison by what accepting did: lost a right answer, won one, or changed nothing. */
export interface MatchedCounts {
  readonly lost: number;
  readonly won: number;
  readonly n: number;
}

/** Error set aside for the range of the nuisance, as a part of the least p-value that matters. */
const aside = 1e-4;
const nuisancePoints = 30;
/** Chances under this are not summed one by one; what is left out is counted as if it spoke for the null. */
const negligible = 1e-13;

/**
 * p-value of "P(lost) − P(won) is at least the margin" in matched pairs: the exact unconditional test by Tango's score
 * statistic (Tango 1998, Statistics in Medicine 17:891-908; Hsueh, Liu and Chen 2001, Biometrics 57:478-483). Its largest
 * value over the chance of a win is sought at 30 places within that chance's exact interval, whose own error is added
 * (Berger and Boos 1994, Journal of the American Statistical Association 89:1012-1016). `margin` is in (0, 1).
 */
export function matchedMarginP({ lost, won, n }: MatchedCounts, margin: number): number {
  if (n === 0 || lost - won >= n * margin) return 1;
  const seen = scoreOf(lost, won, n, margin);
  const ends = regionEnds(seen, n, margin);
  const low = won === 0 ? 0 : betaQuantile(aside / 2, won, n - won + 1);
  const high = Math.min((1 - margin) / 2, won === n ? 1 : betaQuantile(1 - aside / 2, won + 1, n - won));
  let largest = 0;
  for (let point = 0; point <= nuisancePoints; point++) {
    // squared steps: the chance changes fastest near 0
    const chance = low + (high - low) * (point / nuisancePoints) ** 2;
    largest = Math.max(largest, chanceOfRegion(ends, chance, n, margin));
  }
  return Math.min(1, largest + aside);
}

/** Tango's statistic; the more negative, the more surely the difference is under the margin. */
function scoreOf(lost: number, won: number, n: number, margin: number): number {
  const b = -lost - won + (2 * n - lost + won) * margin;
  const c = -won * margin * (1 - margin);
  const winning = Math.max(0, (Math.sqrt(b * b - 8 * n * c) - b) / (4 * n));
  return (lost - won - n * margin) / Math.sqrt(n * (2 * winning + margin * (1 - margin)));
}

/** For every number of wins, the most losses that tell as much or more; −1 where none do. */
function regionEnds(seen: number, n: number, margin: number): Int32Array {
  const ends = new Int32Array(n + 1);
  let most = -1;
  for (let won = 0; won <= n; won++) {
    while (most + 1 <= n - won && scoreOf(most + 1, won, n, margin) <= seen + 1e-12) most++;
    ends[won] = Math.min(most, n - won);
  }
  return ends;
}

function chanceOfRegion(ends: Int32Array, winning: number, n: number, margin: number): number {
  const losing = Math.min(1, (winning + margin) / (1 - winning));
  let sum = 0;
  let covered = 0;
  const centre = Math.floor(n * winning);
  const add = (won: number) => {
    const weight = binomialExactly(won, n, winning);
    covered += weight;
    sum += weight * binomialAtMost(ends[won]!, n - won, losing);
    return weight > negligible;
  };
  for (let won = centre; won <= n && add(won); won++);
  for (let won = centre - 1; won >= 0 && add(won); won--);
  return sum + Math.max(0, 1 - covered);
}
