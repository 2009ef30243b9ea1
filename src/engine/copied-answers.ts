import type { MeasuredRow } from '#core/approach.ts';
import { expectedText, textOf } from '#core/example.ts';
import type { TaskBrief } from '#core/task-brief.ts';
import type { TrainingData } from '#core/trainer.ts';
import { answerOverlap } from '#data/answer-overlap.ts';
import { trainedAnswers } from '#data/trained-answers.ts';

/**
 * Tells, of answers at a checkpoint, the share that copies training answers where the true answers do not. Undefined where
 * nothing can be copied: answers from a closed set.
 */
export function copiedShareOf(
  data: TrainingData,
  { output }: Pick<TaskBrief, 'output'>,
): ((rows: readonly MeasuredRow[]) => number | undefined) | undefined {
  if (output.kind !== 'text') return undefined;
  const overlap = answerOverlap(trainedAnswers(data));
  return (rows) => {
    const answered = rows.flatMap(({ example, answer }) => (answer === undefined ? [] : [{ example, text: answer.text }]));
    if (answered.length === 0) return undefined;
    const copied = answered.filter(({ example: { input, expected }, text }) => {
      const asked = textOf(input);
      return overlap(text, asked).copied && !(expected !== undefined && overlap(expectedText(expected), asked).copied);
    });
    return copied.length / answered.length;
  };
}
