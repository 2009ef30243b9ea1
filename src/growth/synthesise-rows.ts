import { messageOf } from '#core/errors.ts';
import type { Example } from '#core/example.ts';
import { canonicalJson } from '#core/json.ts';
import type { Attempt } from '#data/grow/synthesise-attempts.ts';
import type { NearCopies } from '#data/grow/synthesise-near-copies.ts';
import { hardVariation } from '#data/grow/synthesise-variations.ts';
import { BudgetEndedError } from '#engine/budget.ts';
import { endsTheRun } from '#engine/execute.ts';
import { InterruptedError } from '#engine/interrupt.ts';
import type { Outcome } from './synthesise-answers.ts';
import { borderMargin, type LabelBorder } from './synthesise-border.ts';
import { sameAsProbe, type VariedInput } from './synthesise-inputs.ts';

/** Why an attempt became no row. */
type Rejection =
  | 'not-varied'
  | 'near-copy'
  | 'near-held-out'
  | 'same-as-probe'
  | 'not-hard'
  | 'no-answer'
  | Extract<Outcome, { why: string }>['why'];

/** What an attempt came to. */
export interface Tried {
  readonly attempt: Attempt;
  readonly varied?: VariedInput;
  readonly outcome?: Outcome;
  readonly rejected?: { readonly why: Rejection; readonly detail: string };
}

export interface GrowOptions {
  readonly attempts: Iterator<Attempt>;
  /** Rows wanted, and the most attempts to make for them. */
  readonly rows: number;
  readonly most: number;
  readonly concurrency: number;
  /** Texts that are there; those of rows that are measured have a name that begins with `heldOut`. */
  readonly copies: NearCopies;
  readonly heldOut: string;
  readonly border?: LabelBorder;
  vary(attempt: Attempt): Promise<VariedInput | undefined>;
  answer(varied: VariedInput, parent: Example, keepsAnswer: boolean): Promise<Outcome>;
  keepsAnswer(attempt: Attempt): boolean;
  progress(kept: number, tried: number): void;
  readonly stopping: AbortSignal;
  readonly abort: AbortSignal;
}

export interface Grown {
  /** In the order of the attempts. */
  readonly tried: readonly Tried[];
  readonly ended: 'rows' | 'tries' | 'budget';
  /** What ended the run early. */
  readonly cause?: unknown;
}

/** Attempts between two looks at how far it has come. */
const mostInBatch = 32;
/** Where nothing is kept of so many attempts, more of them would be money lost. */
const hopelessAfter = 96;

/**
 * Makes rows until there are enough. A batch is never larger than what is missing, so that no answer is bought that is not needed; what is
 * kept follows from the order of the attempts alone. A budget that ends is an end with what is there; an interrupt and what makes further
 * questions pointless are thrown.
 */
export async function growRows(options: GrowOptions): Promise<Grown> {
  const { rows, most, copies } = options;
  const tried: Tried[] = [];
  let kept = 0;
  while (kept < rows && tried.length < most && (kept > 0 || tried.length < hopelessAfter)) {
    const batch = take(options.attempts, Math.min(mostInBatch, rows - kept, most - tried.length));
    if (batch.length === 0) break;
    const varied = await inOrder(batch, options, async (attempt) => options.vary(attempt));
    const open: { attempt: Attempt; varied: VariedInput }[] = [];
    const results = new Map<number, Tried>();
    for (const [index, attempt] of batch.entries()) {
      const made = varied.results[index];
      if (made === undefined) break;
      const rejected = 'failure' in made ? { why: 'not-varied' as const, detail: made.failure } : faultOf(attempt, made.value, options);
      if (rejected === undefined && 'value' in made && made.value !== undefined) {
        copies.add(made.value.input, attempt.key);
        open.push({ attempt, varied: made.value });
      } else if (rejected !== undefined) results.set(attempt.number, { attempt, rejected });
    }
    const answers =
      varied.ended === undefined
        ? await inOrder(open, options, (one) => options.answer(one.varied, one.attempt.parent, options.keepsAnswer(one.attempt)))
        : undefined;
    for (const [index, one] of open.entries()) {
      const asked = answers?.results[index];
      if (asked === undefined) continue;
      if ('failure' in asked) results.set(one.attempt.number, { ...one, rejected: { why: 'no-answer', detail: asked.failure } });
      else if ('why' in asked.value) results.set(one.attempt.number, { ...one, outcome: asked.value, rejected: asked.value });
      else {
        results.set(one.attempt.number, { ...one, outcome: asked.value });
        kept++;
      }
    }
    tried.push(...batch.flatMap(({ number }) => results.get(number) ?? []));
    options.progress(kept, tried.length);
    const cause = varied.ended ?? answers?.ended;
    if (cause !== undefined) return { tried, ended: 'budget', cause };
  }
  return { tried, ended: kept >= rows ? 'rows' : 'tries' };
}

/** Why an input is not worth an answer; found before one is bought. */
function faultOf(
  { parent, variation }: Attempt,
  varied: VariedInput | undefined,
  { copies, heldOut, border }: GrowOptions,
): Tried['rejected'] {
  if (varied === undefined) return { why: 'not-varied', detail: 'no rule applies, or the model gave no usable text' };
  if (canonicalJson(varied.input) === canonicalJson(parent.input)) return { why: 'not-varied', detail: 'it stayed as it was' };
  const twin = sameAsProbe(varied.input, parent);
  if (twin !== undefined) return { why: 'same-as-probe', detail: `the probe format makes the same input: ${twin}` };
  const copy = copies.find(varied.input);
  if (copy !== undefined) {
    const isHeldOut = copy.of.startsWith(heldOut);
    return {
      why: isHeldOut ? 'near-held-out' : 'near-copy',
      detail: `${Math.round(100 * copy.likeness)} % like ${isHeldOut ? 'a row that is measured' : copy.of}`,
    };
  }
  if (variation !== hardVariation || border === undefined) return undefined;
  const margin = border.marginOf(varied.input, parent);
  return margin < borderMargin ? undefined : { why: 'not-hard', detail: `the label is ahead by ${margin.toFixed(2)}` };
}

function take<T>(from: Iterator<T>, count: number): T[] {
  const taken: T[] = [];
  while (taken.length < count) {
    const next = from.next();
    if (next.done === true) break;
    taken.push(next.value);
  }
  return taken;
}

type Result<R> = { readonly value: R } | { readonly failure: string };

/** Works through items, so many at a time; results are in their order, absent where the budget ended first. Throws what else ends the run. */
async function inOrder<T, R>(
  items: readonly T[],
  { concurrency, stopping, abort }: Pick<GrowOptions, 'concurrency' | 'stopping' | 'abort'>,
  work: (item: T) => Promise<R>,
): Promise<{ readonly results: readonly (Result<R> | undefined)[]; readonly ended?: unknown }> {
  const results = new Array<Result<R> | undefined>(items.length).fill(undefined);
  let next = 0;
  let ended: unknown;
  const worker = async () => {
    while (ended === undefined && next < items.length && !stopping.aborted) {
      const index = next++;
      try {
        results[index] = { value: await work(items[index]!) };
      } catch (error) {
        if (stopping.aborted || endsTheRun(error, abort)) ended ??= error;
        else results[index] = { failure: messageOf(error) };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(concurrency, items.length)) }, worker));
  if (stopping.aborted || abort.aborted) throw new InterruptedError();
  if (ended !== undefined && !(ended instanceof BudgetEndedError)) throw ended;
  return { results, ...(ended === undefined ? {} : { ended }) };
}
