import type { ApproachContext, MeasuredRow, PrepareInput } from '#core/approach.ts';
import { type Manifest, partId } from '#core/candidate.ts';
import { textOf } from '#core/example.ts';
import type { RoutingPart, RoutingPlan } from '#core/routing.ts';
import { type JudgedAnswer, type Predictor, trainPredictor } from '#statistics/cascade-predictor.ts';
import { fewestRows } from '#statistics/risk-control.ts';
import { encodeClassifier } from '#statistics/text-classifier.ts';
import { type CascadeState, predictorArtefact, predictorFiles, wantsLogProbabilities } from './cascade-candidate.ts';
import { type CascadeOptions, type Part, partsOf, readCascade } from './cascade-options.ts';
import { bestOf, scoredRows, type TriedSignal, tryMost } from './cascade-threshold.ts';
import { manifestOf } from './prompted.ts';

/** Training rows that a predictor learns from, at most: each is a question to the cheap part. */
export const mostTrainingRows = 2000;
/** Rows of the rarer kind that it takes: fewer teach nothing. */
const fewestOfAKind = 5;
const even = { slope: 1, intercept: 0 };

type Settled = CascadeOptions & { readonly lossConfidence: number };

/** Prepares both parts, learns how sure a cheap answer is, and chooses from which confidence on it may be accepted. */
export async function prepareCascade(input: PrepareInput, context: ApproachContext): Promise<Manifest> {
  const read = readCascade(input.options);
  const options: Settled = { ...read, lossConfidence: read.lossConfidence ?? input.confidence };
  const parts = partsOf(input);
  const { manifest: cheap, chose: cheapChose } = await preparePart(parts.cheap, context);
  const { manifest: strong, chose: strongChose } = await preparePart(parts.strong, context);
  const judge = options.judge === undefined ? null : (input.roles[options.judge] ?? options.judge);
  const open: CascadeState = {
    cheap,
    strong,
    instructions: input.task.instructions,
    signal: null,
    cut: null,
    calibration: even,
    judge,
    logProbabilities: wantsLogProbabilities(null, options.confidence),
    predictor: null,
    routing: null,
  };
  const learnt = learnsPredictor(options) ? await learn(manifestFor(open, input, {}), input, context) : undefined;
  const predicting = manifestFor({ ...open, predictor: learnt?.predictor.dense ?? null }, input, learnt?.artefacts ?? {});
  context.progress({ message: 'asking both parts on the validation rows' });
  const cheapRows = await context.measure(predicting, input.validation);
  const strongRows = await context.measure(strong, input.validation);
  const rows = scoredRows(input.validation, { cheap: cheapRows, strong: strongRows }, context.bestScore);
  const error = 1 - options.lossConfidence;
  const tried = tryMost(wanted(rows, options), { loss: options.loss, error, seed: input.seed });
  const best = bestOf(tried);
  const state: CascadeState = {
    ...open,
    signal: best?.signal ?? 'none',
    cut: best?.cut ?? null,
    calibration: best?.fit ?? even,
    judge: best?.signal === 'judge' ? judge : null,
    logProbabilities: best !== undefined && wantsLogProbabilities(best.signal, options.confidence),
    predictor: best?.signal === 'predictor' ? (learnt?.predictor.dense ?? null) : null,
    routing: planOf(options, { cheap, strong }, { tried, best, rows: rows.cheap.length, error, chose: cheapChose || strongChose }),
  };
  return manifestFor(state, input, best?.signal === 'predictor' ? (learnt?.artefacts ?? {}) : {});
}

/** A part, and whether it looked at the validation rows while it was prepared: it may then have chosen by them. */
async function preparePart({ approach, input }: Part, context: ApproachContext): Promise<{ manifest: Manifest; chose: boolean }> {
  const { validation, ...others } = input;
  let chose = false;
  const watched: PrepareInput = {
    ...others,
    get validation() {
      chose = true;
      return validation;
    },
  };
  const manifest = await approach.prepare(watched, context);
  return { manifest, chose };
}

/** True where training rows are asked for a predictor. */
export function learnsPredictor({ confidence }: CascadeOptions): boolean {
  return confidence === 'auto' || confidence === 'predictor';
}

/** The signals that were asked for. */
function wanted(rows: ReturnType<typeof scoredRows>, { confidence }: CascadeOptions): ReturnType<typeof scoredRows> {
  if (confidence === 'auto') return rows;
  const names = confidence === 'log-probabilities' ? [confidence, 'mean log-probabilities'] : [confidence];
  return { ...rows, signals: Object.fromEntries(Object.entries(rows.signals).filter(([name]) => names.includes(name))) };
}

interface Learnt {
  readonly predictor: Predictor;
  readonly artefacts: Readonly<Record<string, string>>;
}

