import type { MeasuredRow, PrepareInput } from '#core/approach.ts';
import type { CallableModel } from '#core/candidate.ts';
import type { Example, Input } from '#core/example.ts';
import { shotsFor, withWords } from './optimized-candidate.ts';
import type { Variant } from './optimized-history.ts';
import { renderPrompt } from './prompt.ts';

const lookedAt = 8;

interface Asked {
  readonly variant: Variant;
  /** What it was asked, with the tokens that were billed for it. */
  readonly rows: readonly MeasuredRow[];
}

/**
 * Why a version's prompts are too long for the model, judged from the tokens per byte of prompts that were asked; undefined
 * where they fit or nothing is known. Asks nothing.
 */
export function tooLong(
  variant: Variant,
  examples: readonly Example[],
  asked: Asked,
  input: PrepareInput,
  model: CallableModel,
): string | undefined {
  const { contextLength } = model;
  const tokensPerByte = densityOf(asked, input);
  if (contextLength === undefined || tokensPerByte === undefined) return undefined;
  const answers = asked.rows.map(({ answer }) => answer?.calls[0]?.usage?.outputTokens ?? 0);
  const answerTokens = answers.reduce((sum, each) => sum + each, 0) / Math.max(1, answers.length);
  const shots = shotsFor(variant, input.train);
  const longest = Math.max(...examples.slice(0, lookedAt).map(({ input: question }) => bytesOf(variant, shots(question), question)));
  const tokens = Math.ceil(longest * tokensPerByte);
  if (tokens + answerTokens <= contextLength) return undefined;
  return `its prompts of about ${tokens} tokens leave no room for an answer in the ${contextLength} of ${model.name}`;
}

function densityOf({ variant, rows }: Asked, input: PrepareInput): number | undefined {
  const shots = shotsFor(variant, input.train);
  let [tokens, bytes] = [0, 0];
  for (const { example, answer } of rows.slice(0, 3 * lookedAt)) {
    const usage = answer?.calls.length === 1 ? answer.calls[0]?.usage : undefined;
    if (usage === undefined || usage === null) continue;
    tokens += usage.inputTokens;
    bytes += bytesOf(variant, shots(example.input), example.input);
  }
  return bytes === 0 ? undefined : tokens / bytes;
}

function bytesOf({ prompt, nearest }: Variant, shots: ReturnType<ReturnType<typeof shotsFor>>, question: Input): number {
  return renderPrompt(withWords(prompt, shots, nearest ?? {}), shots, question).reduce(
    (sum, { content }) => sum + Buffer.byteLength(content),
    0,
  );
}
