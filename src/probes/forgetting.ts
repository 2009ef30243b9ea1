import { RungError } from '#core/errors.ts';
import { defineProbe, type ProbeOutcome } from '#core/probe.ts';
import { abilityQuestions, abilityScorer } from '#data/general-abilities.ts';
import { seededRandom } from '#statistics/random.ts';
import { inParallel } from './ask.ts';
import { drawSome } from './draw.ts';
import { readOptions, wholeNumber } from './options.ts';

const known = { rows: wholeNumber(500, 1, 100_000) };

/**
 * Questions of general ability, put to the candidate's model without the task's prompt, and to the model as it was before
 * training: how many it answers, and how many it no longer does. The guard forgetting judges the same questions.
 */
export const forgetting = defineProbe({
  id: 'forgetting',
  summary: 'General abilities of the model behind a rung, and which of them tuning took away.',
  measures: [
    { id: 'generalAbility', summary: 'Score on general.jsonl, or on the general suite of the base model.', better: 'higher' },
    { id: 'forgotten', summary: 'Share of those questions that the model did better before training.', better: 'lower' },
  ],
  checkOptions: (options) => void readOptions('forgetting', options, known),
  forecast({ options, tuning }) {
    const { rows } = readOptions('forgetting', options, known);
    return { questions: tuning === undefined ? null : Math.min(rows, abilityQuestions(tuning.general).length), turns: 1 };
  },
  async run(_candidate, input, context) {
    const { rows } = readOptions('forgetting', input.options, known);
    const { tuning } = input;
    const all = abilityQuestions(tuning?.general ?? []);
    if (tuning === undefined || all.length === 0) throw nothingToAsk();
    const questions = drawSome(all, rows, seededRandom(input.seed));
    const score = abilityScorer(all);
    const scores = await inParallel(questions, { ...context, concurrency: input.concurrency }, async (question) => {
      const { messages, maxOutputTokens } = question;
      const now = await tuning.ask(messages, maxOutputTokens);
      context.signal.throwIfAborted();
      const before = await tuning.askBefore?.(messages, maxOutputTokens);
      const scored = (text: string | undefined) => (text === undefined ? undefined : score(question, text));
      return { now: scored(now), before: scored(before) };
    });
    const outcomes = scores.flatMap(({ now, before }): ProbeOutcome[] => [
      ...(now === undefined ? [] : [{ measure: 'generalAbility', score: now }]),
      ...(now === undefined || before === undefined ? [] : [{ measure: 'forgotten', score: now < before ? 1 : 0 }]),
    ]);
    const cases = questions.flatMap(({ id, ability }, at) => {
      const { now, before } = scores[at]!;
      if (now === undefined) return [{ id, passed: false, reason: 'brought no answer' }];
      const was = before === undefined ? '' : `${before.toFixed(2)} before training, `;
      return [
        { id, family: ability, passed: now >= (before ?? 1), reason: `${was}${now.toFixed(2)}${before === undefined ? '' : ' after'}` },
      ];
    });
    return { probe: 'forgetting', outcomes, cases };
  },
});

function nothingToAsk(): RungError {
  return new RungError({
    code: 'probe-says-nothing',
    message: 'There are no questions of general ability: the task has no general.jsonl, and the base model comes with no suite.',
    hint: 'Write general.jsonl beside the examples: what the model must go on being able to do, with expected answers.',
  });
}
