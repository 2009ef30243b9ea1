import type { Situation } from '#core/situation.ts';
import type { Traffic } from '#core/task.ts';
import { type Draws, drawsOf } from './draws.ts';
import type { Clusters } from './latent.ts';

/** What a rung is to a rule of thumb. */
export type RungKind = 'prompt' | 'fine-tune' | 'hybrid';

/** One rung as it truly is. Money in US dollars. */
export interface WorldRung {
  readonly name: string;
  readonly kind: RungKind;
  /** Share of right answers over all requests there will ever be. */
  readonly accuracy: number;
  readonly tuned: boolean;
  readonly setup: number;
  readonly perRequest: number;
  readonly hostingPerMonth: number;
}

/** A judge that marks a right answer as right with `sensitivity`, a wrong one as wrong with `specificity`. */
interface JudgeNoise {
  readonly sensitivity: number;
  readonly specificity: number;
  /** Answers that people marked too. */
  readonly calibrationRows: number;
}

/** A task whose truth is known, in ladder order. */
export interface World {
  readonly seed: number;
  readonly family: WorldFamily;
  readonly rungs: readonly WorldRung[];
  readonly bar: number;
  /** Rows of the test split. */
  readonly rows: number;
  /** Correlation of two rungs' latent ability on one row. */
  readonly correlation: number;
  readonly clusters?: Clusters;
  readonly judge?: JudgeNoise;
  /** Standard deviation of the logarithm of a row's cost. */
  readonly costSpread: number;
  readonly traffic: Traffic;
  /** US dollars for every right answer that the bar asks for and the rung does not give. */
  readonly missingAnswer: number;
  readonly situation: Situation;
}

export type WorldFamily = 'usual' | 'near the bar' | 'all above' | 'all below' | 'below the floor' | 'just under';

/** Families with the share of worlds drawn from each; `just under` is the adversarial set, drawn apart. */
const familyShares: readonly (readonly [WorldFamily, number])[] = [
  ['usual', 0.5],
  ['near the bar', 0.2],
  ['all above', 0.12],
  ['all below', 0.12],
  ['below the floor', 0.06],
];

/** In the adversarial set every rung is this far under the bar. */
export const justUnder = 0.001;

interface RungPattern {
  readonly name: string;
  readonly kind: RungKind;
  readonly tuned: boolean;
  /** Cost per request in multiples of the first prompt's. */
  readonly perRequest: readonly [number, number];
  readonly setup: readonly [number, number];
  readonly hosting: readonly [number, number];
  /** Gain in log-odds over the plain prompt. */
  gain(draws: Draws, labels: number): number;
}

const patterns: readonly RungPattern[] = [
  {
    name: 'zero-shot',
    kind: 'prompt',
    tuned: false,
    perRequest: [1, 1],
    setup: [0, 0],
    hosting: [0, 0],
    gain: () => 0,
  },
  {
    name: 'few-shot',
    kind: 'prompt',
    tuned: false,
    perRequest: [1.5, 4],
    setup: [0, 0],
    hosting: [0, 0],
    gain: (draws) => draws.between(-0.1, 0.7),
  },
  {
    name: 'optimised',
    kind: 'prompt',
    tuned: false,
    perRequest: [1.2, 3],
    setup: [5, 200],
    hosting: [0, 0],
    gain: (draws) => draws.between(0, 0.9),
  },
  {
    name: 'strong model',
    kind: 'prompt',
    tuned: false,
    perRequest: [5, 25],
    setup: [0, 0],
    hosting: [0, 0],
    gain: (draws) => draws.between(0.2, 1.6),
  },
  {
    name: 'distilled',
    kind: 'fine-tune',
    tuned: true,
    perRequest: [0.02, 0.2],
    setup: [50, 1500],
    hosting: [0, 60],
    gain: (draws, labels) => draws.between(-0.9, 0.1) + 0.5 * Math.log10(labels / 20),
  },
  {
    name: 'fine-tuned',
    kind: 'fine-tune',
    tuned: true,
    perRequest: [0.4, 2],
    setup: [200, 8000],
    hosting: [0, 400],
    gain: (draws, labels) => draws.between(-0.4, 0.6) + 0.5 * Math.log10(labels / 20),
  },
  {
    name: 'hybrid',
    kind: 'hybrid',
    tuned: true,
    perRequest: [1, 4],
    setup: [400, 12_000],
    hosting: [0, 400],
    gain: (draws, labels) => draws.between(0, 0.9) + 0.5 * Math.log10(labels / 20),
  },
];

