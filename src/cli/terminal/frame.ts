import { countText, dollarsText } from '#report/number-text.ts';
import { shortText } from '#report/visible-text.ts';
import { cellWidth, fitWidth, padCells } from './cell-width.ts';
import type { Counted, Phase, ProgressState, RungState } from './progress-state.ts';
import { clockWords, estimateWords, failedWords, leftWords, stoppedWords, tookWords, trainingWords } from './rung-words.ts';
import type { Line, Piece, Style } from './styled-line.ts';

const spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const spinnerMilliseconds = 100;

const marks: Readonly<Record<Phase, { readonly mark?: string; readonly style: Style }>> = {
  waiting: { mark: '·', style: 'gray' },
  preparing: { style: 'cyan' },
  training: { style: 'cyan' },
  measuring: { style: 'cyan' },
  done: { mark: '✓', style: 'green' },
  skipped: { mark: '–', style: 'gray' },
};

function bar({ done, total }: Counted, width: number): Piece[] {
  const filled = total > 0 ? Math.round((Math.min(done, total) / total) * width) : 0;
  return [
    { text: '━'.repeat(filled), style: 'cyan' },
    { text: '─'.repeat(width - filled), style: 'gray' },
  ];
}

function counted(units: Counted, width: number, name = ''): Piece[] {
  const total = countText(units.total);
  return [...bar(units, width), { text: ` ${name}${padCells(countText(units.done), total.length, 'right')}/${total}` }];
}

function detail(rung: RungState, barWidth: number): Piece[] {
  const failed: Piece = { text: failedWords(rung), style: 'red' };
  if (rung.phase === 'waiting') return [{ text: 'waiting', style: 'gray' }];
  if (rung.phase === 'skipped') return [{ text: `skipped: ${shortText(rung.why ?? '', 200)}`, style: 'gray' }];
  if (rung.phase === 'preparing') {
    const message: Piece = { text: shortText(rung.message ?? 'preparing', 120) };
    return rung.preparing === undefined ? [message] : [...counted(rung.preparing, barWidth), { text: '  ' }, message];
  }
  if (rung.phase === 'training') {
    if (rung.training === undefined) return [{ text: shortText(rung.message ?? 'training', 120) }];
    return [...counted(rung.training.steps, barWidth, 'step '), { text: `  ${trainingWords(rung)}` }];
  }
  const words = [
    { text: estimateWords(rung) },
    failed,
    { text: rung.phase === 'done' ? tookWords(rung) : '', style: 'gray' as const },
    { text: stoppedWords(rung), style: 'gray' as const },
  ].filter((piece) => piece.text !== '');
  // the words of a stop hold the counts of its bar
  const rows = rung.rows === undefined || rung.stopped !== undefined ? [] : counted(rung.rows, barWidth);
  return [...rows, ...words.flatMap((piece, index) => (index === 0 && rows.length === 0 ? [piece] : [{ text: '  ' }, piece]))];
}

function rungLine(rung: RungState, nameWidth: number, barWidth: number, now: number): Line {
  const { mark, style } = marks[rung.phase];
  const turning = spinner[Math.floor(now / spinnerMilliseconds) % spinner.length]!;
  const quiet = rung.phase === 'waiting' || rung.phase === 'skipped';
  return [
    { text: ' ' },
    { text: mark ?? turning, style },
    { text: ' ' },
    { text: padCells(fitWidth(shortText(rung.rung, 80), nameWidth), nameWidth), style: quiet ? 'gray' : 'bold' },
    { text: '  ' },
    ...detail(rung, barWidth),
  ];
}

/** At most `limit` rungs: those at work, then the latest finished, then the next to come; the rest are counted. */
function shownRungs(rungs: readonly RungState[], limit: number): { shown: readonly RungState[]; hidden: number } {
  if (rungs.length <= limit) return { shown: rungs, hidden: 0 };
  const current = rungs.findIndex((rung) => rung.phase !== 'done' && rung.phase !== 'skipped');
  const middle = current < 0 ? rungs.length : current;
  const room = Math.max(1, limit - 1);
  const from = Math.max(0, Math.min(middle - Math.floor(room / 2), rungs.length - room));
  return { shown: rungs.slice(from, from + room), hidden: rungs.length - room };
}

function footer(state: ProgressState, now: number): Line {
  const spent = state.spent;
  const words = [
    spent === undefined ? undefined : `${dollarsText(spent.dollars)} spent`,
    spent === undefined ? undefined : `${countText(spent.calls)} calls`,
    spent === undefined ? undefined : `${countText(spent.cached)} cached`,
    spent === undefined || spent.retries === 0 ? undefined : `${countText(spent.retries)} retries`,
    clockWords(Math.floor((now - state.startedAt) / 1000)),
    leftWords(state, now),
  ];
  return [{ text: `   ${words.filter((word) => word !== undefined && word !== '').join(' · ')}`, style: 'gray' }];
}

/** The live view: a heading, a line for each rung, and what it has taken; at most `rows` lines. */
export function frame(state: ProgressState, { now, columns, rows }: { now: number; columns: number; rows: number }): Line[] {
  if (state.rungs.length === 0) return [];
  const nameWidth = Math.min(
    Math.max(8, Math.floor(columns / 4)),
    Math.max(...state.rungs.map((rung) => cellWidth(shortText(rung.rung, 80)))),
  );
  const barWidth = columns < 70 ? 8 : columns < 110 ? 14 : 20;
  const { shown, hidden } = shownRungs(state.rungs, Math.max(1, rows - 2));
  const finished = state.rungs.filter((rung) => rung.phase === 'done' || rung.phase === 'skipped').length;
  const heading: Line = [
    { text: ` ${shortText(state.task, 40)}`, style: 'bold' },
    { text: `  ${finished} of ${state.rungs.length} rungs`, style: 'gray' },
  ];
  return [
    heading,
    ...shown.map((rung) => rungLine(rung, nameWidth, barWidth, now)),
    ...(hidden > 0 ? [[{ text: `   … ${hidden} more rungs`, style: 'gray' as const }]] : []),
    footer(state, now),
  ];
}
