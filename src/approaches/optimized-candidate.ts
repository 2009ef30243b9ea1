import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ApproachContext, PrepareInput, RestoreContext } from '#core/approach.ts';
import type { Candidate, Manifest } from '#core/candidate.ts';
import { type Example, expectedText, type Input, textOf } from '#core/example.ts';
import type { Json } from '#core/json.ts';
import type { Prompt, Section, Shot } from '#core/prompt.ts';
import { openPassageIndex } from '#data/passage-index.ts';
import type { Nearest, Variant } from './optimized-history.ts';
import { candidateOf, outputTokensFor, type PromptedState, promptedAnswerer, promptedCandidate, promptedManifest } from './prompted.ts';
import { list, section } from './section.ts';

/** What an optimised candidate keeps: a prompted state and, where examples are looked up, how. */
interface OptimizedState extends PromptedState {
  readonly nearest?: Nearest;
}

type Labelled = Pick<Example, 'id' | 'input'> & { readonly expected: Json };

const poolFile = 'examples.jsonl';

/** Training rows that can be shown as examples. */
export function labelled(examples: readonly Example[]): readonly Labelled[] {
  return examples.flatMap(({ id, input, expected }) => (expected === undefined ? [] : [{ id, input, expected }]));
}

export function toShot({ input, expected }: Labelled): Shot {
  return { input, answer: expectedText(expected) };
}

/** The manifest of a variant. The pool of the training split is written once, where examples are looked up. */
export async function manifestOfVariant(
  variant: Variant,
  { task, train, model, name }: PrepareInput,
  context: Pick<ApproachContext, 'artefacts'>,
  artefacts: Readonly<Record<string, string>> = {},
): Promise<Manifest> {
  const { prompt, shots, nearest } = variant;
  const state: OptimizedState = {
    prompt,
    output: task.output,
    maxOutputTokens: outputTokensFor(task.output),
    shots,
    ...(nearest && { nearest }),
  };
  const lines = () => labelled(train).map((row) => `${JSON.stringify(row)}\n`);
  const pool: Record<string, string> =
    nearest === undefined ? {} : { pool: await context.artefacts.write({ [poolFile]: lines().join('') }) };
  return promptedManifest({ approach: 'optimized', name, model }, state, { ...artefacts, ...pool });
}

/** Makes an optimised manifest answer again. */
export async function restoreOptimized(manifest: Manifest, context: RestoreContext): Promise<Candidate> {
  const { nearest, prompt } = manifest.state as unknown as OptimizedState;
  if (nearest === undefined) return promptedCandidate(manifest, context);
  const folder = await context.artefacts.path(manifest.artefacts['pool'] as string);
  const lines = (await readFile(join(folder, poolFile), 'utf8')).trimEnd().split('\n');
  const find = lookup(
    lines.map((line) => JSON.parse(line) as Labelled),
    nearest,
  );
  return candidateOf(manifest, context, (state: OptimizedState, model) => (input, options) => {
    const shots = find(input);
    return promptedAnswerer({ ...state, prompt: withWords(prompt, shots, nearest) }, model, () => shots)(input, options);
  });
}

/** The prompt as it is sent with these examples: with the words of their answers, where the version says them. */
export function withWords(prompt: Prompt, shots: readonly Shot[], { words }: Pick<Nearest, 'words'>): Prompt {
  if (words === undefined) return prompt;
  const counts = new Map<string, number>();
  for (const { answer } of shots) if (words[answer] !== undefined) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  const lines = [...counts.keys()].sort().map((answer) => `${answer}: ${words[answer]!.join(', ')}`);
  const [first, second] = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).map(([answer]) => answer);
  const apart = first === undefined || second === undefined ? [] : [apartLine([first, words[first]!], [second, words[second]!])];
  if (lines.length === 0) return prompt;
  return { ...prompt, sections: beforeFormat(prompt.sections, [section('Likely answers', list([...lines, ...apart]))]) };
}

/** A line that tells two answers apart. */
export function apartLine(
  [one, mine]: readonly [string, readonly string[]],
  [other, theirs]: readonly [string, readonly string[]],
): string {
  return `${one} or ${other}? ${one} where it says ${mine.join(', ')}; ${other} where it says ${theirs.join(', ')}.`;
}

/** New sections stand before the format where it is last, so that it stays last. */
export function beforeFormat(sections: readonly Section[], extra: readonly Section[]): readonly Section[] {
  const last = sections.at(-1);
  return last?.heading === 'Format' ? [...sections.slice(0, -1), ...extra, last] : [...sections, ...extra];
}

/** The examples that a variant shows for each question. */
export function shotsFor({ shots, nearest }: Variant, train: readonly Example[]): (input: Input) => readonly Shot[] {
  return nearest === undefined ? () => shots : lookup(labelled(train), nearest);
}

/** Finds the examples to show for a question. Where too few share anything with it, the first of the others fill up. */
function lookup(pool: readonly Labelled[], { shots, search, from, order }: Nearest): (input: Input) => readonly Shot[] {
  const passages = pool.map(({ input }, index) => ({ id: String(index), title: '', text: textOf(input) }));
  const index = openPassageIndex(passages, search);
  return (input) => {
    const found = index.find(textOf(input), from === 'labels' ? pool.length : shots).map(({ id }) => pool[Number(id)] as Labelled);
    const seen = new Set(found);
    const rest = found.length < shots || from === 'labels' ? pool.filter((row) => !seen.has(row)) : [];
    const ranked = [...found, ...rest];
    const chosen = (from === 'labels' ? inTurnOfAnswers(ranked) : ranked).slice(0, shots);
    return (order === 'nearest-last' ? chosen.reverse() : chosen).map(toShot);
  };
}

/** The best of every answer first, then the second of every answer, and so on. */
function inTurnOfAnswers(ranked: readonly Labelled[]): Labelled[] {
  const rounds = new Map<string, number>();
  const placed = ranked.map((row) => {
    const answer = expectedText(row.expected);
    const round = rounds.get(answer) ?? 0;
    rounds.set(answer, round + 1);
    return { row, round };
  });
  return placed.sort((a, b) => a.round - b.round).map(({ row }) => row);
}
