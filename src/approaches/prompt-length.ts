import type { CallableModel } from '#core/candidate.ts';
import { type Input, messagesOf } from '#core/example.ts';
import type { Message } from '#core/message.ts';
import { ModelError } from '#core/model-error.ts';
import type { Shot } from '#core/prompt.ts';
import { turnsOf } from '#data/prompt-shots.ts';
import { type ClosedPrompt, renderClosed } from './prompt-turns.ts';

/** How many tokens one part of a conversation has, and whether it may be cut. */
export interface PromptPart {
  readonly name: string;
  readonly tokens: number;
  readonly cuttable: boolean;
}

export type CountTokens = (text: string) => number;

/** Four bytes a token: the usual rule of thumb for English, where no tokenizer is at hand. */
export const estimateTokens: CountTokens = (text) => Math.ceil(Buffer.byteLength(text) / 4);

/** What the task, the form of the answer and the question say is never what to cut. */
const kept: ReadonlySet<string> = new Set(['task', 'format', 'query']);

/** The parts of what a prompt sends for one input: its sections, its examples, the turns of the input. Without the chat template. */
export function promptParts(closed: ClosedPrompt, shots: readonly Shot[], input: Input, count: CountTokens): readonly PromptPart[] {
  const [first, ...others] = renderClosed(closed, [], input);
  const system = first?.role === 'system' ? first : undefined;
  const { headed, sections } = closed.prompt;
  const openAt = new Set(closed.open?.sections.map(({ at }) => at));
  const fixed = sections.flatMap(({ heading, text }, at) =>
    openAt.has(at)
      ? []
      : [{ name: heading, tokens: count(headed ? `# ${heading}\n${text}` : text), cuttable: !kept.has(heading.toLowerCase()) }],
  );
  const turns = system === undefined && first !== undefined ? [first, ...others] : others;
  const counted = fixed.reduce((sum, { tokens }) => sum + tokens, 0);
  const ofInput = messagesOf(input).filter(({ role }) => role === 'system');
  const rest = system === undefined ? 0 : Math.max(0, count(system.content) - counted);
  return [
    ...fixed,
    ...(openAt.size + ofInput.length > 0 && rest > 0 ? [{ name: 'Conversation', tokens: rest, cuttable: false }] : []),
    ...part('Examples', renderedShots(closed, shots), count, true),
    ...part('Earlier turns', turns.slice(0, -1), count, false),
    ...part('Query', turns.slice(-1), count, false),
  ];
}

/** Which parts to cut and by how much, the largest first, to lose so many tokens: one sentence. */
export function cutAdvice(parts: readonly PromptPart[], over: number): string {
  const cuttable = parts.filter((each) => each.cuttable && each.tokens > 0).sort((a, b) => b.tokens - a.tokens);
  const whole: PromptPart[] = [];
  let left = over;
  for (const each of cuttable) {
    if (each.tokens >= left) {
      const cut = `cut ${each.name} (${each.tokens} tokens) by ${left}`;
      return sentence(whole.length === 0 ? cut : `take out ${named(whole)} and ${cut}`);
    }
    whole.push(each);
    left -= each.tokens;
  }
  const longest = parts.filter((each) => !each.cuttable).sort((a, b) => b.tokens - a.tokens)[0];
  const question =
    longest === undefined ? '' : ` ${longest.name} has ${longest.tokens} tokens: shorten it, or take a model with a longer context.`;
  return whole.length === 0 ? `No section can be cut.${question}` : `Even without ${named(whole)} it is ${left} too long.${question}`;
}

/** Throws before anything is asked where the texts alone are longer than what the model reads. */
export function checkLength(
  model: CallableModel,
  messages: readonly Message[],
  partsOf: (count: CountTokens) => readonly PromptPart[],
): void {
  const { contextLength, countTokens } = model;
  if (contextLength === undefined || countTokens === undefined) return;
  // a tokenizer of bytes never makes more tokens than bytes: most prompts need no counting
  if (messages.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0) < contextLength) return;
  const tokens = messages.reduce((sum, { content }) => sum + countTokens(content), 0);
  if (tokens >= contextLength) throw tooLong(tokens, contextLength, partsOf(countTokens), '');
}

/** Why a prompt is too long for one input, and what to cut; undefined where it is not, or where tokens cannot be counted. */
export function lengthFault(
  model: CallableModel,
  state: ClosedPrompt & { readonly shots: readonly Shot[] },
  input: Input,
): string | undefined {
  try {
    checkLength(model, renderClosed(state, state.shots, input), (count) => promptParts(state, state.shots, input, count));
    return undefined;
  } catch (error) {
    if (ModelError.is(error)) return error.message;
    throw error;
  }
}

/** The numbers of tokens that a refusal names: services say what they read and what they were sent. */
export function tokensTold(message: string): readonly number[] {
  return Array.from(message.matchAll(/\d[\d,]*(?= tokens)/g), ([number]) => Number(number.replaceAll(',', '')));
}

/** A model's refusal of a prompt that is too long, with what to cut; other errors as they are. */
export function explainLength(error: unknown, model: CallableModel, partsOf: (count: CountTokens) => readonly PromptPart[]): unknown {
  if (!ModelError.is(error) || error.kind !== 'context-exceeded') return error;
  const parts = partsOf(model.countTokens ?? estimateTokens);
  const told = tokensTold(error.message);
  const limit = model.contextLength ?? (told.length > 1 ? Math.min(...told) : undefined);
  const total = Math.max(
    parts.reduce((sum, { tokens }) => sum + tokens, 0),
    ...told,
  );
  if (limit !== undefined) return tooLong(Math.max(total, limit), limit, parts, error.message, error);
  const largest = parts.filter(({ cuttable }) => cuttable).sort((a, b) => b.tokens - a.tokens)[0];
  const what =
    largest === undefined
      ? 'No section can be cut.'
      : `The largest section that can be cut is ${largest.name}, about ${largest.tokens} tokens.`;
  return exceeded(`${error.message} ${what}`, error);
}

function tooLong(tokens: number, limit: number, parts: readonly PromptPart[], said: string, cause?: unknown): ModelError {
  // the answer needs a token too
  const over = tokens - limit + 1;
  const told = said === '' ? '' : ` (${said.replace(/\.$/, '')})`;
  return exceeded(
    `The prompt has ${tokens} tokens and the model reads ${limit}, its answer included: ${over} too many${told}. ${cutAdvice(parts, over)}`,
    cause,
  );
}

function exceeded(message: string, cause: unknown): ModelError {
  return new ModelError({ kind: 'context-exceeded', message, hint: 'rung prompt show gives the tokens of every section.', cause });
}

function renderedShots({ open }: ClosedPrompt, shots: readonly Shot[]): readonly Message[] {
  if (shots.length === 0) return [];
  const bare = { prompt: { headed: false, sections: [] }, ...(open && { open: { ...open, sections: [] } }) };
  const probe = renderClosed(bare, shots, '');
  return open === undefined ? turnsOf(shots) : probe.slice(0, -1);
}

function part(name: string, messages: readonly Message[], count: CountTokens, cuttable: boolean): readonly PromptPart[] {
  if (messages.length === 0) return [];
  return [{ name, tokens: messages.reduce((sum, { content }) => sum + count(content), 0), cuttable }];
}

function named(parts: readonly PromptPart[]): string {
  return parts.map(({ name, tokens }) => `${name} (${tokens} tokens)`).join(', ');
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
