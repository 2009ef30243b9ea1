import type { Estimate } from '#core/estimate.ts';
import { type ChanceLine, chanceLines } from './cheapest-chance.ts';
import { type Coverage, type CoverageCase, coverageOf } from './coverage.ts';
import {
  anyWronglyMet,
  anyWronglyMissed,
  callsWrongSufficient,
  cuts,
  type Decision,
  decisionsOf,
  hasSufficient,
  isUndecided,
  missesSufficient,
} from './decisions.ts';
import { ratioOf, shareOf } from './figure.ts';
import { fixedIntervals } from './fixed-intervals.ts';
import { type Flips, flipsOf } from './flips.ts';
import { judgeIntervals } from './judge-intervals.ts';
import { type DistanceLine, distanceLines } from './near-bar.ts';
import { type RegretLine, regretLines } from './regret.ts';
import { asymptoticSequences, peekedAt, sequences } from './sequences.ts';
import { type Trial, trials } from './simulate.ts';

type How = 'allRows' | 'earlyStop';

export interface ErrorLine {
  readonly name: string;
  readonly decisions: number;
  readonly chosenWrong: Estimate | undefined;
  readonly anyWronglyMet: Estimate | undefined;
  readonly anyWronglyMissed: Estimate | undefined;
  /** Of the decisions in whose world a rung would do. */
  readonly missed: Estimate | undefined;
  readonly undecided: Estimate | undefined;
}

export interface CallsLine {
  readonly name: string;
  /** Rows that the early stop asked for, over rows times rungs. */
  readonly calls: Estimate | undefined;
  readonly undecidedAllRows: Estimate | undefined;
  readonly undecidedEarlyStop: Estimate | undefined;
}

interface SensitivityLine {
  /** US dollars. */
  readonly missingAnswer: number;
  readonly lines: readonly RegretLine[];
}

export interface Results {
  readonly worlds: number;
  readonly adversarialWorlds: number;
  readonly seed: number;
  readonly replications: number;
  readonly coverage: readonly Coverage[];
  /** Of the intervals of accuracy in the verdict document. */
  readonly shownCoverage: {
    readonly allRows: Estimate | undefined;
    readonly measuredWhole: Estimate | undefined;
    readonly stoppedEarly: Estimate | undefined;
  };
  readonly errors: Readonly<Record<How, readonly ErrorLine[]>>;
  readonly adversarial: Readonly<Record<How, ErrorLine>>;
  readonly calls: readonly CallsLine[];
  readonly distances: readonly DistanceLine[];
  readonly chances: readonly ChanceLine[];
  /** Undecided verdicts that named rows which were worth asking for, and of those the ones that then decided. */
  readonly followedUp: {
    readonly undecided: number;
    readonly asked: number;
    readonly decided: Estimate | undefined;
    readonly wrong: Estimate | undefined;
  };
  readonly regret: readonly RegretLine[];
  readonly regretWhereMet: readonly RegretLine[];
  readonly sensitivity: readonly SensitivityLine[];
  readonly flips: Readonly<Record<How, Flips>>;
}

export interface ResultsOptions {
  readonly worlds: number;
  readonly seed: number;
  note(line: string): void;
}

const missingAnswerPrices = [0.02, 0.2, 2];

