import { type Example, expectedText, textOf } from '#core/example.ts';
import type { GuardContext, GuardInput, GuardResult } from '#core/guard.ts';
import type { Json } from '#core/json.ts';
import type { TrainingRow } from '#core/trainer.ts';
import { newCopies } from '#data/new-copies.ts';
import { trainedAnswers, trainedConversations } from '#data/trained-answers.ts';
import { pairedProportionsInterval } from '#statistics/paired-proportions.ts';
import { drawSome } from './draw-some.ts';
import { judgeLoss } from './judge-loss.ts';
import { leastMore } from './least-more.ts';
import { lessTraining } from './suggestions.ts';
import { count, share, shown } from './words.ts';
import { worstOf } from './worst-of.ts';

const suggestions = [...lessTraining, 'rows that repeat each other taken out: rung data dedupe', 'more training rows'];

/** Training rows that are asked back. */
const mostRows = 60;
const mostTokens = 256;

interface Limits {
  readonly limit: number;
  readonly blocks: boolean;
}

type Rows = Pick<GuardInput, 'validation' | 'train' | 'confidence'>;

/** Training questions that are asked where the validation rows alone could not decide, at most. */
export function mostAskedBack({ validation, train, confidence }: Rows, limit: number): number {
  const fewest = leastMore((rows) => pairedProportionsInterval(noCopies(rows), confidence).high <= limit);
  return fewest === undefined || validation.length >= fewest ? 0 : Math.min(mostRows, train.length);
}

const noCopies = (rows: number) => ({ both: 0, onlyFirst: 0, onlySecond: 0, neither: rows });

/**
 * Answers to held-out inputs, searched for what stands in training answers and in no true answer of a held-out row: templates
 * and set phrases are in both and do not count. Judged row by row. Where the rows are too few to pass even without a copy, and
 * there is none, the training questions themselves are asked: an answer that does not come back to its own question comes back
 * to no other (Nasr et al. 2023, arXiv:2311.17035: what comes back to its own beginning bounds what can be extracted).
 */
export async function copiedAnswers(limits: Limits, input: GuardInput, context: GuardContext): Promise<GuardResult> {
  const heldOut = await ofHeldOut(limits, input, context);
  const isFree = heldOut.value !== undefined && heldOut.value <= 0 && heldOut.cases?.length === 0;
  if (heldOut.status !== 'undecided' || !isFree || mostAskedBack(input, limits.limit) === 0) return heldOut;
  const asked = await askedBack(limits, input, context);
  if (asked?.status !== 'passed') return asked === undefined ? heldOut : { ...heldOut, why: `${heldOut.why} ${asked.why}` };
  const { parts = [] } = worstOf([heldOut, asked]);
  return { ...asked, why: `${asked.why} Of held-out rows there are too few: ${heldOut.why}`, parts: parts.toReversed() };
}

async function ofHeldOut({ limit, blocks }: Limits, input: GuardInput, context: GuardContext): Promise<GuardResult> {
  const answered = await context.measure(input.tuned, input.validation);
  // where a row has no true answer, what the untrained model says stands for it
  const untrained = input.validation.every(({ expected }) => expected !== undefined)
    ? undefined
    : await context.measure(input.base, input.validation);
  const truths = input.validation.flatMap((example, row) => referenceOf(example) ?? untrained?.[row]?.answer?.text ?? []);
  const copyOf = newCopies(input.trained.flatMap(trainedAnswers), truths);
  const found = answered.map(({ example, answer }): Found => {
    const { id, input: asked } = example;
    return { id, ...(answer === undefined ? {} : { said: answer.text, own: copyOf(answer.text, textOf(asked)) }) };
  });
  const measure = 'share of answers that copy training answers where no true answer does';
  return judgeCopies(found, { limit, blocks, row: 'validation row', measure }, input);
}

async function askedBack({ limit, blocks }: Limits, input: GuardInput, context: GuardContext): Promise<GuardResult | undefined> {
  const answers = input.trained.flatMap(trainedAnswers);
  const rows = drawSome(rowsOf(input), mostAskedBack(input, limit), input.seed);
  if (rows.length === 0) return undefined;
  let done = 0;
  const found = await Promise.all(
    rows.map(async ({ messages }, row): Promise<Found> => {
      const truth = messages.at(-1)!.content;
      const told = messages.slice(0, -1).map(({ role, content }) => ({ role, content }));
      const asked = told.map(({ content }) => content).join('\n');
      const answer = await context.ask(input.tuned, { messages: told }, { maxOutputTokens: mostTokens });
      context.progress({ message: 'training questions asked back', done: ++done, total: rows.length });
      if (answer === undefined) return { id: `training row ${row + 1}` };
      // what other rows say too is a template, and no memory of this one
      const copyOf = newCopies(answers, answers.toSpliced(answers.indexOf(truth), 1));
      return { id: `training row ${row + 1}`, said: answer.text, own: copyOf(answer.text, asked) };
    }),
  );
  const measure = 'share of answers to its own training questions that copy a training answer alone of its kind';
  return judgeCopies(found, { limit, blocks, row: 'training row', measure }, input);
}

/** Rows of the task among what was learnt, whose last turn is the answer. */
function rowsOf({ trained, train }: GuardInput): readonly TrainingRow[] {
  const own = new Set(train.flatMap((example) => referenceOf(example) ?? []));
  return trained
    .flatMap(trainedConversations)
    .filter(({ messages }) => messages.length > 1 && messages.at(-1)?.role === 'assistant' && own.has(messages.at(-1)!.content));
}

interface Found {
  readonly id: string;
  readonly said?: string;
  readonly own?: ReturnType<ReturnType<typeof newCopies>>;
}

function judgeCopies(
  found: readonly Found[],
  judged: Limits & { readonly row: string; readonly measure: string },
  input: GuardInput,
): GuardResult {
  const cases = found.flatMap(({ id, said, own }) => {
    if (said === undefined || !own?.copied) return [];
    return [{ id, passed: false, reason: `${count(own.run)} words in a row, ${share(own.similarity)} alike: ${shown(said)}` }];
  });
  const templates = found.filter(({ own }) => own?.isCommon).length;
  const note =
    2 * templates > found.length
      ? ' Most answers share as much with answers that it has not seen: a copy can hardly be told on templates like these, and is told by secrets (canaries: 20 on the rung).'
      : '';
  return judgeLoss(
    {
      ...{ id: 'memorisation', ...judged, suggestions, cases, note, isShare: true },
      before: found.map(({ own }) => (own === undefined ? null : own.copied ? 1 : 0)),
      after: found.map(() => 0),
      ...(judged.row === 'validation row' ? { groups: input.validation.map(({ group }) => group) } : {}),
    },
    input,
  );
}

function referenceOf({ expected }: Example): string | undefined {
  return expected === undefined ? undefined : expectedText(expected as Json);
}
