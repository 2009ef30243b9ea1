import type { Answer, Candidate } from '#core/candidate.ts';
import { type Example, type Input, messagesOf, textOf } from '#core/example.ts';
import { defineProbe, type ProbeCase, type ProbeInput, type ProbeOutcome, type ProbeResult } from '#core/probe.ts';
import type { Overlay } from '#core/prompt.ts';
import { keptRules, type PersonaRule, parseRule } from '#data/persona-rules.ts';
import { seededRandom } from '#statistics/random.ts';
import { ask, inParallel } from './ask.ts';
import { drawSome, needExamples } from './draw.ts';
import { readOptions, wholeNumber } from './options.ts';
import { overlayText } from './overlay-text.ts';

const known = { questions: wholeNumber(8, 1, 1000) };

/** An overlay that is asked with. */
interface Laid {
  readonly overlay: Overlay;
  readonly rules: readonly PersonaRule[];
  /** Of the extra system turn; absent where the candidate holds the overlay already. */
  readonly text?: string;
}

interface Trial {
  readonly example: Example;
  /** Absent for the same question without any overlay. */
  readonly laid?: Laid;
}

/**
 * Flexibility: whether the candidate follows what it was not set up with. Each overlay of the task is put before the
 * question as a turn of the system, and its checks are held against the answer; the same questions without it tell what
 * is kept by chance. An overlay that the candidate was prepared with is not given again.
 */
export const overlay = defineProbe({
  id: 'overlay',
  summary: 'Whether answers follow the overlays of the task, and whether the task is still done under them.',
  measures: [
    { id: 'overlayKept', summary: 'Share of the checks of overlays that answers under them keep.', better: 'higher' },
    { id: 'taskKept', summary: 'Leading metric of the answers under overlays.', better: 'higher' },
  ],
  checkOptions: (options) => void readOptions('overlay', options, known),
  forecast(input) {
    const { questions } = readOptions('overlay', input.options, known);
    const overlays = input.overlays.filter(({ checks }) => checks.length > 0).length;
    return { questions: overlays === 0 ? 0 : (overlays + 1) * Math.min(questions, input.examples.length), turns: 1 };
  },
  async run(candidate, input, context) {
    needExamples('overlay', input.examples);
    const { laid, cases } = layOut(candidate, input);
    if (laid.length === 0) return nothingToFollow(cases);
    const { questions } = readOptions('overlay', input.options, known);
    const drawn = drawSome(input.examples, questions, seededRandom(input.seed));
    const isAdded = laid.some(({ text }) => text !== undefined);
    const trials: Trial[] = [
      ...laid.flatMap((each) => drawn.map((example): Trial => ({ example, laid: each }))),
      ...(isAdded ? drawn.map((example): Trial => ({ example })) : []),
    ];
    const asked = await inParallel(trials, { ...context, concurrency: input.concurrency }, ({ example, laid: under }) =>
      ask(candidate, inputUnder(under?.text, example.input), context.signal),
    );
    const plain = new Map(trials.flatMap(({ example, laid: under }, at) => (under === undefined ? [[example, asked[at]!.answer]] : [])));
    const outcomes: ProbeOutcome[] = [];
    for (const [at, { example, laid: under }] of trials.entries()) {
      if (under === undefined) continue;
      const { answer } = asked[at]!;
      const id = `${under.overlay.name}/${drawn.indexOf(example) + 1}`;
      const about = { id, family: under.overlay.name };
      if (answer === undefined) {
        cases.push({ id, passed: false, reason: `not judged, ${(asked[at] as { why: string }).why}` });
        continue;
      }
      const { applying, broken } = checked(under, example, answer);
      const group = example.group ?? example.id;
      for (let check = 0; check < applying; check++) {
        outcomes.push({ measure: 'overlayKept', score: check < broken.length ? 0 : 1, group });
      }
      const score = await input.score?.(example, answer);
      if (typeof score === 'number') outcomes.push({ measure: 'taskKept', score, group });
      cases.push({ ...about, passed: broken.length === 0, reason: reasonOf(applying, broken) });
    }
    return { probe: 'overlay', outcomes, cases: [...laid.flatMap((each) => sumUp(each, trials, asked, plain)), ...cases] };
  },
});

/** The overlays that can be asked with, and a case for each that cannot. */
function layOut({ manifest }: Candidate, { overlays, task }: ProbeInput): { laid: Laid[]; cases: ProbeCase[] } {
  const held = Array.isArray(manifest.state['overlays']) ? (manifest.state['overlays'] as readonly unknown[]) : [];
  const laid: Laid[] = [];
  const cases: ProbeCase[] = [];
  for (const each of overlays) {
    const skip = (reason: string) => cases.push({ id: each.name, passed: true, reason: `not asked: ${reason}` });
    const rules = each.checks.map((check) => parseRule(check, { file: each.file }));
    if (rules.length === 0) {
      skip('it has no checks');
      continue;
    }
    if (held.includes(each.name)) {
      laid.push({ overlay: each, rules });
      continue;
    }
    const text = overlayText(each, task);
    if (text === undefined) skip('it has a slot that only a prompt can fill');
    else laid.push({ overlay: each, rules, text });
  }
  return { laid, cases };
}

function nothingToFollow(cases: readonly ProbeCase[]): ProbeResult {
  const reason = 'the task has no overlay with checks, so nothing was asked';
  return { probe: 'overlay', outcomes: [], cases: [{ id: 'nothing to follow', passed: true, reason }, ...cases] };
}

function inputUnder(text: string | undefined, input: Input): Input {
  return text === undefined ? input : { messages: [{ role: 'system', content: text }, ...messagesOf(input)] };
}

function checked({ rules }: Laid, example: Example, { text }: Answer): ReturnType<typeof keptRules> {
  return keptRules(rules, { answer: text, user: textOf(example.input), tags: example.tags });
}

/** What all answers under one overlay came to, and the same questions without it. */
function sumUp(
  laid: Laid,
  trials: readonly Trial[],
  asked: readonly { readonly answer: Answer | undefined }[],
  plain: ReadonlyMap<Example, Answer | undefined>,
): ProbeCase[] {
  const [under, without] = [
    { kept: 0, of: 0 },
    { kept: 0, of: 0 },
  ];
  const count = (into: { kept: number; of: number }, example: Example, answer: Answer | undefined) => {
    if (answer === undefined) return;
    const { applying, broken } = checked(laid, example, answer);
    into.of += applying;
    into.kept += applying - broken.length;
  };
  for (const [at, trial] of trials.entries()) {
    if (trial.laid !== laid) continue;
    count(under, trial.example, asked[at]!.answer);
    if (laid.text !== undefined) count(without, trial.example, plain.get(trial.example));
  }
  if (under.of === 0) return [];
  const beside = laid.text === undefined ? 'part of the candidate' : `${without.kept} of ${without.of} without it`;
  const reason = `${under.kept} of ${under.of} checks kept; ${beside}`;
  return [{ id: `all questions/${laid.overlay.name}`, passed: under.kept === under.of, reason }];
}

function reasonOf(applying: number, broken: readonly string[]): string {
  if (applying === 0) return 'no check applies to this question';
  return broken.length === 0 ? 'every check kept' : `broke: ${broken.join('; ')}`;
}
