import type { JobEvent, JobRecord } from '#core/job.ts';
import { countedEvents } from '#jobs/job-log.ts';
import { troubleIn } from '#jobs/trouble.ts';
import { countText } from '#report/number-text.ts';
import { shortText, visibleText } from '#report/visible-text.ts';
import type { TuneDoing } from '../../tune-runs.ts';
import type { TuneView } from '../../tune-watch.ts';
import { prose } from './prose.ts';
import { restoreOnExit } from './restore-on-exit.ts';
import { Screen, type TerminalStream } from './screen.ts';
import type { Line } from './styled-line.ts';
import { lossCurve, lossWords, paceWords, placeWords, storyOf, triedWords } from './training-words.ts';

export interface TrainingViewOptions {
  /** Standard error, so that results on standard output stay clean. */
  readonly stream: TerminalStream;
  readonly isTty: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Calls back every so many milliseconds until the given function is called. */
  readonly every?: (milliseconds: number, callback: () => void) => () => void;
}

export interface TrainingView extends TuneView {
  /** A line that stays. */
  note(text: string): void;
  /** The last state stays on the screen; calling it again does nothing. */
  end(): void;
}

const drawEveryMs = 200;
const curveHeight = 6;

function everyInterval(milliseconds: number, callback: () => void): () => void {
  const timer = setInterval(callback, milliseconds);
  return () => clearInterval(timer);
}

/** Shows training jobs while they run: redrawn in place on a terminal; a line at each evaluation elsewhere, under CI, or with NO_COLOR. */
export function createTrainingView(options: TrainingViewOptions): TrainingView {
  const { environment, isTty } = options;
  const live = isTty && !environment['CI'] && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb';
  return live ? liveView(options) : plainView(options);
}

function doingWords({ message, done, total }: TuneDoing): string {
  return `${shortText(message, 160)}${done === undefined || total === undefined ? '' : ` ${countText(done)} of ${countText(total)}`}`;
}

/** "! The validation loss rises … Stop earlier." */
function troubleWords(told: readonly JobEvent[]): { id: string; text: string }[] {
  return troubleIn(countedEvents(told).map(({ event }) => event)).map(({ id, sign, advice }) => ({ id, text: `${sign} ${advice}` }));
}

function liveView({ stream, every = everyInterval }: TrainingViewOptions): TrainingView {
  const screen = new Screen(stream, { color: true });
  let [record, told]: [JobRecord | undefined, JobEvent[]] = [undefined, []];
  let doing = 'starting';
  let trouble: readonly { text: string }[] = [];
  let [changed, ended] = [true, false];
  const block = (): Line[] => {
    const width = screen.columns - 1;
    if (record === undefined) return [[{ text: ` ${doing}`, style: 'gray' }]];
    const story = storyOf(told);
    const title = `${record.id}  ${record.trainer} on ${shortText(record.base.model, 60)}${triedWords(record)}`;
    return [
      ...prose(title, width, 'bold', ' '),
      ...prose(placeWords(story), width, undefined, ' '),
      ...lossCurve(story, { width: Math.min(width, 100), height: curveHeight }),
      ...prose(lossWords(story, record), width, undefined, ' '),
      ...prose(paceWords(story), width, 'gray', ' '),
      ...trouble.flatMap(({ text }) => prose(text, width, 'yellow', ' ! ')),
      ...(doing === '' ? [] : [[{ text: ` ${doing}`, style: 'gray' as const }]]),
    ];
  };
  const draw = () => {
    if (!changed) return;
    changed = false;
    trouble = troubleWords(told);
    screen.draw(block().slice(0, screen.rows));
  };
  const stopTicking = every(drawEveryMs, draw);
  const forgetExit = restoreOnExit(() => screen.restoreCursor());
  const note = (text: string) => screen.print([[{ text: visibleText(text) }]], block());
  return {
    event(next, event) {
      if (next.id !== record?.id) told = [];
      record = next;
      told.push(event);
      doing = '';
      changed = true;
      if (event.event.type === 'message') note(`${event.event.level}: ${event.event.message}`);
    },
    doing(next) {
      doing = doingWords(next);
      changed = true;
    },
    note,
    end() {
      if (ended) return;
      ended = true;
      stopTicking();
      changed = true;
      draw();
      screen.end();
      forgetExit();
    },
  };
}

function plainView({ stream }: TrainingViewOptions): TrainingView {
  let [job, told]: [string, JobEvent[]] = ['', []];
  let said = new Set<string>();
  let doing = '';
  const write = (text: string) => stream.write(`${visibleText(text)}\n`);
  return {
    event(record, event) {
      if (record.id !== job) {
        [job, told, said] = [record.id, [], new Set()];
        write(
          `${record.id}: ${record.trainer} tunes ${shortText(record.base.model, 80)} on ${countText(record.rows.train)} rows${triedWords(record)}`,
        );
      }
      told.push(event);
      if (event.event.type === 'message') return write(`${event.event.level}: ${event.event.message}`);
      if (event.event.type !== 'evaluation') return;
      const story = storyOf(told);
      write([placeWords(story), lossWords(story, record), paceWords(story)].filter((words) => words !== '').join(', '));
      for (const { id, text } of troubleWords(told)) {
        if (said.has(id)) continue;
        said.add(id);
        write(`trouble: ${text}`);
      }
    },
    doing(next) {
      if (next.message === doing) return;
      doing = next.message;
      write(shortText(doing, 200));
    },
    note: write,
    end() {},
  };
}
