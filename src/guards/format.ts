import { z } from 'zod';
import { defineGuard, type GuardContext, type GuardInput, type GuardResult } from '#core/guard.ts';
import { judgeLoss } from './judge-loss.ts';
import { judgeProbe } from './judge-probe.ts';
import { judgeInLooks, looksAtMost, looksOf } from './looks.ts';
import { blocksOption, limitOption, readOptions } from './options.ts';
import { earlyStop, fewerEpochs, smallerRank } from './suggestions.ts';
import { partOf, worstOf } from './worst-of.ts';

const schema = z.strictObject({
  limit: limitOption(0.1),
  /** Rows that are reworded before the first look; up to three times as many where they leave it undecided. */
  rows: z.int().min(2).max(10_000).default(60),
  /** Ways of rewording, of those of the probe format. */
  variations: z.array(z.string()).min(1).default(['paraphrased instruction']),
  blocks: blocksOption,
});

const suggestions = ['reworded rows among the training rows: rung data synthesise', fewerEpochs, smallerRank, earlyStop];

/**
 * A tune must not make answers unreadable, nor cling to the wording of its training rows: the share of answers that can be
 * read as the task's output, and the leading metric on reworded inputs, before and after.
 */
export const format = defineGuard({
  id: 'format',
  summary: 'Answers that can be read, and the leading metric on reworded inputs, before and after training.',
  remedies: ['earlier', 'rank'],
  checkOptions: (options) => void readOptions('format', schema, options),
  // the probe asks its rows plain too, which are of the validation split
  forecast({ options, validation }) {
    const { rows, variations } = readOptions('format', schema, options);
    const reworded = 2 * Math.min(3 * rows, validation.length) * variations.length;
    return { answers: reworded, questions: 0, outputTokens: 0, validation: { tuned: true, base: true } };
  },
  skip: ({ validation }) => (validation.length === 0 ? 'there is no validation split' : undefined),
  async run(input, context) {
    const { limit, rows, variations, blocks } = readOptions('format', schema, input.options);
    const common = { id: 'format', limit, blocks, suggestions };
    const looks = looksOf(looksAtMost(input.validation.length, rows), input.confidence);
    let after: ReadonlyMap<string, number> = new Map();
    const reworded = await judgeInLooks(looks, async ({ rows, confidence }) => {
      const looked = await judgeProbe(
        {
          ...{ ...common, row: 'row', measure: 'loss of the leading metric on reworded rows' },
          ...{ probe: 'format', ofMeasure: 'robustAccuracy', options: { rows, variations } },
        },
        { ...input, confidence },
        context,
      );
      after = looked.after;
      return looked.result;
    });
    // every text can be read as a text
    const compared = input.task.output.kind === 'text' ? [reworded] : [reworded, await readable(common, input, context)];
    const falls = await fragility(after, common, input, context);
    if (falls.status === 'failed') return worstOf([falls, ...compared]);
    const found = worstOf(compared);
    return { ...found, why: `${found.why} ${falls.why}`, parts: [...(found.parts ?? [partOf(found)]), partOf(falls)] };
  },
});

/**
 * How far the tuned model itself falls once its rows are reworded, group by group: what a gain over the untuned model would
 * hide. Too few rows are asked to show that it is little, so only what is surely too much counts.
 */
async function fragility(
  after: ReadonlyMap<string, number>,
  common: Pick<GuardResult, 'id' | 'blocks'> & { readonly limit: number; readonly suggestions: readonly string[] },
  input: GuardInput,
  context: GuardContext,
): Promise<GuardResult> {
  const plain = new Map<string, number[]>();
  for (const { example, score } of await context.measure(input.tuned, input.validation)) {
    const group = example.group ?? example.id;
    if (score !== null) plain.set(group, [...(plain.get(group) ?? []), score]);
  }
  const groups = [...after.keys()].filter((group) => plain.has(group));
  const found = judgeLoss(
    {
      ...{ ...common, row: 'row', measure: 'fall of the tuned model from plain to reworded rows', sides: ['plain', 'reworded'] },
      before: groups.map((group) => plain.get(group)!.reduce((sum, score) => sum + score, 0) / plain.get(group)!.length),
      after: groups.map((group) => after.get(group)!),
    },
    input,
  );
  return found.status === 'undecided' ? { ...found, why: `${found.why} This is told and decides nothing.` } : found;
}

async function readable(
  common: Pick<GuardResult, 'id' | 'blocks'> & { readonly limit: number; readonly suggestions: readonly string[] },
  input: GuardInput,
  context: GuardContext,
): Promise<GuardResult> {
  const [before, after] = [await context.measure(input.base, input.validation), await context.measure(input.tuned, input.validation)];
  const read = (rows: typeof before) => rows.map(({ answer }) => (answer === undefined ? null : answer.value === undefined ? 0 : 1));
  return judgeLoss(
    {
      ...{ ...common, row: 'validation row', measure: 'loss of answers that can be read as the task’s output' },
      ...{ before: read(before), after: read(after), groups: input.validation.map(({ group }) => group) },
    },
    input,
  );
}
