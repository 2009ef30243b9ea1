import { contentHash } from '#core/json.ts';
import type { Situation } from '#core/situation.ts';
import type { Task } from '#core/task.ts';
import type { PriorAnswer, ReasoningStep, Verdict, VerdictStatus } from '#core/verdict.ts';
import { rulesOfThumb } from './rules/index.ts';
import type { Lean } from './rules/rule-of-thumb.ts';
import { listed } from './rules/rule-words.ts';
import { sentenceOf, spokenOf } from './rules/summary.ts';
import { turningPoints } from './rules/turning-points.ts';

/** What a measurement came to, to hold rules of thumb against. */
export interface MeasuredChoice {
  readonly status: VerdictStatus;
  /** Whether the chosen rung changed the model's weights; absent where none was chosen. */
  readonly chosenIsTuned?: boolean;
}

/** What each rule of thumb says, of those that can say anything. `agrees` where both it and the measurement take a side. */
export function priorsOf(situation: Situation, measured?: MeasuredChoice): PriorAnswer[] {
  return spokenOf(situation).map(({ rule, said }) => {
    const agrees = agreement(said.leans, measured);
    return {
      source: `${rule.title} (rule of thumb)`,
      answer: said.answer,
      why: said.why,
      ...(agrees === undefined ? {} : { agrees }),
    };
  });
}

/** What a task already answers of the rules' questions; what its `situation:` says goes before what is read off it. */
export function situationOf(task: Task, facts: { readonly labelledExamples: number; readonly promptingPlateaued?: boolean }): Situation {
  const { traffic, goals } = task;
  const lead = task.metrics[0];
  const leading = typeof lead === 'string' ? lead : lead?.id;
  const bar = goals.find(({ measure, operator, bound }) => measure === leading && operator === '>=' && bound >= 0 && bound <= 1);
  const hasGoal = (...measures: string[]) => goals.some(({ measure }) => measures.includes(measure));
  return answered({
    requestsPerMonth: traffic.requestsPerMonth,
    labelledExamples: facts.labelledExamples,
    requirementChangesPerMonth: traffic.requirementChangesPerMonth,
    publicFacing: traffic.publicFacing,
    ...(bar === undefined ? {} : { accuracyNeeded: bar.bound }),
    ...(task.persona === undefined ? {} : { personas: 1 }),
    ...(hasGoal('latencyP50Ms', 'latencyP95Ms') ? { latencyCritical: true } : {}),
    ...(task.output.kind === 'json' || hasGoal('format') ? { strictFormat: true } : {}),
    promptingPlateaued: facts.promptingPlateaued,
    ...answered(task.situation),
  });
}

/**
 * The verdict document where nothing is measured: what the rules of thumb say of the answers given. There are no
 * goals and no split, so `criteria.hash` is the hash of the answers, `splitHash` is empty, and `confidence` is the
 * default of a task: the document holds no interval.
 */
export function priorVerdict(given: Situation, versions: Verdict['versions']): Verdict {
  const situation = answered(given);
  return {
    schema: 'rung.verdict/1',
    task: 'no task',
    status: 'prior',
    sentence: sentenceOf(spokenOf(situation)),
    chosen: null,
    undecided: null,
    floor: null,
    rungs: [],
    plateau: { reached: false, at: null, signs: [], why: 'Nothing is measured, so no plateau can be seen.', looked: [] },
    breakEven: [],
    learningCurve: null,
    triggers: turningPoints(situation),
    prior: priorsOf(situation),
    reasoning: reasoningOf(situation),
    alternatives: [],
    assumptions: Object.entries(situation).map(([name, value]) => `${name} = ${value}`),
    rowsSaved: { rows: 0, of: 0 },
    criteria: {
      hash: contentHash(situation),
      goals: {},
      confidence: 0.95,
      split: { train: 0, validation: 0, test: 0 },
      splitHash: '',
      testLooks: 0,
      changed: false,
    },
    spent: { dollars: 0, calls: 0, cached: 0, retries: 0, failures: 0, seconds: 0 },
    versions: { ...versions },
    warnings: ['Rules of thumb only: nothing was measured.', ...silentRules(situation)],
  };
}

function answered(situation: Situation): Situation {
  return Object.fromEntries(Object.entries(situation).filter(([, value]) => value !== undefined));
}

/** One clause for every rule that could say nothing, with the answers it lacked. */
function silentRules(situation: Situation): string[] {
  return rulesOfThumb
    .filter((rule) => rule.answer(situation) === undefined)
    .map(({ title, asks }) => {
      const lacking = asks.filter((name) => situation[name] === undefined);
      return lacking.length === 0
        ? `${title} says nothing: none of its cases applies.`
        : `${title} says nothing yet: not answered ${lacking.length === 1 ? 'is' : 'are'} ${listed(lacking)}.`;
    });
}

function agreement(leans: Lean | undefined, measured: MeasuredChoice | undefined): boolean | undefined {
  if (leans === undefined || measured?.status !== 'met' || measured.chosenIsTuned === undefined) return undefined;
  return (leans === 'tuning') === measured.chosenIsTuned;
}

function reasoningOf(situation: Situation): ReasoningStep[] {
  const said = spokenOf(situation).map(({ rule, said: { answer, why } }) => `${rule.title}, ${rule.source}: ${answer}. ${why}`);
  const silent = silentRules(situation);
  return [
    { title: 'What rules of thumb say', lines: said },
    { title: 'What they cannot say', lines: silent },
    { title: 'What to do next', lines: nextLines(situation) },
  ]
    .filter(({ lines }) => lines.length > 0)
    .map((step, index) => ({ step: index + 1, ...step }));
}

function nextLines({ labelledExamples }: Situation): string[] {
  const examples =
    labelledExamples === undefined || labelledExamples === 0
      ? ['Collect examples with expected answers: without them nothing can be measured.']
      : [];
  return [...examples, 'Make a task folder with rung init, put the examples in, and run rung climb: it measures what these rules guess.'];
}
