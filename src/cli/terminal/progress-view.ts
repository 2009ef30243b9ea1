import type { ProgressListener } from '#core/progress.ts';
import { visibleText } from '#report/visible-text.ts';
import { frame } from './frame.ts';
import { changeLine, standingLine } from './plain-lines.ts';
import { advance, startState } from './progress-state.ts';
import { restoreOnExit } from './restore-on-exit.ts';
import { Screen, type TerminalStream } from './screen.ts';

const drawMilliseconds = 100;
const standingMilliseconds = 10_000;

export interface ProgressViewOptions {
  /** Standard error, so that results on standard output stay clean. */
  readonly stream: TerminalStream;
  readonly isTty: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Milliseconds that only ever grow. */
  now(): number;
  /** Calls back every so many milliseconds until the given function is called. */
  readonly every?: (milliseconds: number, callback: () => void) => () => void;
  /** Calls back when the process ends or is told to; gives the function that takes it back. */
  readonly onExit?: (restore: () => void) => () => void;
}

export interface ProgressView {
  readonly listen: ProgressListener;
  /** A line that stays. */
  note(text: string): void;
  /** The last state stays on the screen; the cursor comes back. Calling it again does nothing. */
  end(finalLine?: string): void;
}

function everyInterval(milliseconds: number, callback: () => void): () => void {
  const timer = setInterval(callback, milliseconds).unref();
  return () => clearInterval(timer);
}

/** Shows a climb while it runs: redrawn in place on a terminal; a line at each change elsewhere, under CI, or with NO_COLOR. */
export function createProgressView(options: ProgressViewOptions): ProgressView {
  const { environment, isTty } = options;
  const live = isTty && !environment['CI'] && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb';
  return live ? liveView(options) : plainView(options);
}

function liveView({ stream, now, every = everyInterval, onExit = restoreOnExit }: ProgressViewOptions): ProgressView {
  const screen = new Screen(stream, { color: true });
  let state = startState(now());
  let drawnAt = Number.NEGATIVE_INFINITY;
  let ended = false;
  const lines = () => frame(state, { now: now(), columns: screen.columns, rows: screen.rows });
  const draw = () => {
    const block = lines();
    if (block.length === 0) return;
    drawnAt = now();
    screen.draw(block);
  };
  const note = (text: string, style?: 'yellow') =>
    screen.print(
      visibleText(text)
        .split('\n')
        .map((line) => [{ text: line, style }]),
      lines(),
    );
  const stopTicking = every(drawMilliseconds, draw);
  const forgetExit = onExit(() => screen.restoreCursor());
  return {
    listen(event) {
      if (ended) return;
      if (event.type === 'warning') return note(`warning: ${event.message}`, 'yellow');
      if (event.type === 'note') return note(event.message);
      state = advance(state, event, now());
      if (now() - drawnAt >= drawMilliseconds) draw();
    },
    note: (text) => note(text),
    end(finalLine) {
      if (ended) return;
      ended = true;
      stopTicking();
      draw();
      screen.end();
      forgetExit();
      if (finalLine !== undefined) stream.write(`${visibleText(finalLine)}\n`);
    },
  };
}

function plainView({ stream, now, every = everyInterval }: ProgressViewOptions): ProgressView {
  let state = startState(now());
  let writtenAt = now();
  let ended = false;
  const write = (text: string) => {
    stream.write(`${visibleText(text)}\n`);
    writtenAt = now();
  };
  const stopTicking = every(1000, () => {
    if (now() - writtenAt < standingMilliseconds) return;
    const active = state.rungs.find((rung) => rung.phase === 'preparing' || rung.phase === 'training' || rung.phase === 'measuring');
    if (active !== undefined) write(standingLine(active, state, now()));
  });
  return {
    listen(event) {
      if (ended) return;
      if (event.type === 'warning') return write(`warning: ${event.message}`);
      if (event.type === 'note') return write(event.message);
      const before = state;
      state = advance(state, event, now());
      if (event.type === 'plan' || event.type === 'spent') return;
      const rung = state.rungs.find((each) => each.rung === event.rung)!;
      const was = before.rungs.find((each) => each.rung === event.rung);
      // after its rows a rung is put to one probe after another
      const isNext = rung.phase === 'preparing' && rung.rows !== undefined && rung.message !== was?.message;
      if (rung.phase !== was?.phase || isNext) write(changeLine(rung));
    },
    note: write,
    end(finalLine) {
      if (ended) return;
      ended = true;
      stopTicking();
      if (finalLine !== undefined) write(finalLine);
    },
  };
}
