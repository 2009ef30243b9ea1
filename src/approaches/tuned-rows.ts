import type { ApproachContext, PrepareInput } from '#core/approach.ts';
import { rungImpossible } from '#core/approach.ts';
import { type DataRow, turnText } from '#core/data-row.ts';
import { type Example, expectedText, textOf } from '#core/example.ts';
import type { Json } from '#core/json.ts';
import type { RowOrigin, TrainingMessage, TrainingRow } from '#core/trainer.ts';
import { canaryRows } from '#data/grow/canaries.ts';
import { readWholeDataFile } from '#data/option-files.ts';
import { seededRandom } from '#statistics/random.ts';
import { type MixOption, readFileOf } from './tuned-options.ts';

/** Fewer teach nothing that could be measured. */
export const fewestRows = 10;
/** Of the rows that are learnt, the general ones included; as `rung data mix` proposes. */
const usualShare = 0.1;

/** Why examples are not enough to learn from; undefined where they are. */
export function tooLittleToLearn(train: readonly Example[]): string | undefined {
  const usable = train.filter((example) => example.expected !== undefined);
  if (usable.length < fewestRows) {
    return `It needs at least ${fewestRows} training examples with an expected answer; there are ${usable.length}.`;
  }
  const first = expectedText(usable[0]!.expected as Json);
  if (usable.some(({ expected }) => expectedText(expected as Json) !== first)) return undefined;
  return `All ${usable.length} training examples have the same expected answer, so a model would learn to say that whatever it is asked.`;
}

interface Besides {
  readonly mix?: MixOption;
  readonly canaries?: number;
}

/** Rows that are learnt besides those of the task, and a sentence on each kind. */
interface BesideRows {
  readonly rows: readonly TrainingRow[];
  /** Of each row. */
  readonly origins: readonly (RowOrigin | undefined)[];
  readonly notes: readonly string[];
}

/** General rows and canaries for a tune of so many rows. */
export async function besideRows(
  { mix, canaries = 0 }: Besides,
  input: PrepareInput,
  own: readonly TrainingRow[],
  context: Pick<ApproachContext, 'model'>,
): Promise<BesideRows> {
  const general = mix ? await generalRows(mix === true ? {} : mix, input, own.length, context) : undefined;
  const planted = canaries === 0 ? [] : canaryRows(canaries, input.seed);
  return {
    rows: [...(general?.rows ?? []), ...planted],
    origins: [...(general?.origins ?? []), ...planted.map(() => undefined)],
    notes: [...(general?.notes ?? []), ...(canaries === 0 ? [] : [`${canaries} made-up secrets were planted among the training rows.`])],
  };
}

async function generalRows(
  { file, share = usualShare }: Exclude<MixOption, boolean | undefined>,
  { train, validation, model, files, seed }: PrepareInput,
  own: number,
  context: Pick<ApproachContext, 'model'>,
): Promise<BesideRows> {
  const { rows, path } =
    file === undefined ? await replayRows(model.model, await context.model(model)) : { rows: readFileOf(files?.rows, file), path: file };
  const asked = new Set([...train, ...validation].map(({ input }) => textOf(input).trim()));
  const usable = rows.flatMap((row) => {
    const learnt = trainingRow(row);
    return learnt === undefined || asked.has(learnt.messages.findLast(({ role }) => role === 'user')?.content.trim() ?? '')
      ? []
      : [{ learnt, line: row.line }];
  });
  const wanted = Math.round((share / (1 - share)) * own);
  const taken = drawn(usable, wanted, seed);
  const from = file === undefined ? `that come with ${model.model}` : `of ${file}`;
  const few = taken.length < wanted ? `; a share of ${percent(share)} would take ${wanted}` : '';
  return {
    rows: taken.map(({ learnt }) => learnt),
    origins: taken.map(({ line }) => ({ file: path, line })),
    notes: [`${taken.length} general rows ${from} were learnt beside the ${own} of the task${few}.`],
  };
}

async function replayRows(name: string, { replay }: { readonly replay?: string }): Promise<{ rows: readonly DataRow[]; path: string }> {
  if (replay !== undefined) return { rows: await readWholeDataFile(replay), path: replay };
  throw rungImpossible(
    `Its option mix is true, and no general rows come with ${name}.`,
    'Name a file of general rows: mix: { file: general-rows.jsonl, share: 0.1 }.',
  );
}

/** A row as a trainer takes it; undefined where it holds what no conversation in plain text says, is not to be trained on or answers nothing. */
function trainingRow({ turns, preference, split }: DataRow): TrainingRow | undefined {
  if (preference !== undefined || (split !== undefined && split !== 'train') || turns.at(-1)?.role !== 'assistant') return undefined;
  if (turns.some((turn) => turn.role === 'tool' || turn.toolCalls !== undefined || turnText(turn) === '')) return undefined;
  return {
    messages: turns.map((turn): TrainingMessage => {
      const role = turn.role === 'system' || turn.role === 'developer' ? 'system' : turn.role === 'user' ? 'user' : 'assistant';
      return { role, content: turnText(turn), ...(turn.weight === 0 && { weight: 0 }) };
    }),
  };
}

/** Some of the rows, in their order; the same for the same seed. */
function drawn<Row>(rows: readonly Row[], wanted: number, seed: number): readonly Row[] {
  if (rows.length <= wanted) return rows;
  const random = seededRandom(seed);
  const order = rows.map((_, at) => ({ at, key: random() })).sort((a, b) => a.key - b.key);
  const taken = new Set(order.slice(0, wanted).map(({ at }) => at));
  return rows.filter((_, at) => taken.has(at));
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`;
}
