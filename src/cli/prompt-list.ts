import type { PromptScore, PromptVersion } from '#core/prompt.ts';
import { countText } from '#report/number-text.ts';
import { shortText } from '#report/visible-text.ts';
import type { AddCommand } from './add-command.ts';
import { print } from './prompt-output.ts';
import { withTask } from './prompt-task.ts';
import { prose } from './terminal/prose.ts';
import type { Line } from './terminal/styled-line.ts';
import { type Column, textTable } from './terminal/text-table.ts';

/** `rung prompt list [task]`: the versions with their scores, and the overlays. */
export const addPromptList: AddCommand = (prompt, io) => {
  prompt
    .command('list')
    .argument('[task]', 'task folder or file; without one, the nearest upward')
    .description('the versions with their scores, and the overlays')
    .option('--json', 'print one JSON document on stdout')
    .option('--debug', 'show stack traces')
    .action(async (path: string | undefined, { json }: { json?: boolean }) =>
      withTask(path, io, async ({ planned }) => {
        const { versions, overlays } = planned.plan.prompts;
        const metric = planned.plan.metrics[0]?.id;
        const document = {
          schema: 'rung.prompts/1',
          task: planned.task.name,
          prompts: versions.map(({ prompt: { headed, sections }, shots, ...version }) => ({
            ...version,
            headed,
            sections: sections.map(({ heading }) => heading),
            examples: shots.length,
          })),
          overlays: overlays.map(({ name, file, checks, sections }) => ({
            name,
            file,
            checks,
            sections: sections.map(({ heading, replace }) => ({ heading, replace })),
          })),
        };
        print(io, json, document, (columns) => [
          ...(versions.length === 0 ? prose('No prompt version yet. Make one: rung prompt new NAME --template classify', columns) : []),
          ...(versions.length > 0 ? textTable(versionColumns(metric), versions, columns) : []),
          ...(overlays.length === 0 ? [] : [[]]),
          ...overlays.flatMap(({ name, sections, checks }) =>
            prose(
              `overlay ${name}: ${sections.map(({ heading, replace }) => `${heading}${replace ? ' (replaces)' : ''}`).join(', ')}${checks.length === 0 ? '' : `; ${checks.length} checks`}`,
              columns,
            ),
          ),
        ]);
      }),
    );
};

const versionColumns = (metric: string | undefined): readonly Column<PromptVersion>[] => [
  { title: 'version', keep: 6, cell: ({ name }) => [{ text: shortText(name, 40), style: 'bold' }] },
  { title: 'from', keep: 3, cell: ({ parent = '' }) => [{ text: shortText(parent, 30) }] },
  { title: 'by', keep: 2, cell: ({ author }) => [{ text: author }] },
  { title: 'score', keep: 5, cell: ({ scores }) => scoreCell(scores, metric) },
  { title: 'hypothesis', keep: 1, cell: ({ hypothesis = '' }) => [{ text: shortText(hypothesis, 60) }] },
];

/** The latest score of the task's leading metric. */
function scoreCell(scores: readonly PromptScore[], metric: string | undefined): Line {
  const last = scores.findLast((score) => score.metric === metric);
  if (last === undefined) return [{ text: 'not measured', style: 'gray' }];
  const { value, low, high, n, method, split } = last;
  const number = (each: number) => each.toFixed(3);
  return [{ text: `${last.metric} ${number(value)} (${number(low)} to ${number(high)}, n ${countText(n)}, ${split}, ${method})` }];
}
