import type { RestoreContext } from '#core/approach.ts';
import type { Answer, CallableModel, ModelCall } from '#core/candidate.ts';
import { type Input, textOf } from '#core/example.ts';

/** Scores of how sure a cheap answer is, as ln odds: higher is surer. What a signal does not know is absent. */
export type Signals = Readonly<Record<string, number>>;

/** Scores are kept within these odds, so that none is infinite. */
const mostOdds = 30;

/** ln odds of a probability. */
function oddsOf(probability: number): number {
  const odds = Math.log(probability) - Math.log1p(-probability);
  return Math.max(-mostOdds, Math.min(mostOdds, odds));
}

/** ln odds of a probability given as its logarithm, which may be far too small for a double. */
function oddsOfLogarithm(logarithm: number): number {
  return logarithm > -1e-12 ? mostOdds : Math.max(-1000, Math.min(mostOdds, logarithm - Math.log(-Math.expm1(logarithm))));
}

/** What a rung's own confidence is called. */
const ownNames: ReadonlyMap<string, string> = new Map([
  ['self-consistency', 'votes'],
  ['distilled', 'classifier'],
]);

/** Whether a signal is made of the log-probabilities of the answer. */
export function isOfLogProbabilities(signal: string): boolean {
  return signal === 'log-probabilities' || signal === 'mean log-probabilities';
}

/** What an answer says of itself: its log-probabilities, summed and per token, and its rung's own confidence. */
export function ownSignals(answer: Answer, rung: string): Signals {
  const { logProbability, confidence } = answer;
  return {
    ...(logProbability !== undefined &&
      logProbability.tokens > 0 && {
        'log-probabilities': oddsOfLogarithm(logProbability.sum),
        'mean log-probabilities': oddsOfLogarithm(logProbability.sum / logProbability.tokens),
      }),
    ...(confidence !== undefined && { [ownNames.get(rung) ?? 'confidence']: oddsOf(confidence) }),
  };
}

/** The same context, in which models that can are asked for log-probabilities too. */
export function askingLogProbabilities<Context extends RestoreContext>(context: Context): Context {
  return {
    ...context,
    async model(reference: Parameters<RestoreContext['model']>[0]) {
      const model = await context.model(reference);
      if (!model.can.logProbabilities) return model;
      const asking: CallableModel = {
        ...model,
        generate: (request, options) => model.generate({ ...request, logProbabilities: true }, options),
      };
      return asking;
    },
  };
}

const judgeTokens = 16;

/**
 * Asks a model how likely an answer is right, as a number: what a model says in words is often better calibrated than its
 * token probabilities after preference tuning (Tian et al. 2023, arXiv:2305.14975). No signal where it gives no number.
 */
export async function judgeSignal(
  judge: CallableModel,
  instructions: string,
  { input, answer }: { readonly input: Input; readonly answer: string },
  { signal, sample }: { readonly signal: AbortSignal; readonly sample?: number },
): Promise<{ readonly signals: Signals; readonly call: ModelCall }> {
  const content = `A task was given:\n${instructions}\n\nThe question:\n${textOf(input)}\n\nThe answer of another model:\n${answer}\n\nHow likely is it that this answer is right? Say a whole number from 0 (surely wrong) to 100 (surely right), and nothing else.`;
  const { response, call } = await judge.generate(
    { messages: [{ role: 'user', content }], maxOutputTokens: judgeTokens, temperature: 0, ...(sample ? { sample } : {}) },
    { signal },
  );
  const said = /\d+(?:\.\d+)?/u.exec(response.text)?.[0];
  const percent = said === undefined ? Number.NaN : Number(said);
  return { signals: percent >= 0 && percent <= 100 ? { judge: oddsOf(percent / 100) } : {}, call };
}

/** Tokens of what a judge is asked besides the instructions, the question and the answer; and of what it says. */
export const judgeForecast = { inputTokens: 60, outputTokens: 2 };
