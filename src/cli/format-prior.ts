import type { PriorAnswer, Verdict } from '#core/verdict.ts';
import { wrapWords } from './terminal/cell-width.ts';
import { type Line, renderLine, type Style } from './terminal/styled-line.ts';
import { type Column, textTable } from './terminal/text-table.ts';

/** Columns from which on the reasons stand beside the answers instead of below the table. */
const wide = 120;

/** A verdict of rules of thumb for a terminal: the sentence, every source with its answer and why, what would turn it, what to measure next. */
export function formatPrior(verdict: Verdict, { color, width }: { color: boolean; width: number }): string {
  const columns = Math.max(40, Math.min(width, 160));
  const prose = (text: string, style?: Style, indent = ''): Line[] =>
    wrapWords(text, columns - indent.length).map((line, index) => [
      { text: (index === 0 ? indent : ' '.repeat(indent.length)) + line, style },
    ]);
  const next = verdict.reasoning.at(-1)?.lines ?? [];
  // the first warning is the badge
  const silent = verdict.warnings.slice(1);
  const lines: Line[] = [
    [],
    [{ text: '~ rules of thumb, nothing measured', style: ['yellow', 'bold'] }],
    ...prose(verdict.sentence, 'bold'),
    [],
    ...(verdict.prior.length === 0 ? [] : sources(verdict.prior, columns)),
    ...(silent.length === 0 ? [] : [[], ...silent.flatMap((warning) => prose(warning, 'gray'))]),
    ...(verdict.triggers.length === 0 ? [] : [[], [{ text: 'What would turn an answer' }]]),
    ...verdict.triggers.flatMap((trigger) => prose(`${trigger.when} (now ${trigger.now}): ${trigger.then}`, 'gray', '  ')),
    [],
    ...next.flatMap((line) => prose(line, undefined, '→ ')),
  ];
  return `${lines.map((line) => renderLine(line, { columns, color })).join('\n')}\n`;
}

interface SourceLine {
  readonly source: string;
  readonly answer: string;
  readonly why: string;
}

function sources(prior: readonly PriorAnswer[], columns: number): Line[] {
  if (columns < wide) return prior.flatMap((each) => stacked(each, columns));
  const room = Math.max(...prior.map(({ source }) => source.length)) + 26;
  const rows = prior.flatMap(({ source, answer, why }): SourceLine[] => {
    const answers = wrapWords(answer, 22);
    const reasons = wrapWords(why, columns - room);
    return Array.from({ length: Math.max(answers.length, reasons.length) }, (_, index) => ({
      source: index === 0 ? source : '',
      answer: answers[index] ?? '',
      why: reasons[index] ?? '',
    }));
  });
  const cells: Column<SourceLine>[] = [
    { title: 'source', keep: 2, cell: ({ source }) => [{ text: source }] },
    { title: 'says', keep: 3, cell: ({ answer }) => [{ text: answer, style: ['cyan', 'bold'] }] },
    { title: 'why', keep: 1, cell: ({ why }) => [{ text: why, style: 'gray' }] },
  ];
  return textTable(cells, rows, columns);
}

function stacked({ source, answer, why }: PriorAnswer, columns: number): Line[] {
  return [
    ...wrapWords(`${source}: ${answer}`, columns).map((text): Line => [{ text, style: ['cyan', 'bold'] }]),
    ...wrapWords(why, columns - 2).map((text): Line => [{ text: `  ${text}`, style: 'gray' }]),
  ];
}
