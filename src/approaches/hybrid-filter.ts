import type { ApproachContext, MeasuredRow } from '#core/approach.ts';
import type { Manifest } from '#core/candidate.ts';
import type { Example } from '#core/example.ts';
import { contentHash, type Json } from '#core/json.ts';
import type { Output } from '#core/output.ts';
import { drawAnswers } from './tuned-draws.ts';

/** Draws differ enough to show what a model is not sure of, and stay in the form. */
const temperature = 0.7;

export interface Distilled {
  /** The examples whose answer was kept, with it as the expected one. */
  readonly train: readonly Example[];
  /** A sentence: how many were kept, and why others were not. */
  readonly notes: string;
}

interface FilterOptions {
  readonly accept: number | undefined;
  readonly votes: number;
  readonly output: Output;
}

/** Rows, and the candidate that answers them. */
export interface Asked {
  readonly teacher: Manifest;
  readonly examples: readonly Example[];
}

/**
 * Has candidates answer examples and keeps what is good enough to learn. Where the metric gives a score, it must be as
 * good as `accept`; where none can, an answer in a closed form must be what most draws say (self-consistency, Wang et al. 2022,
 * arXiv:2203.11171). Every answer must be of the task's form.
 */
export async function distilAnswers(
  asked: readonly Asked[],
  { accept, votes, output }: FilterOptions,
  context: Pick<ApproachContext, 'measure' | 'progress' | 'bestScore'>,
): Promise<Distilled> {
  const bound = boundOf(accept, context.bestScore);
  const isClosed = output.kind !== 'text';
  const judged: { readonly row: MeasuredRow; readonly why: string | undefined }[] = [];
  const unsure: MeasuredRow[] = [];
  const agreeing = new Set<MeasuredRow>();
  for (const { teacher, examples } of asked) {
    context.progress({ message: `having answers written to ${examples.length} rows` });
    const rows = (await context.measure(teacher, examples)).map((row) => ({ row, why: faultOf(row, bound) }));
    const open = rows.filter(({ row, why }) => why === undefined && row.score === null).map(({ row }) => row);
    const sure = isClosed && votes > 0 ? await agreement(teacher, open, votes, context) : new Set(open);
    judged.push(...rows);
    unsure.push(...open);
    for (const row of sure) agreeing.add(row);
  }
  const reasons = new Map<string, number>();
  const train = judged.flatMap(({ row, why }): Example[] => {
    const reason = why ?? (row.score === null && !agreeing.has(row) ? 'did not agree with itself' : undefined);
    if (reason === undefined) return [{ ...row.example, expected: row.answer?.value as Json }];
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    return [];
  });
  const out = [...reasons].map(([reason, count]) => `${count} ${reason}`);
  const kept = `${train.length} of ${judged.length} were kept`;
  const unjudged =
    train.length === 0 || unsure.length === 0 ? '' : ` ${judgedBy(unsure.filter((row) => agreeing.has(row)).length, isClosed, votes)}`;
  return { train, notes: `${kept}${out.length === 0 ? '' : `; of the others ${out.join(', ')}`}.${unjudged}` };
}

function judgedBy(rows: number, isClosed: boolean, votes: number): string {
  const how = isClosed && votes > 0 ? `by their form and ${votes} draws each` : 'by their form alone';
  return `No metric could score ${rows} of those kept: they were judged ${how}.`;
}

interface Bound {
  readonly least: number;
  readonly words: string;
}

/** What an answer must score, in the metric's own units, where less may be better. */
function boundOf(accept: number | undefined, bestScore: number): Bound {
  const isLower = bestScore === 0;
  const asked = accept ?? bestScore;
  return { least: isLower ? -asked : asked, words: `scored ${isLower ? 'over' : 'under'} ${asked}` };
}

function faultOf({ answer, score }: MeasuredRow, { least, words }: Bound): string | undefined {
  if (answer === undefined) return 'brought no answer';
  if (answer.value === undefined || answer.text.trim() === '') return 'were not in the form';
  return score !== null && score < least ? words : undefined;
}

/** The rows whose answer more than half of the draws and itself together give. */
async function agreement(
  teacher: Manifest,
  rows: readonly MeasuredRow[],
  votes: number,
  context: Pick<ApproachContext, 'measure' | 'progress'>,
): Promise<ReadonlySet<MeasuredRow>> {
  if (rows.length === 0) return new Set();
  const examples = rows.map(({ example }) => example);
  const drawn = await drawAnswers(teacher, examples, { draws: votes, temperature }, context);
  const key = ({ answer }: MeasuredRow) => contentHash((answer?.value ?? null) as Json);
  return new Set(rows.filter((row, at) => 1 + drawn.filter((each) => key(each[at]!) === key(row)).length > (votes + 1) / 2));
}
