import type { Answer } from '#core/candidate.ts';
import type { RepeatedRow, Repeats } from '#core/evidence.ts';
import { expectedText } from '#core/example.ts';
import type { Metric } from '#core/metric.ts';
import type { TaskBrief } from '#core/task-brief.ts';
import { type ExecuteOptions, execute, type Judged } from './execute.ts';
import { judgeRowWith } from './judge-row.ts';

export interface RepeatOptions extends Omit<ExecuteOptions, 'rows' | 'sample' | 'onRow'> {
  /** Rows that were measured: the first so many. */
  readonly measured: number;
  /** Most answers to one row. */
  readonly most: number;
  readonly task: TaskBrief;
  /** The leading metric; rows are compared by their answers alone where absent. */
  readonly metric?: Metric;
  /** Called with what every further answer cost in calls. */
  onAnswer(answer: Answer, fromStore: boolean): void;
}

/** Rows asked a second time whatever they answered: enough to see one row in ten that wavers, 19 times in 20. */
const pilotRows = 30;

/**
 * Asks rows again, where that tells something: the first rows once more, and of those only the ones that did not give
 * the same answer, up to `most` times. Rows that agree with themselves are not worth a third answer.
 */
export async function askAgain(options: RepeatOptions): Promise<Repeats | undefined> {
  const pilot = Math.min(pilotRows, options.measured);
  if (options.most < 2 || pilot === 0) return undefined;
  const judge = judgeRowWith(options.metric === undefined ? [] : [options.metric], options.task, options.abort);
  const answers = new Map<number, { texts: string[]; scores: number[] }>();
  let rows = Array.from({ length: pilot }, (_, row) => row);
  for (let sample = 0; sample < options.most && rows.length > 0; sample++) {
    await execute({
      ...options,
      rows,
      sample,
      judge,
      onRow(row, { answer }, fromStore, judged) {
        if (answer === undefined) return;
        if (sample > 0) options.onAnswer(answer, fromStore);
        const known = answers.get(row) ?? { texts: [], scores: [] };
        known.texts.push(textOf(answer));
        known.scores.push(scoreOf(row, answer, judged, options));
        answers.set(row, known);
      },
    });
    if (sample > 0) rows = rows.filter((row) => new Set(answers.get(row)?.texts).size > 1);
  }
  const repeated = [...answers]
    .sort(([a], [b]) => a - b)
    .flatMap(([row, { texts, scores }]): RepeatedRow[] => {
      return texts.length < 2 ? [] : [{ row, answers: texts, scores }];
    });
  return { pilot, rows: repeated };
}

/** Two answers are the same where they say the same thing, whatever stands around it. */
function textOf({ value, text }: Answer): string {
  return value === undefined ? text.trim() : expectedText(value);
}

function scoreOf(row: number, answer: Answer, judged: Judged | undefined, { examples, metric, task }: RepeatOptions): number {
  if (metric?.judge !== undefined) return judged?.[metric.id]?.value ?? Number.NaN;
  return metric?.score?.(examples[row]!, answer, { task }).value ?? Number.NaN;
}
