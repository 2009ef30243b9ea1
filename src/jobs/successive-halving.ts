/** How far a run came: the higher the better, the task metric first and the validation loss where that is even. */
export interface Progress {
  readonly metric?: number;
  readonly validationLoss?: number;
  /** True where it has nothing left to do. */
  readonly ended: boolean;
}

export interface Standing<Configuration> extends Progress {
  readonly configuration: Configuration;
  /** Evaluations that it was given. */
  readonly evaluations: number;
  /** Round in which it was dropped, counted from 1; absent for the last one standing. */
  readonly dropped?: number;
}

export interface HalvingOptions<Configuration> {
  /** Evaluations in the first round; twice as many in each that follows. */
  readonly first: number;
  /** Takes a run up to so many evaluations, going on from where it was; Infinity takes it to its end. */
  run(configuration: Configuration, evaluations: number): Promise<Progress>;
  onRound?(round: number, standings: readonly Standing<Configuration>[]): void;
}

/**
 * Successive halving (Jamieson and Talwalkar 2016, arXiv:1502.07943): all run a little, the better half goes on twice as far,
 * until one is left, which runs to its end. Gives all of them, the best first; even ones in the order they were given in.
 */
export async function successiveHalving<Configuration>(
  configurations: readonly Configuration[],
  { first, run, onRound }: HalvingOptions<Configuration>,
): Promise<readonly Standing<Configuration>[]> {
  let standings: Standing<Configuration>[] = configurations.map((configuration) => ({ configuration, evaluations: 0, ended: false }));
  const dropped: Standing<Configuration>[] = [];
  for (let round = 1, evaluations = first; standings.length > 0; round++, evaluations *= 2) {
    const isLast = standings.length === 1;
    const reached: Standing<Configuration>[] = [];
    for (const standing of standings) {
      const { configuration } = standing;
      const upTo = isLast ? Number.POSITIVE_INFINITY : evaluations;
      reached.push(standing.ended ? standing : { configuration, evaluations: upTo, ...(await run(configuration, upTo)) });
    }
    standings = reached.sort(byProgress);
    onRound?.(round, standings);
    if (isLast) break;
    const kept = Math.ceil(standings.length / 2);
    dropped.unshift(...standings.slice(kept).map((standing) => ({ ...standing, dropped: round })));
    standings = standings.slice(0, kept);
  }
  return [...standings, ...dropped];
}

function byProgress(one: Progress, other: Progress): number {
  return (other.metric ?? Number.NEGATIVE_INFINITY) === (one.metric ?? Number.NEGATIVE_INFINITY)
    ? (one.validationLoss ?? Number.MAX_VALUE) - (other.validationLoss ?? Number.MAX_VALUE)
    : (other.metric ?? Number.NEGATIVE_INFINITY) - (one.metric ?? Number.NEGATIVE_INFINITY);
}
