import { z } from 'zod';
import type { Candidate } from '#core/candidate.ts';
import { defineGuard, type GuardContext, type GuardInput, type GuardResult } from '#core/guard.ts';
import { type AbilityQuestion, abilityQuestions, abilityScorer } from '#data/general-abilities.ts';
import { drawSome } from './draw-some.ts';
import { judgeLoss, lossOf } from './judge-loss.ts';
import { judgeInLooks, looksAtMost, looksOf } from './looks.ts';
import { limitOption, readOptions } from './options.ts';
import { milderTraining } from './suggestions.ts';
import { lossText, share } from './words.ts';

const schema = z.strictObject({
  limit: limitOption(0.02),
  /** Questions before the first look at a set that decides; up to three times as many where they leave it undecided. */
  rows: z.int().min(1).max(100_000).default(500),
  /** Questions of a set that is only told, at most. */
  toldRows: z.int().min(1).max(100_000).default(104),
  /** Absent: where the task has general.jsonl. */
  blocks: z.boolean().optional(),
});

interface Suite extends Pick<GuardResult, 'cases'> {
  readonly name: string;
  readonly before: readonly (number | null)[];
  readonly after: readonly (number | null)[];
}

/**
 * What the model could do before training and can no longer: questions of general ability asked of the model itself, without
 * the task's prompt, before and after. The task's own general.jsonl decides; where there is none, the suite that comes with
 * the base model.
 */
export const forgetting = defineGuard({
  id: 'forgetting',
  summary: 'Abilities of general.jsonl and of the base model’s general suite, before and after training.',
  checkOptions: (options) => void readOptions('forgetting', schema, options),
  forecast({ options: given, general, generalSuite }) {
    const options = readOptions('forgetting', schema, given);
    const [own, ofModel] = [abilityQuestions(general).length, abilityQuestions(generalSuite).length];
    const most = mostAsked(options, own);
    return {
      answers: 0,
      questions: 2 * (Math.min(own, most.first) + Math.min(ofModel, own === 0 ? most.first : most.told)),
      outputTokens: 16,
    };
  },
  skip: ({ general, generalSuite }) =>
    abilityQuestions(general).length + abilityQuestions(generalSuite).length === 0
      ? 'the task has no general.jsonl and the base model comes with no suite'
      : undefined,
  blocksUnfinished: ({ options, general }) =>
    mostAsked(readOptions('forgetting', schema, options), abilityQuestions(general).length).blocks,
  async run(input, context) {
    const options = readOptions('forgetting', schema, input.options);
    const own = abilityQuestions(input.general);
    const ofModel = abilityQuestions(input.generalSuite);
    const most = mostAsked(options, own.length);
    const ask = (name: string, questions: readonly AbilityQuestion[], most: number) =>
      suiteOf(name, drawSome(questions, most, input.seed), input, context);
    const [name, questions] = own.length === 0 ? (['the general suite', ofModel] as const) : (['general.jsonl', own] as const);
    const told = own.length === 0 || ofModel.length === 0 ? undefined : await ask('the general suite', ofModel, most.told);
    const sizes = most.blocks ? looksAtMost(questions.length, options.rows) : [Math.min(questions.length, most.first)];
    return judgeInLooks(looksOf(sizes, input.confidence), async ({ rows, confidence }) => {
      const decides = await ask(name, questions, rows);
      return judgeLoss(
        {
          ...{ id: 'forgetting', limit: options.limit, blocks: most.blocks, row: 'question', suggestions: milderTraining },
          ...{ measure: `loss on ${name}`, before: decides.before, after: decides.after },
          note: told === undefined ? '' : toldText(told, input),
          cases: [decides, ...(told === undefined ? [] : [told])].flatMap(({ cases = [] }) => cases),
        },
        { ...input, confidence },
      );
    });
  },
});

/** Questions of the set that decides and of one that is told, at most, and whether the outcome blocks. */
function mostAsked(options: z.output<typeof schema>, own: number): { first: number; told: number; blocks: boolean } {
  const blocks = options.blocks ?? own > 0;
  return { first: blocks ? 3 * options.rows : options.toldRows, told: options.toldRows, blocks };
}

async function suiteOf(name: string, questions: readonly AbilityQuestion[], input: GuardInput, context: GuardContext): Promise<Suite> {
  const score = abilityScorer(questions);
  const scoresOf = async (candidate: Candidate, when: string) => {
    let done = 0;
    return Promise.all(
      questions.map(async (question) => {
        const { messages, maxOutputTokens } = question;
        const answer = await context.ask(candidate, { messages }, { maxOutputTokens });
        context.progress({ message: `${name}, ${when} training`, done: ++done, total: questions.length });
        return answer === undefined ? null : score(question, answer.text);
      }),
    );
  };
  const [before, after] = [await scoresOf(input.base, 'before'), await scoresOf(input.tuned, 'after')];
  return { name, before, after, cases: casesOf(name, questions, before, after) };
}

function casesOf(
  name: string,
  questions: readonly AbilityQuestion[],
  before: Suite['before'],
  after: Suite['after'],
): NonNullable<GuardResult['cases']> {
  const abilities = [...new Set(questions.map(({ ability }) => ability))];
  return abilities.map((ability) => {
    const rows = questions.flatMap((question, row) =>
      question.ability === ability && before[row] !== null && after[row] !== null ? [row] : [],
    );
    const mean = (scores: Suite['before']) => rows.reduce((sum, row) => sum + scores[row]!, 0) / Math.max(1, rows.length);
    const reason = `${share(mean(before))} before, ${share(mean(after))} after, n ${rows.length}`;
    return { id: `${name}/${ability}`, passed: mean(after) >= mean(before), reason };
  });
}

function toldText({ name, ...scores }: Suite, input: GuardInput): string {
  const { loss } = lossOf(scores, input);
  return loss === undefined ? '' : ` On ${name}, which is told and decides nothing, the loss is ${lossText(loss, input.confidence)}.`;
}