/** World number `index` of a seed; `family` absent draws one of all but the adversarial. */
export function drawWorld(seed: number, index: number, family?: WorldFamily): World {
  const draws = drawsOf(seed, index);
  const worldSeed = Math.floor(draws.uniform() * 2 ** 31);
  const drawnFamily = family ?? drawFamily(draws.uniform());
  const bar = draws.pick([0.7, 0.75, 0.8, 0.85, 0.9, 0.95]);
  const labels = draws.logBetween(30, 10_000);
  const traffic: Traffic = {
    requestsPerMonth: Math.round(draws.logBetween(1000, 10_000_000)),
    turns: 1,
    requirementChangesPerMonth: draws.chance(0.3) ? 0 : draws.logBetween(0.05, 4),
    horizonMonths: 12,
    publicFacing: draws.chance(0.4),
  };
  const rungs = drawRungs(draws, { family: drawnFamily, bar, labels });
  return {
    seed: worldSeed,
    family: drawnFamily,
    rungs,
    bar,
    rows: Math.round(draws.logBetween(200, 2000)),
    correlation: draws.between(0.2, 0.9),
    ...(draws.chance(0.3) ? { clusters: { smallest: 2, largest: 10, shared: draws.between(0.2, 0.8) } } : {}),
    ...(draws.chance(0.12)
      ? {
          judge: {
            sensitivity: draws.between(0.85, 0.99),
            specificity: draws.between(0.75, 0.97),
            calibrationRows: draws.integer(150, 600),
          },
        }
      : {}),
    costSpread: draws.between(0.1, 0.8),
    traffic,
    missingAnswer: draws.logBetween(0.05, 2),
    situation: drawSituation(draws, { bar, labels, traffic, rungs }),
  };
}

function drawFamily(position: number): WorldFamily {
  let passed = 0;
  for (const [family, share] of familyShares) {
    passed += share;
    if (position < passed) return family;
  }
  return 'usual';
}

function drawRungs(draws: Draws, world: { family: WorldFamily; bar: number; labels: number }): WorldRung[] {
  const wanted = draws.integer(3, 6);
  const names = new Set(['zero-shot', draws.pick(['distilled', 'fine-tuned'])]);
  while (names.size < wanted) names.add(draws.pick(patterns).name);
  const firstCost = draws.logBetween(0.0001, 0.005);
  const firstOdds = Math.log(world.bar / (1 - world.bar)) + draws.between(-1.4, 0.4);
  return patterns
    .filter(({ name }) => names.has(name))
    .map((pattern) => {
      const usual = 1 / (1 + Math.exp(-(firstOdds + pattern.gain(draws, world.labels))));
      return {
        name: pattern.name,
        kind: pattern.kind,
        tuned: pattern.tuned,
        accuracy: accuracyIn[world.family](draws, world.bar, usual),
        perRequest: firstCost * draws.between(...pattern.perRequest),
        setup: pattern.setup[1] === 0 ? 0 : draws.logBetween(...pattern.setup),
        hostingPerMonth: pattern.hosting[1] > 0 && draws.chance(0.4) ? draws.between(...pattern.hosting) : 0,
      };
    });
}

/** A rung's true accuracy, given the bar and what the usual pattern would give it. */
const accuracyIn: Readonly<Record<WorldFamily, (draws: Draws, bar: number, usual: number) => number>> = {
  usual: (_, __, usual) => usual,
  'near the bar': (draws, bar, usual) => (draws.chance(0.6) ? bar + draws.between(-0.03, Math.min(0.03, (1 - bar) * 0.8)) : usual),
  'all above': (draws, bar) => bar + (1 - bar) * draws.between(0.05, 0.9),
  'all below': (draws, bar) => bar - draws.between(0.01, 0.15),
  'below the floor': (draws) => draws.between(0.1, 0.45),
  'just under': (_, bar) => bar - justUnder,
};

/** What a team could tell a rule of thumb without measuring; the rules are told the truth where there is one. */
function drawSituation(
  draws: Draws,
  { bar, labels, traffic, rungs }: { bar: number; labels: number; traffic: Traffic; rungs: readonly WorldRung[] },
): Situation {
  const prompts = rungs.filter(({ kind }) => kind === 'prompt').map(({ accuracy }) => accuracy);
  return {
    requestsPerMonth: traffic.requestsPerMonth,
    labelledExamples: Math.round(labels),
    requirementChangesPerMonth: traffic.requirementChangesPerMonth,
    publicFacing: traffic.publicFacing,
    consistency: draws.pick(['nice', 'important', 'critical']),
    accuracyNeeded: bar,
    personas: draws.pick([1, 1, 1, 3]),
    latencyCritical: draws.chance(0.2),
    domainTerminology: draws.chance(0.3),
    strictFormat: draws.chance(0.4),
    promptingPlateaued: Math.max(...prompts) - prompts[0]! < 0.03,
    frontierModel: rungs.some(({ name }) => name === 'strong model'),
    knowledge: draws.pick(['static', 'static', 'changing', 'none']),
    expertise: draws.pick(['prompting', 'ml']),
    prototype: draws.chance(0.15),
  };
}
