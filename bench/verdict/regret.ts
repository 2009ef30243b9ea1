import type { Estimate } from '#core/estimate.ts';
import { rulesOfThumb } from '#verdict/rules/index.ts';
import type { RuleAnswer, RuleOfThumb } from '#verdict/rules/rule-of-thumb.ts';
import { type Decision, hasSufficient } from './decisions.ts';
import { meanOf, ratioOf, shareOf } from './figure.ts';
import { isSufficient, type Outcome } from './outcome.ts';
import {
  bestAverage,
  bestOfKind,
  cheapestAverage,
  cheapestOfKind,
  cheapestOpen,
  highestLow,
  leastOf,
  present,
  regretAt,
} from './policies.ts';
import type { RungKind, World } from './world.ts';

/** A way to come to a rung. */
export interface Policy {
  readonly name: string;
  /** What the verdict is held against; absent for what is shown besides. */
  readonly rival?: 'rule of thumb' | 'average';
  /** True where it differs from the first only where the verdict names no rung. */
  readonly isFallback?: boolean;
  place(decision: Decision): number;
  /** US dollars that coming to it costs besides. */
  price?(decision: Decision): number;
}

/** The chosen rung; else the one that the verdict says will do meanwhile; else the one with the best average. */
function actedOn(outcome: Outcome): number {
  return outcome.chosen ?? outcome.meanwhile ?? bestAverage(outcome);
}

/** With no row left unasked. */
export const wholePolicy: Policy = { name: 'the same on all rows of all rungs', place: ({ whole }) => actedOn(whole) };

const verdictPolicies: readonly Policy[] = [
  { name: 'the verdict; else what it says will do meanwhile; else the best average', place: ({ outcome }) => actedOn(outcome) },
  wholePolicy,
  {
    name: 'the verdict, with the rows that an undecided one asks for; else as above',
    isFallback: true,
    place: ({ outcome, followUp }) => actedOn(followUp?.outcome ?? outcome),
    price: ({ followUp }) => followUp?.price ?? 0,
  },
  { name: 'the verdict; else the best average', isFallback: true, place: ({ outcome }) => outcome.chosen ?? bestAverage(outcome) },
  { name: 'the verdict; else the highest lower end', isFallback: true, place: ({ outcome }) => outcome.chosen ?? highestLow(outcome) },
  { name: 'the verdict; else the cheapest that may do', isFallback: true, place: ({ outcome }) => outcome.chosen ?? cheapestOpen(outcome) },
  { name: 'the verdict; else the present rung', isFallback: true, place: ({ outcome }) => outcome.chosen ?? present },
];

const rivals: readonly Policy[] = [
  { name: 'pick the best average', rival: 'average', place: ({ whole }) => bestAverage(whole) },
  { name: 'always prompt', rival: 'rule of thumb', place: ({ world }) => cheapestOfKind(world, 'prompt') },
  { name: 'always tune', rival: 'rule of thumb', place: ({ world }) => cheapestOfKind(world, 'fine-tune') },
  ...rulesOfThumb.map((rule) => rulePolicy(rule, rule.title, cheapestOfKind)),
];

const withHindsight: readonly Policy[] = [
  { name: 'always prompt, with hindsight', place: ({ world }) => bestOfKind(world, 'prompt') },
  { name: 'always tune, with hindsight', place: ({ world }) => bestOfKind(world, 'fine-tune') },
  ...rulesOfThumb.map((rule) => ({ ...rulePolicy(rule, `${rule.title}, with hindsight`, bestOfKind), rival: undefined })),
];

/** No care for error at all. */
export const carelessPolicy: Policy = {
  name: 'the cheapest whose average reaches the bar',
  place: ({ world, whole }) => cheapestAverage(world, whole),
};

const policies: readonly Policy[] = [...verdictPolicies, ...rivals, carelessPolicy, ...withHindsight];

function rulePolicy(rule: RuleOfThumb, name: string, placeOf: (world: World, kind: RungKind) => number): Policy {
  return { name, rival: 'rule of thumb', place: ({ world }) => placeOf(world, kindOf(rule.answer(world.situation))) };
}

/** What a rule's advice is taken for; a rule that takes no side, or says nothing, leaves one with a prompt. */
const adviceKinds: Readonly<Record<string, RungKind>> = {
  prompt: 'prompt',
  'prompt first': 'prompt',
  either: 'prompt',
  retrieval: 'prompt',
  hybrid: 'hybrid',
  'retrieval and fine-tune': 'hybrid',
  'fine-tune': 'fine-tune',
};

function kindOf(answer: RuleAnswer | undefined): RungKind {
  if (answer === undefined) return 'prompt';
  // what labels are enough for is no advice of its own: enough is read as "tune"
  return adviceKinds[answer.answer] ?? (answer.leans === 'prompting' ? 'prompt' : 'fine-tune');
}

/** US dollars over the horizon that a choice loses against the oracle, with what it costs to come to it. */
function regretOf(policy: Policy, decision: Decision): number {
  return regretAt(decision.world, policy.place(decision)) + (policy.price?.(decision) ?? 0);
}

export interface RegretLine {
  readonly policy: Policy;
  readonly dollars: Estimate | undefined;
  /** Of what lies between the best and the worst rung of each world. */
  readonly ofStake: Estimate | undefined;
  /** Of the decisions in whose world a rung would do: those that come to a rung which is not good enough. */
  readonly under: Estimate | undefined;
  /** The first policy's regret as a share of this one's. */
  readonly verdictShare: Estimate | undefined;
}

export function regretLines(decisions: readonly Decision[], seed: number): RegretLine[] {
  const verdict = decisions.map((decision) => regretOf(policies[0]!, decision));
  return policies.map((policy) => {
    const regrets = decisions.map((decision) => regretOf(policy, decision));
    return {
      policy,
      dollars: meanOf(regrets),
      ofStake: meanOf(regrets.map((regret, index) => regret / stakeOf(decisions[index]!.world))),
      under: shareOf(
        decisions.filter(({ world }) => hasSufficient(world)),
        (decision) => !isSufficient(decision.world, policy.place(decision)),
        ({ world }) => world,
      ),
      verdictShare: ratioOf(
        regrets.map((whole, index) => ({ part: verdict[index]!, whole })),
        seed,
      ),
    };
  });
}

/** Between the best and the worst rung: the best one loses nothing. */
function stakeOf(world: World): number {
  return Math.max(...world.rungs.map((_, place) => regretAt(world, place)));
}

/** The rival of a kind, or of any, that loses least. */
export function bestOf(lines: readonly RegretLine[], kind?: Policy['rival']): RegretLine | undefined {
  const rivalLines = lines.filter(({ policy: { rival } }) => rival !== undefined && (kind === undefined || rival === kind));
  return rivalLines[leastOf(rivalLines.map(({ dollars }) => dollars?.value ?? Number.POSITIVE_INFINITY))];
}

export function lineOf(lines: readonly RegretLine[], wanted: Policy): RegretLine | undefined {
  return lines.find(({ policy }) => policy === wanted);
}
