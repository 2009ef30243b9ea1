import { resolve } from 'node:path';
import type { Command } from 'commander';
import { diffVerdicts } from '#verdict/record-diff.ts';
import { readDecision, taskPath } from './record-decision.ts';
import { proseLines } from './record-prose.ts';
import { renderLine } from './terminal/styled-line.ts';
import { type TerminalIo, usesColor } from './terminal-io.ts';

/** `rung record diff BEFORE [AFTER]`: what changed from one decision to another. */
export function addRecordDiff(record: Command, io: TerminalIo): void {
  record
    .command('diff')
    .argument('<before>', 'a decision.json, or a task folder with one')
    .argument('[after]', 'another; without one, the decision of the nearest task upward')
    .description('what changed from one decision to another')
    .option('--json', 'print one JSON document on stdout')
    .option('--debug', 'show stack traces')
    .action(async (before: string, after: string | undefined, _own: unknown, command: Command) => {
      const { json } = command.optsWithGlobals<{ json?: boolean }>();
      const one = await readDecision(resolve(io.workingFolder, before));
      const other = await readDecision(await taskPath(after, io));
      const diff = diffVerdicts(one.verdict, other.verdict);
      if (json) {
        io.stdout.write(`${JSON.stringify(diff)}\n`);
        return;
      }
      const columns = Math.max(40, Math.min(io.stdout.columns ?? 100, 160));
      const color = usesColor(io.stdout, io.environment);
      const lines = diff.same ? proseLines('Nothing changed.', columns) : diff.lines.flatMap((text) => proseLines(text, columns, '- '));
      for (const line of lines) io.stdout.write(`${renderLine(line, { columns, color })}\n`);
    });
}
