import type { CallForecast } from '#core/approach.ts';
import type { AnswerStep, CallableModel, ModelCall } from '#core/candidate.ts';
import type { ModelRequest, ModelResponse } from '#core/model.ts';
import type { ParsedAnswer } from '#core/output.ts';

const turnTokens = 40;

/** The calls of one answer where each call may be repaired so often: every further attempt reads those before it. */
export function forecastRepairs(one: Omit<CallForecast, 'prepareCalls'>, repair: number): Omit<CallForecast, 'prepareCalls'> {
  const { callsPerAnswer, inputTokens, outputTokens } = one;
  const added = Math.ceil((repair / 2) * (outputTokens + turnTokens));
  return { callsPerAnswer: callsPerAnswer * (1 + repair), inputTokens: inputTokens + added, outputTokens };
}

/** A response read as an answer: the part of its text that is the answer, and the value it holds. */
export interface Reading extends ParsedAnswer {
  readonly text: string;
}

export interface RepairOptions<R extends Reading> {
  readonly model: CallableModel;
  readonly request: ModelRequest;
  readonly signal: AbortSignal;
  /** How often to ask again, at most. */
  readonly repair: number;
  read(response: ModelResponse): R;
  /** What is wrong with a reading; undefined where it can be used. */
  fault(reading: R): string | undefined;
}

export interface Repaired<R extends Reading> {
  readonly reading: R;
  readonly response: ModelResponse;
  readonly calls: readonly ModelCall[];
  /** The answers that could not be used, and why. */
  readonly steps: readonly AnswerStep[];
}

/**
 * Asks, and where the answer cannot be used asks again in the same conversation with what was wrong with it. After the
 * last attempt the answer stands as it is.
 */
export async function askAgainUntilUsable<R extends Reading>(options: RepairOptions<R>): Promise<Repaired<R>> {
  const { model, request, signal, repair, read, fault } = options;
  const calls: ModelCall[] = [];
  const steps: AnswerStep[] = [];
  let messages = request.messages;
  for (let attempt = 1; ; attempt++) {
    const { response, call } = await model.generate({ ...request, messages }, { signal });
    calls.push(call);
    const reading = read(response);
    const wrong = attempt > repair ? undefined : fault(reading);
    if (wrong === undefined) return { reading, response, calls, steps };
    steps.push({ name: `attempt ${attempt}`, text: response.text, fault: wrong });
    messages = [
      ...messages,
      // some services refuse an empty turn
      { role: 'assistant', content: response.text.trim() === '' ? '(no answer)' : response.text },
      { role: 'user', content: `That answer cannot be used. ${wrong} Answer again, in the form that was asked for.` },
    ];
  }
}
