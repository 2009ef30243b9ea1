import { relative } from 'node:path';
import { messageOf, RungError } from '#core/errors.ts';
import { visibleText } from '#report/visible-text.ts';
import type { TerminalIo } from './terminal-io.ts';

/** Says what went wrong: one sentence, the place, what to do next; a stack trace only with `--debug`. */
export function showError(error: unknown, io: TerminalIo, { json, debug }: { json: boolean; debug: boolean }): void {
  const known = RungError.is(error);
  const code = known ? error.code : 'internal';
  const hint = known ? error.hint : 'This is a fault in Rung; --debug shows where.';
  const place = known ? error.place : undefined;
  const where = place === undefined ? '' : `${shown(place.file, io.workingFolder)}${place.line === undefined ? '' : `:${place.line}`}: `;
  io.stderr.write(`rung: ${visibleText(`${where}${messageOf(error)}${hint === undefined ? '' : ` ${hint}`}`)}\n`);
  if (debug && error instanceof Error)
    io.stderr.write(`${error.stack}\n${error.cause === undefined ? '' : `caused by: ${String(error.cause)}\n`}`);
  if (json) io.stdout.write(`${JSON.stringify({ schema: 'rung.error/1', error: { code, message: messageOf(error), hint, place } })}\n`);
}

function shown(file: string, workingFolder: string): string {
  const path = relative(workingFolder, file);
  return path.startsWith('..') ? file : path || '.';
}
