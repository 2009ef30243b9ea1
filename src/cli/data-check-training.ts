import type { DataTokenizer } from '#core/data-check.ts';
import type { DataRow } from '#core/data-row.ts';
import { inputError } from '#core/errors.ts';
import { type Learns, learntPieces, type RenderedRow, renderRow, trainedTurns, trainerPolicies } from '#data/checks/training-tokens.ts';
import type { DataFile } from '#data/read-data-file.ts';
import { isUnreadable } from '#data/unreadable-row.ts';
import { visibleText } from '#report/visible-text.ts';
import { wrapWords } from './terminal/cell-width.ts';
import { prose } from './terminal/prose.ts';
import type { Line } from './terminal/styled-line.ts';

/** One way of learning a row, with the trainers that do it. */
interface Reading {
  readonly learns: Learns;
  readonly trainers: readonly { readonly trainer: string; readonly setting: string; readonly source: string }[];
  readonly tokens: number;
  readonly learnt: readonly boolean[];
}

export interface ShownTraining {
  readonly row: number;
  readonly tokenizer: string;
  readonly estimated: boolean;
  /** False where no chat template is at hand: turns are then counted one by one, with the usual overhead around each. */
  readonly template: boolean;
  readonly tokens: number;
  readonly pieces: RenderedRow['pieces'];
  readonly readings: readonly Reading[];
}

/** Finds a row by its line; throws a usage error where there is none or it cannot be read. */
export async function rowAt(file: string, { rows }: DataFile, line: number): Promise<DataRow> {
  for await (const row of rows) {
    if (row.line !== line) continue;
    if (!isUnreadable(row)) return row;
    throw inputError({ code: row.code, message: row.message, hint: row.fix, place: { file, line } });
  }
  throw inputError({
    code: 'row-missing',
    message: `There is no row on line ${line}.`,
    hint: 'Lines count from 1, blank ones too.',
    place: { file },
  });
}

/** What each trainer learns of a row; trainers that learn the same of it stand together. */
export function showTraining(row: DataRow, tokenizer: DataTokenizer): ShownTraining {
  const turns = trainedTurns(row);
  const rendered = renderRow(turns, tokenizer);
  const readings = new Map<string, { learns: Learns; trainers: Reading['trainers'][number][]; tokens: number; learnt: boolean[] }>();
  for (const policy of trainerPolicies) {
    const learnt = learntPieces(rendered, turns, policy);
    const { trainer, setting, source, learns } = policy;
    const tokens = rendered.pieces.reduce((sum, piece, index) => sum + (learnt[index] ? piece.tokens : 0), 0);
    const key = learnt.map(Number).join('');
    const reading = readings.get(key) ?? { learns, trainers: [], tokens, learnt };
    reading.trainers.push({ trainer, setting, source });
    readings.set(key, reading);
  }
  return {
    row: row.line,
    tokenizer: tokenizer.name,
    estimated: tokenizer.estimated,
    template: rendered.template,
    tokens: rendered.pieces.reduce((sum, { tokens }) => sum + tokens, 0),
    pieces: rendered.pieces,
    readings: [...readings.values()],
  };
}

/** The same for people: what is learnt stands between ⟦ and ⟧. */
export function formatTraining(shown: ShownTraining, columns: number): Line[] {
  const about = shown.template
    ? 'as its chat template lays it out'
    : 'turn by turn: no chat template is at hand, 3 tokens are counted around each turn';
  return [
    ...prose(
      `Row ${shown.row}: ${shown.estimated ? 'about ' : ''}${shown.tokens.toLocaleString('en')} tokens by ${shown.tokenizer}, ${about}. What is learnt stands between ⟦ and ⟧.`,
      columns,
    ),
    ...shown.readings.flatMap((reading) => readingLines(reading, shown, columns)),
  ];
}

function readingLines({ trainers, tokens, learnt }: Reading, { pieces }: ShownTraining, columns: number): Line[] {
  const names = trainers.map(({ trainer, setting }) => `${trainer} (${setting})`).join(', ');
  const text = pieces
    .map((piece, index) => (learnt[index] ? `⟦${piece.text}⟧` : piece.text))
    .join('')
    .replaceAll('⟧⟦', '');
  let open = false;
  const lines = visibleText(text)
    .split('\n')
    .flatMap((line) => wrapWords(line, columns - 2))
    .map((line): Line => {
      const parts = line.split(/(?<=⟧)|(?=⟦)/);
      return [
        { text: '  ' },
        ...parts.map((part) => {
          if (part.startsWith('⟦')) open = true;
          const style = open ? ('green' as const) : ('gray' as const);
          if (part.endsWith('⟧')) open = false;
          return { text: part, style };
        }),
      ];
    });
  return [[], ...prose(`${tokens.toLocaleString('en')} tokens learnt by ${names}`, columns, 'bold'), ...lines];
}
