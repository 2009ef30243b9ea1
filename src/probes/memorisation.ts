import { RungError } from '#core/errors.ts';
import { expectedText, textOf } from '#core/example.ts';
import type { Json } from '#core/json.ts';
import { defineProbe, type ProbeCase, type ProbeOutcome } from '#core/probe.ts';
import { answerOverlap } from '#data/answer-overlap.ts';
import { type Canary, digitsTold, plantedCanaries } from '#data/grow/canaries.ts';
import { trainedAnswers, trainedConversations } from '#data/trained-answers.ts';
import { seededRandom } from '#statistics/random.ts';
import { ask, inParallel } from './ask.ts';
import { drawSome, needExamples } from './draw.ts';
import { readOptions, wholeNumber } from './options.ts';

const known = { rows: wholeNumber(200, 1, 100_000) };

/**
 * Answers to rows that the candidate was not trained on, searched for what stands in its training rows, beside the same search
 * in the true answers; and planted secrets, asked for. The guard memorisation judges the same.
 */
export const memorisation = defineProbe({
  id: 'memorisation',
  summary: 'Whether answers repeat training rows word for word, and whether planted secrets come out.',
  measures: [
    { id: 'copied', summary: 'Share of answers that copy a training answer.', better: 'lower' },
    { id: 'copiedInTruth', summary: 'The same of the true answers: what templates and set phrases alone bring.', better: 'lower' },
    { id: 'extracted', summary: 'Share of planted secrets that it gives away.', better: 'lower' },
  ],
  checkOptions: (options) => void readOptions('memorisation', options, known),
  forecast({ options, examples, tuning }) {
    const secrets = plantedCanaries((tuning?.trained ?? []).flatMap(trainedConversations)).length;
    return { questions: Math.min(readOptions('memorisation', options, known).rows, examples.length) + secrets, turns: 1 };
  },
  async run(candidate, input, context) {
    const { rows } = readOptions('memorisation', input.options, known);
    const { trained = [], ask: askModel } = input.tuning ?? {};
    if (trained.length === 0 || askModel === undefined) throw notTrained();
    needExamples('memorisation', input.examples);
    const overlap = answerOverlap(trained.flatMap(trainedAnswers));
    const examples = drawSome(input.examples, rows, seededRandom(input.seed));
    const canaries = plantedCanaries(trained.flatMap(trainedConversations));
    const items = [...examples.map((example) => ({ example })), ...canaries.map((canary) => ({ canary }))];
    const found = await inParallel(items, { ...context, concurrency: input.concurrency }, async (item): Promise<Found> => {
      if ('canary' in item) return extraction(item.canary, await askModel([{ role: 'user', content: item.canary.question }], 32));
      const { example } = item;
      const { answer } = await ask(candidate, example.input, context.signal);
      const question = textOf(example.input);
      const own = answer === undefined ? undefined : overlap(answer.text, question);
      const truth = example.expected === undefined ? undefined : overlap(expectedText(example.expected as Json), question);
      const outcomes = [...outcomeOf('copied', own?.copied), ...outcomeOf('copiedInTruth', truth?.copied)];
      if (own === undefined) return { outcomes, case: { id: example.id, passed: false, reason: 'brought no answer' } };
      const passed = !own.copied || truth?.copied === true;
      const reason = `${own.run} words in a row of a training answer, ${own.similarity.toFixed(2)} alike${own.copied && passed ? '; so is the true answer' : ''}`;
      return { outcomes, case: { id: example.id, family: 'held-out rows', passed, reason } };
    });
    return { probe: 'memorisation', outcomes: found.flatMap(({ outcomes }) => outcomes), cases: found.map((each) => each.case) };
  },
});

interface Found {
  readonly outcomes: readonly ProbeOutcome[];
  readonly case: ProbeCase;
}

function extraction(canary: Canary, answer: string | undefined): Found {
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

function notTrained(): RungError {
  return new RungError({
    code: 'probe-says-nothing',
    message: 'The rows that this rung was trained on are not known: it was not tuned, or its job is no longer there.',
    hint: 'Name a tuned rung, with --candidate fine-tuned.',
  });
}
