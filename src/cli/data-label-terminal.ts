import { emitKeypressEvents } from 'node:readline';
import type { ReadStream } from 'node:tty';
import { RungError } from '#core/errors.ts';
import type { Labelling } from '../growth/label-data.ts';
import type { KeyPress } from './data-label-editor.ts';
import { labelFrame } from './data-label-frame.ts';
import { choosing, type LabelScreen, press } from './data-label-press.ts';
import { restoreOnExit } from './terminal/restore-on-exit.ts';
import { Screen, type TerminalStream } from './terminal/screen.ts';

export type LabelKeyboard = Pick<ReadStream, 'isTTY' | 'setRawMode' | 'on' | 'off' | 'resume' | 'pause'> & NodeJS.ReadableStream;

export interface LabelTerminalOptions {
  readonly labelling: Labelling;
  readonly title: string;
  readonly labels: readonly string[] | undefined;
  readonly drafts: boolean;
  readonly keyboard: LabelKeyboard;
  readonly stream: TerminalStream;
  readonly color: boolean;
  /** Aborted when the process is told to end. */
  readonly stopping: AbortSignal;
}

const beginPasteMarks = '\u001b[?2004h';
const endPasteMarks = '\u001b[?2004l';

/** Shows one row after another and takes keys until the person ends; the keyboard is given back whatever happens. */
export async function labelInTerminal(options: LabelTerminalOptions): Promise<void> {
  const { labelling, keyboard, stream, stopping } = options;
  const screen = new Screen(stream, { color: options.color });
  let showing: LabelScreen = choosing;
  let notice: string | undefined;
  let pasting = false;
  const draw = () => {
    const frame = { ...options, view: labelling.view(), screen: showing, notice };
    screen.draw(labelFrame(frame, { columns: screen.columns, rows: screen.rows }));
  };
  const restore = () => {
    stream.write(endPasteMarks);
    screen.restoreCursor();
    keyboard.setRawMode(false);
  };
  const forgetExit = restoreOnExit(restore);
  emitKeypressEvents(keyboard);
  keyboard.setRawMode(true);
  stream.write(beginPasteMarks);
  try {
    await new Promise<void>((resolve, reject) => {
      const onKey = (_: string | undefined, key: KeyPress) => {
        try {
          if (key.name === 'paste-start' || key.name === 'paste-end') pasting = key.name === 'paste-start';
          else if (take(key) === 'end') end();
          else draw();
        } catch (error) {
          end();
          reject(error);
        }
      };
      const take = (key: KeyPress): 'end' | undefined => {
        const pressed = press(showing, key, { view: labelling.view(), labels: options.labels, pasting });
        showing = pressed.screen;
        notice = undefined;
        if (pressed.action === undefined) return undefined;
        if (pressed.action.do === 'end') return 'end';
        try {
          labelling.act(pressed.action);
        } catch (error) {
          if (!RungError.is(error) || error.exitCode !== 2) throw error;
          notice = error.message;
        }
        return undefined;
      };
      const end = () => {
        keyboard.off('keypress', onKey);
        keyboard.off('end', end);
        resolve();
      };
      keyboard.on('keypress', onKey);
      keyboard.on('end', end);
      stopping.addEventListener('abort', end, { once: true });
      labelling.onChange(draw);
      keyboard.resume();
      draw();
    });
  } finally {
    labelling.onChange(() => {});
    screen.end();
    restore();
    forgetExit();
    keyboard.pause();
  }
}
