import type { CheckDataOptions } from '#data/check-data.ts';
import { Screen } from './terminal/screen.ts';
import { type TerminalIo, usesColor } from './terminal-io.ts';

/** How far reading has come, on one line of a terminal; silent elsewhere. */
export function dataCheckProgress(io: TerminalIo): { listen: NonNullable<CheckDataOptions['progress']>; end(): void } {
  const live = io.stderr.isTTY === true && !io.environment['CI'] && !io.environment['NO_COLOR'];
  if (!live) return { listen: () => {}, end: () => {} };
  const screen = new Screen(io.stderr, { color: usesColor(io.stderr, io.environment) });
  return {
    listen({ stage, rows, seconds }) {
      const rate = seconds > 0 ? `, ${Math.round(rows / seconds).toLocaleString('en')} a second` : '';
      screen.draw([
        [{ text: stage === 'read' ? 'reading' : stage, style: 'bold' }, { text: `  ${rows.toLocaleString('en')} rows${rate}` }],
      ]);
    },
    end() {
      screen.draw([[]]);
      screen.end();
    },
  };
}
