import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RestoreContext } from '#core/approach.ts';
import {
  type Answer,
  type AnswerOptions,
  type AnswerStep,
  type CallableModel,
  type Candidate,
  candidateId,
  type Manifest,
} from '#core/candidate.ts';
import { RungError } from '#core/errors.ts';
import { type Input, textOf } from '#core/example.ts';
import { ModelError } from '#core/model-error.ts';
import type { Routed, RoutingPlan } from '#core/routing.ts';
import { type Calibration, calibrated } from '#statistics/cascade-calibration.ts';
import { type PredictorWeights, predictorScore } from '#statistics/cascade-predictor.ts';
import { decodeClassifier } from '#statistics/text-classifier.ts';
import { askingLogProbabilities, isOfLogProbabilities, judgeSignal, ownSignals, type Signals } from './cascade-signals.ts';
import { rungOfPart } from './part-rungs.ts';

/** What a cascade keeps in its manifest, besides what it tells in `routing`. */
export interface CascadeState {
  readonly cheap: Manifest;
  readonly strong: Manifest;
  readonly instructions: string;
  /** The signal that decides; null while the cascade is prepared, when every cheap answer is given with all its signals. */
  readonly signal: string | null;
  /** Answers of at least this score are accepted; null passes every question on. */
  readonly cut: number | null;
  readonly calibration: Calibration;
  /** Name of the model that judges, where one does. */
  readonly judge: string | null;
  /** Whether the cheap model is asked for log-probabilities. */
  readonly logProbabilities: boolean;
  /** The predictor but for its classifiers over words, which are the artefact of that name. */
  readonly predictor: PredictorWeights | null;
  readonly routing: RoutingPlan | null;
}

export const predictorArtefact = 'predictor';
export const predictorFiles = ['question.bin', 'answer.bin'] as const;

/** Makes a cascade answer again; a manifest of one of its parts is restored by that part's own rung. */
export async function restoreCascade(manifest: Manifest, context: RestoreContext): Promise<Candidate> {
  if (!isCascade(manifest)) return rungOfPart(manifest.approach).restore(manifest, context);
  const state = manifest.state as unknown as CascadeState;
  const asking = state.logProbabilities ? askingLogProbabilities(context) : context;
  const [cheap, strong] = await Promise.all([
    rungOfPart(state.cheap.approach).restore(state.cheap, asking),
    state.signal === null ? undefined : rungOfPart(state.strong.approach).restore(state.strong, context),
  ]);
  const judge = state.judge === null ? undefined : await context.model({ model: state.judge });
  const predict = await predictorOf(manifest, state, context);
  const answer = (input: Input, options: AnswerOptions) => route(input, options, { state, cheap, strong, judge, predict });
  return { id: candidateId(manifest), manifest, answer };
}

function isCascade({ state }: Manifest): boolean {
  return 'cheap' in state && 'strong' in state && 'routing' in state;
}

interface Restored {
  readonly state: CascadeState;
  readonly cheap: Candidate;
  readonly strong: Candidate | undefined;
  readonly judge: CallableModel | undefined;
  readonly predict: ((row: { readonly question: string; readonly answer: string }) => number) | undefined;
}

async function predictorOf(manifest: Manifest, { predictor }: CascadeState, context: RestoreContext): Promise<Restored['predict']> {
  if (predictor === null) return undefined;
  const folder = await context.artefacts.path(manifest.artefacts[predictorArtefact] ?? '');
  const words = await Promise.all(
    predictorFiles.map(async (file) => {
      const classifier = decodeClassifier(await readFile(join(folder, file)));
      if (classifier !== undefined) return classifier;
      throw new RungError({
        code: 'artefact-unreadable',
        message: 'The weights of the predictor of the cascade cannot be read.',
        hint: 'Run the climb again with --fresh.',
        place: { file: join(folder, file) },
      });
    }),
  );
  return predictorScore({ view: 'question and answer', dense: predictor, words });
}

async function route(input: Input, options: AnswerOptions, restored: Restored): Promise<Answer> {
  const { state, cheap, strong } = restored;
  if (strong !== undefined && state.cut === null) {
    // nothing may be accepted, so nothing is bought of the cheap part
    const step: AnswerStep = { name: 'confidence', text: 'No cheap answer may be accepted: passed on.' };
    return passedOn([], null, [step], input, options, strong);
  }
  const first = await cheap.answer(input, options).catch((error: unknown) => {
    // a cheap model that cannot answer is a reason to ask the strong one; a wrong key is not
    if (strong !== undefined && ModelError.is(error) && error.kind !== 'unauthorised' && !options.signal.aborted) return error;
    throw error;
  });
  if (first instanceof ModelError) {
    const step: AnswerStep = { name: 'cheap answer', text: '', fault: first.message };
    return passedOn([], null, [step, { name: 'confidence', text: 'No cheap answer: passed on.' }], input, options, strong!);
  }
  const judged = await judgementOf(input, first, options, restored);
  const question = textOf(input);
  const signals: Signals = {
    ...ownSignals(first, state.cheap.approach),
    ...judged.signals,
    ...(restored.predict && { predictor: restored.predict({ question, answer: first.text }) }),
  };
  const calls = [...first.calls, ...judged.calls];
  if (state.signal === null || strong === undefined) return { ...first, calls, routed: { accepted: true, confidence: null, signals } };
  const score = signals[state.signal];
  const confidence = score === undefined ? null : calibrated(state.calibration, score);
  const accepted = score !== undefined && state.cut !== null && score >= state.cut;
  const steps: AnswerStep[] = [
    { name: 'cheap answer', text: first.text },
    { name: 'confidence', text: decisionText(state, confidence, accepted) },
  ];
  if (!accepted) return passedOn(calls, confidence, steps, input, options, strong);
  return { ...first, calls, steps, ...(confidence === null ? {} : { confidence }), routed: { accepted, confidence } };
}

async function judgementOf(input: Input, { text }: Answer, options: AnswerOptions, { state, judge }: Restored) {
  if (judge === undefined) return { signals: {}, calls: [] };
  const { signals, call } = await judgeSignal(judge, state.instructions, { input, answer: text }, options);
  return { signals, calls: [call] };
}

async function passedOn(
  calls: Answer['calls'],
  confidence: Routed['confidence'],
  steps: readonly AnswerStep[],
  input: Input,
  options: AnswerOptions,
  strong: Candidate,
): Promise<Answer> {
  const answer = await strong.answer(input, options);
  return {
    ...answer,
    calls: [...calls, ...answer.calls],
    steps: [...steps, ...(answer.steps ?? [])],
    routed: { accepted: false, confidence },
  };
}

function decisionText({ signal, cut, calibration }: CascadeState, confidence: number | null, accepted: boolean): string {
  const told = confidence === null ? `The signal ${signal} is absent` : `${confidence.toFixed(2)} by ${signal}`;
  const needed = cut === null ? '' : `, accepted from ${calibrated(calibration, cut).toFixed(2)} on`;
  return `${told}${needed}: ${accepted ? 'accepted' : 'passed on'}.`;
}

/** True where a part would be asked for log-probabilities at no other price. */
export function wantsLogProbabilities(signal: string | null, kind: string): boolean {
  return signal === null ? kind === 'auto' || kind === 'log-probabilities' : isOfLogProbabilities(signal);
}