/** Asks the cheap part on training rows and learns when it is right; undefined where it hardly ever is, or always. */
async function learn(asking: Manifest, input: PrepareInput, context: ApproachContext): Promise<Learnt | undefined> {
  context.progress({ message: 'asking the cheap part on training rows' });
  const answered = judgedAnswers(await context.measure(asking, input.train.slice(0, mostTrainingRows)), context.bestScore);
  const right = answered.filter((row) => row.right >= 0.5).length;
  if (Math.min(right, answered.length - right) < fewestOfAKind) return undefined;
  context.progress({ message: 'learning when the cheap part is right' });
  const predictor = await trainPredictor(answered, { seed: input.seed, signal: context.signal });
  const files = Object.fromEntries(predictorFiles.map((file, index) => [file, encodeClassifier(predictor.words[index]!)]));
  return { predictor, artefacts: { [predictorArtefact]: await context.artefacts.write(files) } };
}

function judgedAnswers(rows: readonly MeasuredRow[], bestScore: number): JudgedAnswer[] {
  return rows.flatMap(({ example, answer, score }) =>
    answer === undefined || score === null ? [] : [{ question: textOf(example.input), answer: answer.text, right: score + 1 - bestScore }],
  );
}

/** The tuned part's model is the cascade's, so that it counts as tuned; else that of the cheap part. */
function manifestFor(state: CascadeState, { name }: PrepareInput, own: Readonly<Record<string, string>>): Manifest {
  const { cheap, strong } = state;
  const model = [cheap, strong].find((part) => part.model?.adapter !== undefined)?.model ?? cheap.model ?? strong.model;
  const artefacts = { ...artefactsOf('cheap', cheap), ...artefactsOf('strong', strong), ...own };
  return { ...manifestOf({ approach: 'cascade', name, model: model ?? { model: '' } }, state, artefacts), model };
}

function artefactsOf(part: string, { artefacts, model }: Manifest): Readonly<Record<string, string>> {
  const named = Object.entries(artefacts).map(([role, id]) => [`${part}/${role}`, id] as const);
  return Object.fromEntries([...named, ...(model?.adapter === undefined ? [] : [[`${part}/adapter`, model.adapter] as const])]);
}

interface Found {
  readonly tried: readonly TriedSignal[];
  readonly best: TriedSignal | undefined;
  readonly rows: number;
  readonly error: number;
  /** True where a part may have chosen by the same rows. */
  readonly chose: boolean;
}

function planOf(options: Settled, parts: { readonly cheap: Manifest; readonly strong: Manifest }, found: Found): RoutingPlan {
  const { best, rows, tried } = found;
  const { loss, lossConfidence } = options;
  const threshold =
    best === undefined || best.cut === null ? null : rounded(1 / (1 + Math.exp(-(best.fit.slope * best.cut + best.fit.intercept))));
  return {
    cheap: partOf(parts.cheap),
    strong: partOf(parts.strong),
    signal: best?.signal ?? 'none',
    threshold,
    loss,
    lossConfidence,
    why: whyOf(options, found),
    rows,
    signals: tried.map(({ signal, area, calibration, accepted }) => ({ signal, area, calibration, accepted })),
  };
}

const kinder =
  ' A part was itself chosen or calibrated on these rows, so they are a little kinder to it than new ones: see what the test rows say.';

function partOf(manifest: Manifest): RoutingPart {
  return { part: partId(manifest), rung: manifest.approach, model: manifest.model?.model ?? null };
}

function whyOf({ loss, lossConfidence, confidence }: Settled, { best, rows, tried, error, chose }: Found): string {
  const sure = `at ${percent(lossConfidence)} confidence`;
  if (rows === 0) return 'No validation row has a score of both parts, so nothing can be shown: every question goes to the strong part.';
  if (best === undefined) {
    return `No signal tells how sure a cheap answer is (asked for: ${confidence}), so every question goes to the strong part.`;
  }
  if (best.cut === null) {
    const needed = fewestRows(loss, error / tried.length);
    const few =
      rows < needed && Number.isFinite(needed)
        ? ` Where nothing is lost and nothing won it takes ${needed} rows.`
        : ' More validation rows, or a larger loss, would let it accept some.';
    return `That no more than ${points(loss)} is lost ${sure} cannot be shown with ${rows} validation rows at any threshold, so every question goes to the strong part.${few}`;
  }
  const change = best.lost >= 0 ? `lost ${points(best.lost)}` : `gained ${points(-best.lost)}`;
  return `On ${rows} validation rows accepting ${percent(best.accepted)} of the cheap answers ${change} against the strong part alone; that no more than ${points(loss)} is lost is shown ${sure} (Learn then Test).${chose ? kinder : ''}`;
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`;
}

function points(share: number): string {
  return `${Number((100 * share).toFixed(1))} points`;
}

function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
