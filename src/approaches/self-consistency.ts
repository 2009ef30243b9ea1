import { z } from 'zod';
import { defineApproach, type PrepareInput } from '#core/approach.ts';
import type { Answer, CallableModel } from '#core/candidate.ts';
import { type Example, expectedText } from '#core/example.ts';
import { canonicalJson } from '#core/json.ts';
import { plainPrompt } from './prompt.ts';
import {
  type Answerer,
  candidateOf,
  forecastPrompted,
  manifestOf,
  outputTokensFor,
  type PromptedState,
  promptedAnswerer,
  readOptions,
  refuseIdleOption,
} from './prompted.ts';
import { forecastReasoning, type ReasoningState, reasoningAnswerer, reasoningState } from './reasoning-chain.ts';
import { isDecided, type StopRule, tally, winnerOf } from './self-consistency-vote.ts';

const id = 'self-consistency';

const optionsSchema = z.object({
  votes: z.int().min(3).max(100).optional().describe('a whole number from 3 to 100'),
  temperature: z.number().positive().max(2).optional().describe('a number above 0 and up to 2'),
  prompt: z.enum(['plain', 'reasoning']).optional().describe('"plain" or "reasoning"'),
  format: z.enum(['same', 'second']).optional().describe('"same" or "second"'),
  reasoningTokens: z.int().min(16).max(32_768).optional().describe('a whole number from 16 to 32768'),
  stop: z.enum(['certain', 'likely']).optional().describe('"certain" or "likely"'),
  stopAt: z.number().gt(0.5).lt(1).optional().describe('a number between 0.5 and 1'),
});

interface SelfConsistencyState extends StopRule {
  readonly votes: number;
  readonly temperature: number;
  /** How one vote is asked for. */
  readonly vote: { readonly kind: 'plain'; readonly state: PromptedState } | { readonly kind: 'reasoning'; readonly state: ReasoningState };
}

/** Answers longer than this are hardly ever given twice in the same words. */
const longestCountable = 80;

/** Several sampled answers and the commonest of them (Wang et al. 2022, arXiv 2203.11171). */
export const selfConsistency = defineApproach({
  id,
  summary: 'Samples several answers and takes the commonest; stops when the rest cannot change it.',
  checkOptions(options) {
    const { prompt, stop } = readOptions(id, optionsSchema, options);
    if (prompt === 'plain') for (const name of ['format', 'reasoningTokens']) refuseIdleOption(id, name, options, 'prompt: reasoning');
    if (stop !== 'likely') refuseIdleOption(id, 'stopAt', options, 'stop: likely');
  },
  skip({ task, train, validation }) {
    if (task.output.kind !== 'text' || [...train, ...validation].some(isCountable)) return undefined;
    return 'It counts equal answers, and free texts are hardly ever equal: no training example expects a short answer.';
  },
  forecast(input) {
    const { votes, vote } = stateOf(input);
    const one = vote.kind === 'plain' ? forecastPrompted(vote.state.prompt, [], input) : forecastReasoning(vote.state, input);
    return { prepareCalls: 0, ...one, callsPerAnswer: votes * one.callsPerAnswer };
  },
  async prepare(input) {
    return manifestOf({ approach: id, name: input.name, model: input.model }, stateOf(input));
  },
  restore: (manifest, context) => candidateOf(manifest, context, votingAnswerer),
});

function stateOf({ task, options }: PrepareInput): SelfConsistencyState {
  const read = readOptions(id, optionsSchema, options);
  const { votes = 5, temperature = 0.7, prompt = 'reasoning', stop = 'certain', stopAt = 0.95, ...reasoning } = read;
  const plain = { prompt: plainPrompt(task), output: task.output, maxOutputTokens: outputTokensFor(task.output), shots: [] };
  const vote = prompt === 'plain' ? { kind: prompt, state: plain } : { kind: prompt, state: reasoningState(task, reasoning) };
  return { votes, temperature, stop, stopAt, vote };
}

function isCountable({ expected }: Example): boolean {
  return expected !== undefined && expectedText(expected).length <= longestCountable;
}

function votingAnswerer(state: SelfConsistencyState, model: CallableModel): Answerer {
  const { votes, temperature, vote } = state;
  const ask = vote.kind === 'plain' ? promptedAnswerer(vote.state, model) : reasoningAnswerer(vote.state, model);
  return async (input, { signal, sample = 0 }): Promise<Answer> => {
    const cast: Answer[] = [];
    do {
      // repeats of a row draw votes of their own
      cast.push(await ask(input, { signal, sample: sample * votes + cast.length, temperature }));
    } while (!isDecided(tallyOf(cast), votes - cast.length, state));
    const calls = cast.flatMap((answer) => answer.calls);
    const steps = cast.map((answer, index) => ({ name: `vote ${index + 1}`, text: answer.text, ...faultOfVote(answer) }));
    const winner = winnerOf(tallyOf(cast));
    const first = cast[0] as Answer;
    if (winner === undefined) return { text: first.text, value: undefined, strict: false, calls, steps };
    const elected = canonicalJson(winner.value);
    const those = cast.filter(({ value }) => value !== undefined && canonicalJson(value) === elected);
    // the same answer may have been given in the right form and among other words
    const { text, value, strict, recordedScores } = those.find((answer) => answer.strict) ?? (those[0] as Answer);
    const confidence = winner.votes / cast.length;
    return { text, value, strict, calls, confidence, ...(recordedScores && { recordedScores }), steps };
  };
}

function faultOfVote({ value, steps = [] }: Answer): { readonly fault?: string } {
  if (value !== undefined) return {};
  return { fault: steps.findLast(({ fault }) => fault !== undefined)?.fault ?? 'It holds no answer that can be counted.' };
}

function tallyOf(cast: readonly Answer[]) {
  return tally(cast.map(({ value }) => value));
}
