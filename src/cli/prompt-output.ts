import { type Line, renderLine } from './terminal/styled-line.ts';
import { type TerminalIo, usesColor } from './terminal-io.ts';

function columnsOf(io: TerminalIo): number {
  return Math.max(40, Math.min(io.stdout.columns ?? 100, 160));
}

/** Prints one JSON document, or lines for people; `whole` lines are not cut at the width of the terminal. */
export function print(
  io: TerminalIo,
  json: boolean | undefined,
  document: unknown,
  lines: (columns: number) => readonly Line[],
  { whole = false }: { readonly whole?: boolean } = {},
): void {
  if (json) {
    io.stdout.write(`${JSON.stringify(document)}\n`);
    return;
  }
  const columns = columnsOf(io);
  const color = usesColor(io.stdout, io.environment);
  for (const line of lines(columns))
    io.stdout.write(`${renderLine(line, { columns: whole ? Number.MAX_SAFE_INTEGER : columns, color })}\n`);
}
