import type { CallForecast } from '#core/approach.ts';
import { costOf, type Price, toDollars } from '#core/money.ts';
import type { Models } from './models.ts';
import type { Plan, PlannedRung } from './plan.ts';
import { generalSuite } from './probed-tuning.ts';

/** What a guard would ask of a tuned rung and of the model before training, estimated. */
export interface GuardAsked {
  readonly guard: string;
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly dollars?: number;
}

/** Tokens of a question that is put to a model without a prompt: a sentence. */
const questionTokens = 30;

/** What the guards of a plan would ask besides the rung itself; nothing for a rung that trains no model. */
export async function guardsAsked(rung: PlannedRung, plan: Plan, models: Models, ofRung: CallForecast): Promise<GuardAsked[]> {
  if (rung.approach.trains !== true) return [];
  const base = { model: models.nameOf(rung.model) };
  const { price } = await models.open(base);
  const about = {
    task: plan.task,
    validation: plan.splits.validation,
    general: plan.general,
    generalSuite: await generalSuite(base, models),
  };
  return plan.guards.flatMap(({ guard, options }) => {
    const forecast = guard.forecast?.({ ...about, options });
    if (forecast === undefined || forecast.answers + forecast.questions === 0) return [];
    const { answers, questions, outputTokens } = forecast;
    const calls = answers * ofRung.callsPerAnswer + questions;
    const asked = meanOf(forecast, ofRung, calls, outputTokens);
    return [{ guard: guard.id, calls, ...asked, ...dollarsOf(asked, calls, price) }];
  });
}

function meanOf(
  { answers, questions }: { readonly answers: number; readonly questions: number },
  ofRung: CallForecast,
  calls: number,
  outputTokens: number,
): { inputTokens: number; outputTokens: number } {
  const ofAnswers = answers * ofRung.callsPerAnswer;
  const mean = (answer: number, question: number) => Math.round((ofAnswers * answer + questions * question) / calls);
  return { inputTokens: mean(ofRung.inputTokens, questionTokens), outputTokens: mean(ofRung.outputTokens, outputTokens) };
}

function dollarsOf(
  { inputTokens, outputTokens }: { readonly inputTokens: number; readonly outputTokens: number },
  calls: number,
  price: Price | undefined,
): Pick<GuardAsked, 'dollars'> {
  return price === undefined ? {} : { dollars: toDollars(costOf({ inputTokens, cachedInputTokens: 0, outputTokens }, price) * calls) };
}
