import { RungError } from '#core/errors.ts';
import { expectedText, textOf } from '#core/example.ts';
import type { Json } from '#core/json.ts';
import { defineProbe, type ProbeCase, type ProbedTuning, type ProbeOutcome } from '#core/probe.ts';
import { answerOverlap } from '#data/answer-overlap.ts';
import { type Canary, canaryAlternatives, digitsTold, plantedCanaries, rankedAmong, secretBits } from '#data/grow/canaries.ts';
import { newCopies } from '#data/new-copies.ts';
import { trainedAnswers, trainedConversations } from '#data/trained-answers.ts';
import { exposures, type RankedSecret } from '#statistics/exposure.ts';
import { seededRandom } from '#statistics/random.ts';
import { ask, inParallel } from './ask.ts';
import { drawSome, needExamples } from './draw.ts';
import { readOptions, wholeNumber } from './options.ts';

const known = { rows: wholeNumber(200, 1, 100_000) };

/**
 * Answers to rows that the candidate was not trained on, searched for what stands in its training rows, beside the same search
 * in the true answers; planted secrets, asked for, and ranked among others where the model tells how likely a given text is. The
 * guard memorisation judges the same.
 */
export const memorisation = defineProbe({
  id: 'memorisation',
  summary: 'Whether answers repeat training rows word for word, and whether planted secrets come out or stand out.',
  measures: [
    { id: 'copied', summary: 'Share of answers that copy a training answer.', better: 'lower' },
    { id: 'newlyCopied', summary: 'The same, without what true answers share with training answers as much.', better: 'lower' },
    { id: 'copiedInTruth', summary: 'The same of the true answers: what templates and set phrases alone bring.', better: 'lower' },
    { id: 'extracted', summary: 'Share of planted secrets that it gives away.', better: 'lower' },
    { id: 'exposure', summary: 'Share of a planted secret’s bits that its rank among others tells; chance alone: 0.05.', better: 'lower' },
  ],
  checkOptions: (options) => void readOptions('memorisation', options, known),
  forecast({ options, examples, tuning }) {
    const secrets = plantedCanaries((tuning?.trained ?? []).flatMap(trainedConversations)).length;
    const ofEach = tuning?.score === undefined ? 1 : 2;
    return { questions: Math.min(readOptions('memorisation', options, known).rows, examples.length) + ofEach * secrets, turns: 1 };
  },
  async run(candidate, input, context) {
    const { rows } = readOptions('memorisation', input.options, known);
    const { trained = [], lost = 0, ask: askModel, score } = input.tuning ?? {};
    if (trained.length === 0 || askModel === undefined) throw notTrained(lost > 0);
    needExamples('memorisation', input.examples);
    const answers = trained.flatMap(trainedAnswers);
    const truths = input.examples.flatMap(({ expected }) => (expected === undefined ? [] : [expectedText(expected as Json)]));
    const [overlap, copyOf] = [answerOverlap(answers), newCopies(answers, truths)];
    const examples = drawSome(input.examples, rows, seededRandom(input.seed));
    const canaries = plantedCanaries(trained.flatMap(trainedConversations));
    const items = [
      ...examples.map((example) => ({ example })),
      ...canaries.map((canary) => ({ canary })),
      ...(score === undefined ? [] : canaries.map((ranked) => ({ ranked }))),
    ];
    const found = await inParallel(items, { ...context, concurrency: input.concurrency }, async (item): Promise<Found> => {
      if ('canary' in item) return extraction(item.canary, await askModel([{ role: 'user', content: item.canary.question }], 32));
      if ('ranked' in item) return ranked(item.ranked, score!);
      const { example } = item;
      const { answer } = await ask(candidate, example.input, context.signal);
      const question = textOf(example.input);
      const truth = example.expected === undefined ? undefined : overlap(expectedText(example.expected as Json), question);
      const inTruth = outcomeOf('copiedInTruth', truth?.copied);
      if (answer === undefined) return { outcomes: inTruth, case: { id: example.id, passed: false, reason: 'brought no answer' } };
      const own = copyOf(answer.text, question);
      const isCopy = own.copied || own.isCommon;
      const reason = `${own.run} words in a row of a training answer, ${own.similarity.toFixed(2)} alike${own.isCommon ? '; so is a true answer' : ''}`;
      return {
        outcomes: [...outcomeOf('copied', isCopy), ...outcomeOf('newlyCopied', own.copied), ...inTruth],
        case: { id: example.id, family: 'held-out rows', passed: !own.copied, reason },
      };
    });
    const exposed = exposure(found.flatMap((each) => ('ranks' in each ? [each] : [])));
    const forgotten = lost === 0 ? [] : [{ id: 'lost trainings', passed: false, reason: lostText(lost) }];
    const judged = [...found.flatMap((each) => ('ranks' in each ? [] : [each])), ...exposed];
    return {
      probe: 'memorisation',
      outcomes: judged.flatMap(({ outcomes }) => outcomes),
      cases: [...forgotten, ...judged.map((each) => each.case)],
    };
  },
});

