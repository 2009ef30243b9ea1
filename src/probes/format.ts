import type { Example } from '#core/example.ts';
import { defineProbe, type ProbeCase, type ProbeInput, type ProbeOutcome } from '#core/probe.ts';
import { clustersOf } from '#statistics/clusters.ts';
import { seededRandom } from '#statistics/random.ts';
import { pairedScores } from '#statistics/scores.ts';
import { ask, inParallel } from './ask.ts';
import { drawSome, needExamples } from './draw.ts';
import { readOptions, someOf, wholeNumber } from './options.ts';
import { scorer } from './scorer.ts';
import { variations } from './variations.ts';

const known = { rows: wholeNumber(20, 1, 10_000), variations: someOf(variations.map(({ id }) => id)) };

/** Scores are sums of shares: what is nearer than this is the same. */
const same = 1e-9;

interface Pair {
  readonly example: Example;
  readonly variation: string;
  readonly plain: number;
  readonly varied: number;
}

/**
 * The same rows plain and reworded, scored by the task's leading metric, row by row: how often a score falls, and how
 * high it stays (fragility of prompts to form: Sclar et al. 2023, arXiv 2310.11324).
 */
export const format = defineProbe({
  id: 'format',
  summary: 'How far the leading metric falls when the same input is worded or laid out differently.',
  measures: [
    { id: 'robustAccuracy', summary: 'Leading metric over the reworded rows.', better: 'higher' },
    { id: 'formatFragility', summary: 'Share of reworded rows whose score is below that of the plain row.', better: 'lower' },
  ],
  checkOptions: (options) => void readOptions('format', options, known),
  forecast({ examples, options: given }) {
    const options = readOptions('format', given, known);
    return { questions: Math.min(options.rows, examples.length) * (1 + options.variations.length), turns: 1 };
  },
  async run(candidate, input, context) {
    needExamples('format', input.examples);
    const score = scorer('format', input);
    const options = readOptions('format', input.options, known);
    const chosen = variations.filter(({ id }) => options.variations.includes(id));
    const rows = drawSome(input.examples, options.rows, seededRandom(input.seed));
    const asks = rows.flatMap((example, row) => [
      { row, example, variation: undefined, input: example.input },
      ...chosen.flatMap(({ id, apply }) => {
        const varied = apply(example.input);
        return varied === undefined ? [] : [{ row, example, variation: id, input: varied }];
      }),
    ]);
    const scores = await inParallel(asks, { ...context, concurrency: input.concurrency }, async (each) => {
      const { answer } = await ask(candidate, each.input, context.signal);
      return answer === undefined ? 0 : score(each.example, answer);
    });
    const plain = new Map(asks.flatMap(({ row, variation }, at) => (variation === undefined ? [[row, scores[at]!]] : [])));
    const pairs = asks.flatMap(({ row, example, variation }, at): Pair[] => {
      const [before, after] = [plain.get(row) ?? null, scores[at] ?? null];
      return variation === undefined || before === null || after === null ? [] : [{ example, variation, plain: before, varied: after }];
    });
    const outcomes = pairs.flatMap(({ example, plain, varied }): ProbeOutcome[] => [
      { measure: 'robustAccuracy', score: varied, group: example.group ?? example.id },
      { measure: 'formatFragility', score: varied < plain - same ? 1 : 0, group: example.group ?? example.id },
    ]);
    return { probe: 'format', outcomes, cases: [...chosen.flatMap(({ id }) => fallOf(id, pairs, input)), ...pairs.map(caseOf)] };
  },
});

/** How far the metric fell under one variation, over all rows: the case fails where the whole interval is a fall. */
function fallOf(variation: string, all: readonly Pair[], { confidence, seed }: ProbeInput): ProbeCase[] {
  const pairs = all.filter((pair) => pair.variation === variation);
  const column = (read: (pair: Pair) => number) => Float64Array.from(pairs, read);
  const fall = pairedScores(
    column(({ varied }) => varied),
    column(({ plain }) => plain),
    { confidence, seed, clusters: clustersOf(pairs.map(({ example }) => example.group)) },
  );
  if (fall === undefined) return [];
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const change = `${mean(column(({ plain }) => plain)).toFixed(3)} plain, ${mean(column(({ varied }) => varied)).toFixed(3)} reworded`;
  const interval = `${fall.value.toFixed(3)} (${fall.low.toFixed(3)} to ${fall.high.toFixed(3)}, n ${fall.n}, ${fall.method})`;
  return [{ id: `all rows/${variation}`, passed: fall.high >= 0, reason: `${change}: ${interval}` }];
}

function caseOf({ example, variation, plain, varied }: Pair): ProbeCase {
  const passed = varied >= plain - same;
  return {
    id: `${example.id}/${variation}`,
    family: variation,
    passed,
    reason: `${plain.toFixed(2)} plain, ${varied.toFixed(2)} reworded`,
  };
}
