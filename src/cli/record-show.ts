import type { Command } from 'commander';
import type { Verdict } from '#core/verdict.ts';
import type { DetailedVerdict } from '#verdict/decide.ts';
import { figureText } from '#verdict/figures.ts';
import { readDecision, taskPath } from './record-decision.ts';
import { proseLines } from './record-prose.ts';
import { formatVerdict } from './terminal/format-verdict.ts';
import { type Line, renderLine } from './terminal/styled-line.ts';
import { type TerminalIo, usesColor } from './terminal-io.ts';

/** `rung record show [task]`: the decision as it was written down. */
export function addRecordShow(record: Command, io: TerminalIo): void {
  record
    .command('show')
    .argument('[task]', 'task folder or file, or a decision.json; without one, the nearest task upward')
    .description('print the decision record')
    .option('--json', 'print the verdict document, alone, on stdout')
    .option('--debug', 'show stack traces')
    .action(async (path: string | undefined, _own: unknown, command: Command) => {
      const { json } = command.optsWithGlobals<{ json?: boolean }>();
      const { verdict } = await readDecision(await taskPath(path, io));
      if (json) io.stdout.write(`${JSON.stringify(verdict)}\n`);
      else io.stdout.write(formatDecision(verdict, { color: usesColor(io.stdout, io.environment), width: io.stdout.columns ?? 100 }));
    });
}

/** The verdict, and below it what else the record holds: alternatives, triggers, assumptions. */
function formatDecision(verdict: DetailedVerdict, { color, width }: { color: boolean; width: number }): string {
  const columns = Math.max(40, Math.min(width, 160));
  const { alternatives, assumptions, criteria, triggers } = verdict;
  const lines = [
    ...part(
      'Not chosen',
      alternatives.map(({ rung, why, needs }) => `${rung}: ${why}. It would need ${needs}.`),
      columns,
    ),
    ...part('What would change this', triggers.map(triggerText), columns),
    ...part('Assumptions', assumptions, columns),
    ...part(
      'Registered',
      [
        `criteria ${criteria.hash.slice(0, 12)}, split ${criteria.splitHash.slice(0, 12)}${criteria.changed ? ': changed after the first answer' : ''}`,
      ],
      columns,
    ),
  ];
  return `${formatVerdict(verdict, { color, width, next: [] })}${lines.map((line) => `${renderLine(line, { columns, color })}\n`).join('')}`;
}

function part(title: string, items: readonly string[], columns: number): Line[] {
  return items.length === 0 ? [] : [[], [{ text: title, style: 'bold' }], ...items.flatMap((item) => proseLines(item, columns, '- '))];
}

function triggerText({ when, condition, now, fired, then }: Verdict['triggers'][number]): string {
  return `${when} (now ${figureText(condition.figure, now)}${fired ? ', fired' : ''}): ${then}`;
}