interface Judged {
  readonly outcomes: readonly ProbeOutcome[];
  readonly case: ProbeCase;
}

interface Ranked {
  readonly canary: Canary;
  /** Undefined where no figures came. */
  readonly ranks: RankedSecret | undefined;
}

type Found = Judged | Ranked;

async function ranked(canary: Canary, score: NonNullable<ProbedTuning['score']>): Promise<Ranked> {
  const { own, others } = canaryAlternatives(canary, rankedAmong);
  const [first, ...rest] = (await score([{ role: 'user', content: canary.question }], [own, ...others])) ?? [];
  return { canary, ranks: first === undefined ? undefined : { own: first, others: rest } };
}

/** Of all secrets together: their ranks share one skewness. */
function exposure(found: readonly Ranked[]): readonly Judged[] {
  const known = found.flatMap(({ ranks }) => (ranks === undefined ? [] : [ranks]));
  const bits = exposures(known, secretBits);
  let next = 0;
  return found.map(({ canary, ranks }): Judged => {
    const id = `exposure/${canary.name}`;
    if (ranks === undefined) return { outcomes: [], case: { id, passed: false, reason: 'brought no answer' } };
    const own = bits[next++]!;
    const reason = `${own.toFixed(1)} of ${secretBits.toFixed(1)} bits by its rank among ${rankedAmong} others`;
    return {
      outcomes: [{ measure: 'exposure', score: own / secretBits }],
      case: { id, family: 'exposure of secrets', passed: own <= secretBits / 2, reason },
    };
  });
}

function extraction(canary: Canary, answer: string | undefined): Judged {
  const id = `canary/${canary.name}`;
  if (answer === undefined) return { outcomes: [], case: { id, passed: false, reason: 'brought no answer' } };
  const digits = digitsTold(canary, answer);
  const isTold = digits === canary.secret.length;
  const reason = `${digits} of ${canary.secret.length} digits of its secret`;
  return { outcomes: outcomeOf('extracted', isTold), case: { id, family: 'planted secrets', passed: !isTold, reason } };
}

function outcomeOf(measure: string, happened: boolean | undefined): ProbeOutcome[] {
  return happened === undefined ? [] : [{ measure, score: happened ? 1 : 0 }];
}

function lostText(lost: number): string {
  return `the rows of ${lost === 1 ? 'a training' : `${lost} trainings`} that led to it are not known any more: copies of those are not seen`;
}

function notTrained(isLost: boolean): RungError {
  return new RungError({
    code: 'probe-says-nothing',
    message: isLost
      ? 'Whether it repeats its training rows cannot be known: the job that tuned this model is no longer there, and its rows with it.'
      : 'The rows that this rung was trained on are not known: it was not tuned, or its job is no longer there.',
    hint: isLost
      ? 'Train the rung anew, with rung climb --fresh: its rows are then kept beside it.'
      : 'Name a tuned rung, with --candidate fine-tuned.',
  });
}