export function resultsOf({ worlds, seed, note }: ResultsOptions): Results {
  const adversarialWorlds = Math.ceil(worlds / 4);
  note(`${worlds} worlds, each measured twice and decided twice`);
  const usual = trials(worlds, seed);
  note(`${adversarialWorlds} worlds in which every rung is just under the bar`);
  const adversarial = trials(adversarialWorlds, seed + 1, 'just under');
  const stopped = decisionsOf(usual, 'earlyStop');
  const replications = 2 * worlds;
  const cases: readonly CoverageCase[] = [...fixedIntervals, ...judgeIntervals, ...sequences, ...asymptoticSequences, ...peekedAt];
  const coverage = cases.map((coverageCase, line) => {
    note(`coverage ${line + 1} of ${cases.length}: ${coverageCase.method}, ${coverageCase.setting}`);
    return coverageOf(coverageCase, line, replications, seed);
  });
  const errorLines = (how: How) =>
    cuts.map(({ name, holds }) =>
      errorLine(
        name,
        decisionsOf(usual, how).filter(({ world }) => holds(world)),
      ),
    );
  return {
    worlds,
    adversarialWorlds,
    seed,
    replications,
    coverage,
    shownCoverage: {
      allRows: shownCoverage(decisionsOf(usual, 'allRows'), false),
      measuredWhole: shownCoverage(stopped, false),
      stoppedEarly: shownCoverage(stopped, true),
    },
    errors: { allRows: errorLines('allRows'), earlyStop: errorLines('earlyStop') },
    adversarial: {
      allRows: errorLine('every rung just under the bar', decisionsOf(adversarial, 'allRows')),
      earlyStop: errorLine('every rung just under the bar', decisionsOf(adversarial, 'earlyStop')),
    },
    calls: cuts.map(({ name, holds }) =>
      callsLine(
        name,
        usual.filter(({ world }) => holds(world)),
        seed,
      ),
    ),
    distances: distanceLines(usual, seed),
    chances: chanceLines(stopped),
    followedUp: followedUp(stopped),
    regret: regretLines(stopped, seed),
    regretWhereMet: regretLines(
      stopped.filter(({ outcome }) => outcome.chosen !== undefined),
      seed,
    ),
    sensitivity: missingAnswerPrices.map((missingAnswer) => ({
      missingAnswer,
      lines: regretLines(
        stopped.map((decision) => ({ ...decision, world: { ...decision.world, missingAnswer } })),
        seed,
      ),
    })),
    flips: { allRows: flipsOf(usual, 'allRows'), earlyStop: flipsOf(usual, 'earlyStop') },
  };
}

function errorLine(name: string, decisions: readonly Decision[]): ErrorLine {
  const share = (of: readonly Decision[], says: (decision: Decision) => boolean) => shareOf(of, says, ({ world }) => world);
  return {
    name,
    decisions: decisions.length,
    chosenWrong: share(decisions, callsWrongSufficient),
    anyWronglyMet: share(decisions, anyWronglyMet),
    anyWronglyMissed: share(decisions, anyWronglyMissed),
    missed: share(
      decisions.filter(({ world }) => hasSufficient(world)),
      missesSufficient,
    ),
    undecided: share(decisions, isUndecided),
  };
}

function callsLine(name: string, of: readonly Trial[], seed: number): CallsLine {
  const rows = of.map(({ allRows, earlyStop }) => ({
    part: earlyStop[0].calls + earlyStop[1].calls,
    whole: allRows[0].calls + allRows[1].calls,
  }));
  return {
    name,
    calls: ratioOf(rows, seed),
    undecidedAllRows: shareOf(decisionsOf(of, 'allRows'), isUndecided, ({ world }) => world),
    undecidedEarlyStop: shareOf(decisionsOf(of, 'earlyStop'), isUndecided, ({ world }) => world),
  };
}

/** Intervals of accuracy as the document shows them that hold the truth, of the rungs that were stopped early or of the others. */
function shownCoverage(decisions: readonly Decision[], stoppedEarly: boolean): Estimate | undefined {
  const shown = decisions.flatMap(({ world, outcome }) =>
    outcome.rungs.flatMap(({ low, high, stopped }, place) => {
      const { accuracy } = world.rungs[place]!;
      return stopped === stoppedEarly ? [{ world, covers: low <= accuracy && accuracy <= high }] : [];
    }),
  );
  return shareOf(
    shown,
    ({ covers }) => covers,
    ({ world }) => world,
  );
}

function followedUp(decisions: readonly Decision[]): Results['followedUp'] {
  const asked = decisions.filter(({ followUp }) => followUp !== undefined);
  return {
    undecided: decisions.filter(isUndecided).length,
    asked: asked.length,
    decided: shareOf(
      asked,
      ({ followUp }) => followUp?.outcome.status !== 'undecided',
      ({ world }) => world,
    ),
    wrong: shareOf(
      asked,
      ({ followUp, ...rest }) => callsWrongSufficient({ ...rest, outcome: followUp!.outcome }),
      ({ world }) => world,
    ),
  };
}
