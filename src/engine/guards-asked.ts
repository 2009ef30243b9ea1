import type { CallForecast } from '#core/approach.ts';
import { costOf, type Price, toDollars } from '#core/money.ts';
import { rankedAmong } from '#data/grow/canaries.ts';
import type { Models } from './models.ts';
import type { Plan, PlannedRung } from './plan.ts';
import { generalSuite } from './probed-tuning.ts';

/** What a guard would ask of a tuned rung and of the model before training: calls at most, tokens estimated. */
export interface GuardAsked {
  readonly guard: string;
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly dollars?: number;
}

/** Tokens of a question that is put to a model without a prompt: a sentence. */
const questionTokens = 30;
/** Tokens of a request for how likely given answers are, a secret and those that it is ranked among: each with its question. */
const scoredTokens = (1 + rankedAmong) * 50;

/**
 * What the guards of a plan would ask besides the rung itself, at most; nothing for a rung that trains no model. Answers to the
 * validation rows are counted once, with the first guard that needs them, since guards share them.
 */
export async function guardsAsked(rung: PlannedRung, plan: Plan, models: Models, ofRung: CallForecast): Promise<GuardAsked[]> {
  if (rung.approach.trains !== true) return [];
  const base = { model: models.nameOf(rung.model) };
  const { price, score } = await models.open(base);
  const about = {
    ...{ task: plan.task, confidence: plan.task.confidence, general: plan.general, generalSuite: await generalSuite(base, models) },
    ...{ validation: plan.splits.validation, train: plan.splits.train, tunedOptions: rung.options, tellsGiven: score !== undefined },
  };
  const counted = { tuned: false, base: false };
  return plan.guards.flatMap(({ guard, options }) => {
    const forecast = guard.forecast?.({ ...about, options });
    if (forecast === undefined) return [];
    const { questions, outputTokens, validation: shared, scored = 0 } = forecast;
    let answers = forecast.answers;
    for (const side of ['tuned', 'base'] as const) {
      if (shared?.[side] !== true || counted[side]) continue;
      counted[side] = true;
      answers += about.validation.length;
    }
    const ofAnswers = answers * ofRung.callsPerAnswer;
    const calls = ofAnswers + questions + scored;
    if (calls === 0) return [];
    const mean = (answer: number, question: number, given: number) =>
      Math.round((ofAnswers * answer + questions * question + scored * given) / calls);
    const asked = {
      inputTokens: mean(ofRung.inputTokens, questionTokens, scoredTokens),
      outputTokens: mean(ofRung.outputTokens, outputTokens, 0),
    };
    return [{ guard: guard.id, calls, ...asked, ...dollarsOf(asked, calls, price) }];
  });
}

function dollarsOf(
  { inputTokens, outputTokens }: { readonly inputTokens: number; readonly outputTokens: number },
  calls: number,
  price: Price | undefined,
): Pick<GuardAsked, 'dollars'> {
  return price === undefined ? {} : { dollars: toDollars(costOf({ inputTokens, cachedInputTokens: 0, outputTokens }, price) * calls) };
}
