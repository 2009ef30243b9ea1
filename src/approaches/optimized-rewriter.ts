import type { MeasuredRow } from '#core/approach.ts';
import type { CallableModel } from '#core/candidate.ts';
import { messageOf, RungError } from '#core/errors.ts';
import { expectedText, textOf } from '#core/example.ts';
import { isJsonObject } from '#core/json.ts';
import type { Message } from '#core/message.ts';
import { ModelError } from '#core/model-error.ts';
import type { Output } from '#core/output.ts';
import type { Section } from '#core/prompt.ts';
import { balancedExamples } from './example-selection.ts';
import { isFailed } from './optimized-failures.ts';
import type { Trial, Variant } from './optimized-history.ts';
import type { Ledger } from './optimized-ledger.ts';
import type { Move, Standing } from './optimized-moves.ts';
import { trainingRows, withoutLookup } from './optimized-own-answers.ts';
import { readAnswer } from './read-answer.ts';

const rowsShown = 8;
const examplesShown = 40;
const triesShown = 8;
const longestText = 600;
const mostSections = 16;
const longestPrompt = 12_000;
const outputTokens = 2048;

const instructions = [
  'You improve the system prompt of another, smaller language model.',
  'You get the prompt as sections, how its answers fail, some failed rows, right examples, and what was tried before.',
  'Make one change that should repair the commonest failure. Keep what works. Never copy the rows into the prompt.',
  'Answer with JSON alone: {"hypothesis": "one sentence: what fails and what your change does about it", "sections": [{"heading": "...", "text": "..."}]}',
  'The sections are the whole new prompt, in order.',
].join('\n');

/** Lets a strong model rewrite the instructions, from how their answers fail (reflective rewriting: Agrawal et al. 2025, arXiv 2507.19457). */
export function rewritingMoves(
  standing: Standing,
  {
    model,
    ledger,
    trials,
    unasked,
    signal,
  }: { model: CallableModel; ledger: Ledger; trials: readonly Trial[]; unasked: number; signal: AbortSignal },
): readonly Move[] {
  const [worst] = standing.failures;
  const round = trials.filter(({ kind }) => kind === 'rewriting').length + 1;
  return [
    {
      id: `rewriting ${round}`,
      kind: 'rewriting',
      hypothesis:
        worst === undefined
          ? 'A strong model finds clearer words.'
          : `${worst.name} (${worst.rows} of ${worst.of} rows): let ${model.name} rewrite the instructions.`,
      reach: standing.failing,
      calls: 1 + unasked,
      async make() {
        const rows = await ledger.measure(withoutLookup(standing.best), trainingRows(standing));
        ledger.add(1);
        let text: string;
        try {
          const request = { messages: messagesFor(standing, rows.filter(isFailed), trials), maxOutputTokens: outputTokens, temperature: 0 };
          text = (await model.generate(request, { signal })).response.text;
        } catch (error) {
          if (!ModelError.is(error) || error.kind === 'unauthorised') throw error;
          return { nothing: `${model.name} gave no answer: ${messageOf(error)}` };
        }
        return rewritten(text, standing.best, standing.input.task.output);
      },
    },
  ];
}

function messagesFor({ best, failures, input }: Standing, failed: readonly MeasuredRow[], trials: readonly Trial[]): readonly Message[] {
  const rows = failed.slice(0, rowsShown).map(({ example, answer, reason }) => ({
    message: textOf(example.input).slice(0, longestText),
    expected: example.expected === undefined ? undefined : expectedText(example.expected).slice(0, longestText),
    answered: answer?.text.slice(0, longestText) ?? null,
    reason,
  }));
  const examples = balancedExamples(
    input.train.filter(({ expected }) => expected !== undefined),
    examplesShown,
  ).map(({ input: asked, expected }) => ({
    message: textOf(asked).slice(0, longestText),
    expected: expectedText(expected ?? '').slice(0, longestText),
  }));
  const tried = trials
    .slice(1)
    .slice(-triesShown)
    .map(({ hypothesis, kept, why }) => ({ hypothesis, kept, why }));
  const content = JSON.stringify(
    {
      sections: best.prompt.sections,
      failures: failures.slice(0, rowsShown).map(({ name, rows: n, of }) => `${name}: ${n} of ${of} rows`),
      failedRows: rows,
      examples,
      tried,
    },
    null,
    1,
  );
  return [
    { role: 'system', content: instructions },
    { role: 'user', content },
  ];
}

/** Reads a rewriting; what is wrong with it otherwise. */
function rewritten(text: string, best: Variant, output: Output): Variant | { readonly nothing: string } {
  const { value } = readAnswer({ kind: 'json', schema: {} }, text);
  const given = isJsonObject(value) && Array.isArray(value['sections']) ? value['sections'] : [];
  const sections = given.flatMap((each): Section[] => {
    if (!isJsonObject(each) || typeof each['text'] !== 'string' || each['text'].trim() === '') return [];
    return [{ heading: typeof each['heading'] === 'string' ? each['heading'].trim() : '', text: each['text'].trim() }];
  });
  if (sections.length === 0) return { nothing: 'the rewriting holds no sections that can be read' };
  if (sections.length < given.length) return { nothing: 'some sections of the rewriting cannot be read' };
  const whole = sections.map((each) => each.text).join('\n');
  if (sections.length > mostSections || whole.length > longestPrompt)
    return { nothing: `the rewriting is too long: ${whole.length} characters` };
  const missing = output.kind === 'labels' ? output.labels.filter((label) => !whole.includes(label)) : [];
  if (missing.length > 0) return { nothing: `the rewriting leaves out labels: ${missing.slice(0, 5).join(', ')}` };
  return { ...best, prompt: { headed: best.prompt.headed, sections } };
}

/** The model that rewrites: the one that is named, or the role `strong` where it is another than the task's own. */
export function rewriterName(option: string | undefined, roles: Readonly<Record<string, string>>, own: string): string | undefined {
  if (option === 'none') return undefined;
  if (option !== undefined) {
    const named = roles[option] ?? (option.includes('/') || option === 'nano' ? option : undefined);
    if (named !== undefined) return named;
    throw new RungError({
      code: 'rewriter-unknown',
      message: `There is no model for the rewriter ${JSON.stringify(option)}.`,
      hint: `Name a role of models: (${Object.keys(roles).join(', ')}), a model, or none.`,
      exitCode: 2,
    });
  }
  const strong = roles['strong'];
  return strong === undefined || strong === own ? undefined : strong;
}
